import ArgumentParser
import BenchReport

/// `sgxbench explain TOPIC`
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints a table that the bench works by.",
    discussion: ExplainTopic.allCases.map { "\($0.rawValue): \($0.about)" }.joined(separator: "\n"))

  @Argument(help: ArgumentHelp("What to explain.", valueName: "topic"))
  var topic: ExplainTopic

  @Flag(help: "Prints JSON.")
  var json = false

  mutating func run() throws {
    var output = Output(descriptor: 1)
    output.write(json ? topic.json : topic.text)
    output.complain()
    throw ExitCode((output.error == 0 ? ExitStatus.passed : .output).rawValue)
  }
}

/// A table that can be asked for. A new one is a case here, with its text and its JSON.
enum ExplainTopic: String, CaseIterable, ExpressibleByArgument {
  case drivers

  /// In a few words, for the help.
  var about: String {
    switch self {
    case .drivers: "driver versions and what each of them does"
    }
  }

  var text: String {
    switch self {
    case .drivers: DriverTable.text
    }
  }

  var json: String {
    switch self {
    case .drivers: DriverTable.json
    }
  }
}
