import BenchReport
import CSGXBench
import LuaHost
import ScenarioLanguage

/// What a `sgxbench_result` is. Every text is made at once, so that several threads can read it.
final class RunOutcome: Sendable {
  struct Failure: Sendable {
    let message: CText
    let file: CText
    let line: Int64
  }

  struct Test: Sendable {
    let name: CText
    let outcome: sgxbench_outcome
    let checks: UInt64
    let output: CText
    let failures: [Failure]
  }

  let report: RunReport
  let outcome: sgxbench_outcome
  let error: CText?
  let stopped: CText?
  let tests: [Test]

  init(_ result: FileResult, _ options: RunOptions, _ faults: [String]) {
    // Nothing repeats a scenario that was in a program's memory.
    var file = FileReport(result, driver: options.driver.label, seed: options.seed, replay: "")
    for index in file.tests.indices { file.tests[index].replay = nil }
    var report = RunReport(drivers: [options.driver.label], seeds: [options.seed])
    report.files = [file]
    report.injections = faults
    report.arguments = options.arguments.map { .init(name: $0.name, value: $0.value) }
    report.stopped = result.stopped
    report.complete = result.stopped == nil
    self.report = report
    error = result.error.map { CText($0.text) }
    stopped = result.stopped.map { CText($0) }
    tests = result.tests.map(Test.init)
    outcome = Self.worst(result)
  }

  /// As the statuses of the command go before one another.
  private static func worst(_ result: FileResult) -> sgxbench_outcome {
    let outcomes = result.tests.map { sgxbench_outcome($0.status) }
    if outcomes.contains(SGXBENCH_BROKEN) || result.error?.isBench == true { return SGXBENCH_BROKEN }
    if outcomes.contains(SGXBENCH_ERROR) || result.error?.isLimit == false { return SGXBENCH_ERROR }
    if outcomes.contains(SGXBENCH_FAILED) || result.error != nil { return SGXBENCH_FAILED }
    return result.stopped == nil ? SGXBENCH_PASSED : SGXBENCH_STOPPED
  }

  func test(_ index: Int) -> Test? { tests.indices.contains(index) ? tests[index] : nil }

  func failure(_ test: Int, _ index: Int) -> Failure? {
    guard let failures = self.test(test)?.failures, failures.indices.contains(index) else { return nil }
    return failures[index]
  }
}

extension RunOutcome.Test {
  init(_ test: TestResult) {
    name = CText(test.path.joined(separator: " / "))
    outcome = sgxbench_outcome(test.status)
    checks = test.checks
    output = CText(test.output)
    failures = test.failures.map {
      .init(message: CText($0.message), file: CText(escapeForDisplay(Array($0.file.utf8))), line: Int64($0.line))
    }
  }
}

extension sgxbench_outcome {
  init(_ status: TestStatus) {
    switch status {
    case .passed: self = SGXBENCH_PASSED
    case .failed: self = SGXBENCH_FAILED
    case .error: self = SGXBENCH_ERROR
    case .benchBroken: self = SGXBENCH_BROKEN
    case .failedAsExpected: self = SGXBENCH_FAILED_AS_EXPECTED
    case .pending: self = SGXBENCH_PENDING
    case .otherDriver: self = SGXBENCH_OTHER_DRIVER
    }
  }
}
