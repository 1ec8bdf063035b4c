import ArgumentParser

/// `sgxbench explain`
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what the bench knows.", subcommands: [ExplainCoverage.self, ExplainReview.self, ExplainIoctls.self])
}
