import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Refusals that do change state: each row is needed, and applies to its own case alone.
@Suite("Refusals that change state") struct RefusalExceptionTests {
  /// The shortest story in which a refusal of this kind changes state.
  private func story(_ exception: RefusalException) -> (bench: Bench, call: Testbench.Operation) {
    // The reviewed driver keeps its counters, so that nothing but the exception's own change is seen.
    var version = DriverVersion.reviewed
    version.addFailureDestroys = exception == .destroyed
    var bench = Bench(driver: version)
    let descriptor = bench.enclave()
    let loaded = bench.add(descriptor, page: 9)
    #expect(loaded == .done(1))
    var call = bench.addCall(descriptor, count: 2)
    switch exception {
    case .measuredBeforeFailure:
      bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND), nth: 3)
    case .countNotDelivered:
      call = bench.addCall(descriptor, count: 2) { $0.argument = .readOnly }
    case .leakedWhileUndoing:
      bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD))
      bench.machine.strike(.leafError(.SGX_ENCLAVE_ACT), at: .leaf(.EREMOVE))
    case .destroyed:
      bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD))
    case .evictedMeanwhile:
      bench.machine.strike(.noMemory, at: .allocation(.physPage))
      bench.machine.strike(.badAddress, at: .userCopy(.pin))
    case .powerLost:
      bench.machine.strike(.powerCycle(.s3), at: .leaf(.EADD))
    }
    return (bench, call)
  }

  @Test(arguments: RefusalException.allCases) func withoutItsRowTheRefusalWouldBeABreach(_ exception: RefusalException) {
    var (bench, call) = story(exception)
    let before = MachineBefore(bench.machine)
    let task = bench.machine.call(call)
    #expect(task.isRefusal)
    let differences = bench.machine.logicalState.differences(from: LogicalState(processor: before.processor, driver: before.driver))
    #expect(!differences.isEmpty, "state changed, so only the row excuses it")
    let applying = RefusalException.allCases.filter { $0.applies(to: task, before: before, after: bench.machine) }
    #expect(applying == [exception])
    #expect(!bench.brokenLaws.contains(.refusedUnchanged))
    #expect(bench.machine.breaches.allSatisfy { $0.invariant.kind == .driver })
  }

  /// What changed is what the row says, and no more.
  @Test(arguments: [
    (RefusalException.measuredBeforeFailure, ["measurement"]),
    (.countNotDelivered, ["EPCM", "measurement", "enclave counters", "slots", "free pages", "reclaim queue"]),
    (.leakedWhileUndoing, ["free pages", "leaked pages"]),
  ])
  func theChangeIsTheOneTheRowNames(_ exception: RefusalException, _ parts: [String]) {
    var (bench, call) = story(exception)
    let before = bench.machine.logicalState
    _ = bench.machine.call(call)
    #expect(bench.machine.logicalState.differences(from: before) == parts)
  }

  @Test func aFailedEEXTENDStaysMeasuredWhateverErrnoHidesIt() {
    var bench = Bench(driver: .reviewed)
    let descriptor = bench.enclave()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND))
    let masked = bench.add(descriptor) { $0.argument = .readOnly }
    #expect(masked == .failed(.EFAULT, pages: nil))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func noRowAppliesToAnOrdinaryRefusal() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let calls = [
      bench.addCall(descriptor, count: 0), bench.createCall(descriptor), bench.ioctlCall(descriptor),
      bench.addCall(descriptor) { $0.source = UserAddress(0x4000_0000) },
    ]
    for call in calls {
      let before = MachineBefore(bench.machine)
      let task = bench.machine.call(call)
      #expect(task.isRefusal)
      #expect(!RefusalException.applies(to: task, before: before, after: bench.machine))
    }
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aRefusedCallOnADirtiedMachineIsStillBlamed() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND))
    let failed = bench.add(descriptor)
    #expect(failed == .failed(.EIO, pages: 0))
    let before = MachineBefore(bench.machine)
    let refused = bench.machine.call(bench.addCall(descriptor, count: 0))
    #expect(!RefusalException.applies(to: refused, before: before, after: bench.machine), "a row is about one call, not about the past")
  }

  @Test func aCallWithProgressIsNoRefusal() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD), nth: 2)
    let task = bench.machine.call(bench.addCall(descriptor, count: 3))
    #expect(Answer(task) == .failed(.EIO, pages: 1))
    #expect(!task.isRefusal)
    #expect(bench.brokenLaws.isEmpty)
  }
}
