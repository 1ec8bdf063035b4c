import Simulation
import Testbench

extension ScenarioContext {
  /// The test is over: looks at its machines once more and settles its status.
  func endTest() {
    for box in machinesOfTest where box.machine.configuration.checks != .never && box.machine.finding == nil { box.machine.checkLaws() }
    collect()
    judgeFindings()
    guard var result = test else { return }
    if result.status == .passed, !result.failures.isEmpty { result.status = .failed }
    if machinesOfTest.contains(where: { $0.machine.breaches.contains { $0.invariant.kind == .bench } }) { result.status = .benchBroken }
    result = judgeExpectedFailure(result)
    test = result
  }

  private func collect() {
    test?.visits = machinesOfTest.reduce(0) { $0 + $1.machine.environment.visits }
    for box in machinesOfTest {
      // The options' injections are the first lines of each machine's plan.
      for (index, line) in box.machine.environment.plan.planned.prefix(struck.count).enumerated() { struck[index] += line.struck }
    }
    if options.keepsTrace { test?.traces = machinesOfTest.map { $0.machine.environment.trace.events } }
  }

  /// Findings that were not expected are failures; so are expected ones that did not come.
  private func judgeFindings() {
    var found: [String] = []
    for box in machinesOfTest {
      let driver = box.machine.driver.version.name
      for breach in box.machine.breaches {
        found.append(breach.invariant.rawValue)
        let owner = breach.invariant.kind == .bench ? "the bench broke its law" : "driver \(driver) broke the law"
        guard breach.invariant.kind == .bench || !expectedFindings.contains(breach.invariant.rawValue) else { continue }
        report("\(owner) '\(breach.invariant.rawValue)': \(breach.invariant.sentence) Found: \(breach.detail)", box)
      }
      if let finding = box.machine.finding {
        let name = FindingName.name(of: finding)
        found.append(name)
        if !expectedFindings.contains(name) { report("finding '\(name)' on driver \(driver): \(finding.text)", box) }
      }
    }
    // A test that broke off has not had its chance.
    guard test?.status != .error else { return }
    for name in expectedFindings where !found.contains(name) {
      fail(
        TestFailure(
          file: test?.file ?? "", line: test?.line ?? 0, message: "expected finding '\(name)', and no machine of the test has it",
          traceback: "", lastEvents: lastEvents))
    }
  }

  private func report(_ message: String, _ box: MachineBox) {
    fail(
      TestFailure(
        file: test?.file ?? "", line: test?.line ?? 0, message: message, traceback: "",
        lastEvents: box.machine.environment.trace.suffix(8)))
  }

  /// `fails_on`: a failure on that version is what the test says; a pass there is a failure.
  private func judgeExpectedFailure(_ result: TestResult) -> TestResult {
    var result = result
    let versions = machinesOfTest.map(\.machine.driver.version.name)
    guard let expected = failsOn.first(where: { versions.contains($0.version) }) else { return result }
    switch result.status {
    case .failed:
      result.status = .failedAsExpected
      result.note = "fails on \(expected.version): \(expected.reason)"
    case .passed:
      result.status = .failed
      result.failures.append(
        TestFailure(
          file: result.file, line: result.line, message: "passed on \(expected.version), where it says it fails: \(expected.reason)",
          traceback: "", lastEvents: []))
    case .failedAsExpected, .pending, .error, .benchBroken: break
    }
    return result
  }
}
