import SGXDriver
import Simulation
import Testbench

extension ScenarioContext {
  /// The test is over: looks at its machines once more and settles its status.
  func endTest() {
    if test?.status == .otherDriver { return }
    for box in machinesOfTest where box.machine.configuration.checks != .never && box.machine.finding == nil { box.machine.checkLaws() }
    collect()
    tellUntoldChecks()
    judgeFindings()
    judgeClaims()
    guard var result = test else { return }
    if options.isStrict, result.checks == 0, result.status == .passed {
      result.failures.append(
        TestFailure(file: result.file, line: result.line, message: "makes no check (--strict)", traceback: "", lastEvents: []))
    }
    if result.status == .passed, !result.failures.isEmpty { result.status = .failed }
    if machinesOfTest.contains(where: \.hasBrokenBench) || tellBrokenLaw(&result) { result.status = .benchBroken }
    result = judgeExpectedFailure(result)
    test = result
    if options.tellsStories { tellStories() }
  }

  private func collect() {
    test?.visits = machinesOfTest.reduce(0) { $0 + $1.machine.environment.visits }
    for box in machinesOfTest {
      // The options' injections are the first lines of each machine's plan.
      for (index, line) in box.machine.environment.plan.planned.prefix(struck.count).enumerated() { struck[index] += line.struck }
    }
    test?.isPinned = !machinesOfTest.isEmpty && machinesOfTest.allSatisfy(\.isPinned)
    if options.collectsEvidence { test?.observed = Observation.merged(machinesOfTest.map { Observation(of: $0.machine) }) }
    if options.keepsTrace {
      if let traces = keptTraces() { test?.traces = traces } else {
        fail(
          TestFailure(
            file: test?.file ?? "", line: test?.line ?? 0,
            message: "the trace of this test is left out: those of the tests before it have what --model-memory allows", traceback: "", lastEvents: []))
      }
    }
  }

  /// Findings that were not expected are failures; so are expected ones that did not come.
  private func judgeFindings() {
    var found: [String] = []
    for box in machinesOfTest {
      let driver = box.machine.driver.version.spelling
      for breach in box.machine.breaches {
        found.append(breach.invariant.rawValue)
        let owner = breach.invariant.kind == .bench ? "the bench broke its law" : "driver \(driver) broke the law"
        guard breach.invariant.kind == .bench || !expectedFindings.contains(breach.invariant.rawValue) else { continue }
        report("\(owner) '\(breach.invariant.rawValue)': \(breach.invariant.sentence) Found: \(breach.detail)", box)
      }
      if case .bench? = box.machine.finding {
        report("finding 'bench': \(box.machine.finding!.text)", box)
      } else if let finding = box.machine.finding {
        let name = FindingName.name(of: finding)
        found.append(name)
        if !expectedFindings.contains(name) { report("finding '\(name)' on driver \(driver): \(box.machine.text(of: finding))", box) }
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

  /// A law of the bench that was broken outside of any machine.
  private func tellBrokenLaw(_ result: inout TestResult) -> Bool {
    guard let law = BenchLaw.takeBroken() else { return false }
    result.failures.append(
      TestFailure(file: result.file, line: result.line, message: "finding 'bench': \(Finding.bench(law).text)", traceback: "", lastEvents: []))
    return true
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
    guard let (range, version) = expectedFailure else { return result }
    switch result.status {
    case .failed:
      result.status = .failedAsExpected
      result.reason = range.reason
      result.note = "fails on \(version): \(range.reason)"
    case .passed:
      result.status = .failed
      result.failures.append(
        TestFailure(
          file: result.file, line: result.line, message: "passed on \(version), where it says it fails: \(range.reason)",
          traceback: "", lastEvents: []))
    case .failedAsExpected, .pending, .otherDriver, .error, .benchBroken: break
    }
    return result
  }

  /// The range that says the test fails on one of its machines, and that machine's version.
  var expectedFailure: (range: DriverRange, version: String)? {
    for range in failsOn {
      if let box = machinesOfTest.first(where: { range.contains($0.machine.driver.version) }) {
        return (range, box.machine.driver.version.spelling)
      }
    }
    return nil
  }

  /// Ends the test before it begins where the run's driver is none of those it is meant for.
  func skipsOtherDriver() -> Bool {
    guard !onlyOn.isEmpty, !onlyOn.contains(where: { $0.contains(options.driver) }) else { return false }
    test?.status = .otherDriver
    test?.reason = onlyOn[0].reason
    test?.note = "not for \(options.driver.spelling): \(onlyOn[0].reason)"
    return true
  }
}

extension MachineBox {
  /// A law of the bench was broken, seen from inside or from outside.
  fileprivate var hasBrokenBench: Bool {
    if case .bench? = machine.finding { return true }
    return machine.breaches.contains { $0.invariant.kind == .bench }
  }
}
