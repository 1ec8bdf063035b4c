import Testing

@testable import BenchCommands
@testable import BenchReport
@testable import ScenarioLanguage

/// What the outcome of tests means for the process.
@Suite("Exit statuses") struct ExitStatusTests {
  // Swift Testing has one too.
  private typealias ExitStatus = BenchCommands.ExitStatus

  private func status(_ tests: [TestStatus], error: ScenarioError? = nil) -> ExitStatus {
    var file = FileResult(name: "a.lua")
    file.error = error
    file.tests = tests.map { status in
      var test = TestResult(DeclaredTest(index: 1, path: ["a test"], file: "a.lua", line: 1, tags: [], isPending: false))
      test.status = status
      return test
    }
    return FileReport(file, driver: "6.1.192", seed: 1, replay: "").exitStatus
  }

  @Test func eachOutcomeHasItsOwn() {
    #expect(status([]) == .passed)
    #expect(status([.passed, .failedAsExpected, .pending]) == .passed)
    #expect(status([.failed]) == .failed)
    #expect(status([.error]) == .badInput)
    #expect(status([.benchBroken]) == .benchBroken)
    #expect(status([], error: ScenarioError(text: "", traceback: "", isLimit: false)) == .badInput)
    #expect(status([], error: ScenarioError(text: "", traceback: "", isLimit: true)) == .failed)
  }

  @Test func theWorstWinsInAnyOrder() {
    #expect(status([.passed, .failed]) == .failed)
    #expect(status([.error, .failed]) == .badInput)
    #expect(status([.failed, .error]) == .badInput)
    #expect(status([.benchBroken, .error, .failed, .passed]) == .benchBroken)
    #expect(ExitStatus.benchBroken.or(.output) == .output)
    #expect(ExitStatus.output.or(.benchBroken) == .output)
  }

  /// 130/143, 74, 3, 124, 2, 1, 5, 4.
  @Test func theyWinInOneOrder() {
    let order: [ExitStatus] = [.passed, .allSkipped, .incomplete, .failed, .badInput, .timeout, .benchBroken, .output, .interrupted]
    for (place, weaker) in order.enumerated() {
      for stronger in order[place...] {
        #expect(weaker.or(stronger) == stronger)
        #expect(stronger.or(weaker) == stronger)
      }
    }
  }

  @Test func theNumbersAreThoseOfTheReference() {
    let statuses: [ExitStatus] = [.passed, .failed, .badInput, .benchBroken, .usage, .output]
    #expect(statuses.map(\.rawValue) == [0, 1, 2, 3, 64, 74])
  }
}
