/// A test in which the process ended before: Swift trapped, or memory was not there. Whoever runs the script again leaves it out.
package struct Breakdown: Sendable {
  /// Its place among the tests of its file, from 1.
  package let test: Int
  package let cause: Cause

  package enum Cause: Sendable {
    /// The one that ended the process, as `SIGILL`: a mistake of the bench.
    case signal(String)
    /// The system gave no memory, where nobody could say so.
    case noMemory
  }

  package init(test: Int, cause: Cause) {
    self.test = test
    self.cause = cause
  }

  /// Breakdowns in one script after which the rest of it is not tried any more: each costs the whole run once more.
  package static let max = 16
}

extension ScenarioContext {
  /// The test is over before it began: what it found is lost with the process that ran it.
  func tellBreakdown(_ breakdown: Breakdown) {
    guard let test else { return }
    let message =
      switch breakdown.cause {
      case .signal(let signal): "finding 'trap': the bench itself broke down in this test (\(signal)), and what the test had found is lost"
      case .noMemory: "the system gives the bench no more memory, and what the test had found is lost"
      }
    fail(TestFailure(file: test.file, line: test.line, message: message, traceback: "", lastEvents: []))
    switch breakdown.cause {
    case .signal: self.test?.status = .benchBroken
    case .noMemory: self.test?.status = .failed
    }
  }
}
