/// A test in which the process ended before: Swift trapped, or memory was not there. Whoever runs the script again leaves it out.
package struct Breakdown: Sendable {
  /// Its place among the tests of its file, from 1.
  package let test: Int
  /// The signal that ended the process, as `SIGILL`.
  package let signal: String

  package init(test: Int, signal: String) {
    self.test = test
    self.signal = signal
  }

  /// Breakdowns in one script after which the rest of it is not tried any more: each costs the whole run once more.
  package static let max = 16
}

extension ScenarioContext {
  /// The test is over before it began: what it found is lost with the process that ran it.
  func tellBreakdown(_ breakdown: Breakdown) {
    guard let test else { return }
    fail(
      TestFailure(
        file: test.file, line: test.line,
        message: "finding 'trap': the bench itself broke down in this test (\(breakdown.signal)), and what the test had found is lost",
        traceback: "", lastEvents: []))
    self.test?.status = .benchBroken
  }
}
