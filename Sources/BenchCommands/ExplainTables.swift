import ArgumentParser
import BenchReport

/// `sgxbench explain drivers`
struct ExplainDrivers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drivers", abstract: "Driver versions, and what each of them does.")

  @Flag(help: "Prints JSON.")
  var json = false

  mutating func run() throws { try write(json ? DriverTable.json : DriverTable.text) }
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

/// Writes a page to standard output.
private func write(_ text: String) throws {
  var output = Output(descriptor: 1)
  output.write(text)
  output.complain()
  if output.error != 0 { throw ExitCode(ExitStatus.output.rawValue) }
}
