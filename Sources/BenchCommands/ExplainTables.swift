import ArgumentParser
import BenchReport

/// `sgxbench explain drivers`
struct ExplainDrivers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drivers", abstract: "Driver versions, and what each of them does.")

  @Flag(help: "Prints JSON.")
  var json = false

  @Flag(help: ArgumentHelp("Prints the tables of Docs/DriverVersions.md.", visibility: .hidden))
  var markdown = false

  mutating func run() throws { try write(json ? DriverTable.json : markdown ? DriverTable.markdown : DriverTable.text) }
}

/// `sgxbench explain states`
struct ExplainStates: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "states", abstract: "The state machines of enclaves, slots and pages: what each event does in each state.")

  mutating func run() throws { try write(StatesPage.text) }
}

/// `sgxbench explain ioctls`
struct ExplainIoctls: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ioctls", abstract: "The answer of every ioctl in every state of an enclave, on every driver, found by asking the model.")

  mutating func run() throws { try write(IoctlPage.text) }
}

/// `sgxbench explain api [NAME]`
struct ExplainAPI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "api", abstract: "Functions and properties of scenarios: what they take, defaults and ranges, what comes back.",
    discussion: "Without a name the page Functions.md; with one that function or property, or everything of a kind of handle.")

  @Argument(help: ArgumentHelp("enclave:create, machine.epc, process", valueName: "name"))
  var name: String?

  mutating func run() throws {
    guard let name else { return try write(APIPage.text()) }
    guard let text = APIPage.text(of: name) else {
      throw failure("scenarios have no \(shown(name))\(APIPage.suggestion(for: name))", .usage)
    }
    try write(text)
  }
}

/// `sgxbench explain results`
struct ExplainResults: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "results", abstract: "Tables that come back from calls, with their fields.")

  mutating func run() throws { try write(ResultsPage.text) }
}

/// `sgxbench explain sites`
struct ExplainSites: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sites", abstract: "Where injections can strike: every site, and which faults strike there.")

  mutating func run() throws { try write(SitesPage.text) }
}

/// `sgxbench explain faults`
struct ExplainFaults: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faults", abstract: "What can be injected: every fault, how it is written, and where it can strike.")

  mutating func run() throws { try write(FaultsPage.text) }
}

/// `sgxbench explain laws`
struct ExplainLaws: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "laws", abstract: "The laws that are checked, and whose bug a breach is.")

  mutating func run() throws { try write(LawsPage.text) }
}

/// `sgxbench explain steps`
struct ExplainSteps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steps", abstract: "The steps of every call: what each does, which locks it takes, and what is held at its beginning.")

  mutating func run() throws { try write(StepsPage.text) }
}

/// Writes a page to standard output.
private func write(_ text: String) throws {
  var output = Output(descriptor: 1)
  output.write(text)
  output.complain()
  if output.error != 0 { throw ExitCode(ExitStatus.output.rawValue) }
}
