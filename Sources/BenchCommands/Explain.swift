import ArgumentParser
import BenchReport

/// `sgxbench explain TOPIC`
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints a table that the bench works by.",
    subcommands: [
      ExplainAPI.self, ExplainDrivers.self, ExplainFaults.self, ExplainIoctls.self, ExplainLaws.self, ExplainResults.self, ExplainSites.self,
      ExplainStates.self, ExplainSteps.self, ExplainCoverage.self, ExplainReview.self,
    ])
}
