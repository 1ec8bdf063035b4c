import ArgumentParser
import BenchReport

/// `sgxbench explain TOPIC`
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints a table that the bench works by.",
    subcommands: [
      ExplainDrivers.self, ExplainStates.self, ExplainIoctls.self, ExplainCoverage.self, ExplainReview.self,
    ])
}
