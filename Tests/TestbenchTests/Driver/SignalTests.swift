import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Signals during ADD_PAGES, as user space sees them (linux-driver 2.0, 2.2.3; signal(7)).
@Suite("Signals") struct SignalTests {
  private static let alarm = SignalNumber(name: "SIGALRM")!

  /// A signal arrives at the n-th poll of a call of eight pages.
  private func add(
    _ bench: inout Bench, _ descriptor: FileDescriptor, signal: SignalNumber = alarm, poll: UInt64,
    change: (inout PendingSignals) -> Void = { _ in }
  ) -> Testbench.Task {
    bench.machine.withProcess(bench.process) { change(&$0.signals) }
    bench.machine.strike(.signal(signal), at: .signalPoll, nth: poll)
    return bench.machine.call(bench.addCall(descriptor, count: 8))
  }

  @Test func aHandlerWithoutRestartBeforeTheFirstPageIsEINTR() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let before = bench.machine.logicalState
    let task = add(&bench, descriptor, poll: 1) { $0.setDisposition(.handler(restarts: false), of: Self.alarm) }
    #expect(Answer(task) == .failed(.EINTR, pages: 0))
    #expect(task.restarts == 0)
    #expect(bench.machine.logicalState == before)
  }

  @Test func aHandlerWithRestartBeforeTheFirstPageIsNotSeen() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = add(&bench, descriptor, poll: 1) { $0.setDisposition(.handler(restarts: true), of: Self.alarm) }
    #expect(Answer(task) == .done(8))
    #expect(task.restarts == 1)
  }

  @Test(arguments: [true, false], [2, 5, 8] as [UInt64])
  func aHandlerBehindAPageEndsTheCallWithItsCount(_ restarts: Bool, _ poll: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = add(&bench, descriptor, poll: poll) { $0.setDisposition(.handler(restarts: restarts), of: Self.alarm) }
    #expect(Answer(task) == .done(poll - 1), "there is progress to tell, so nothing is restarted")
    #expect(task.restarts == 0)
    #expect(bench.enclaveObject(descriptor)?.slots.count == poll - 1)
    let rest = bench.add(descriptor, page: poll - 1, count: 9 - poll)
    #expect(rest == .done(9 - poll))
  }

  @Test(arguments: [1, 4] as [UInt64]) func anIgnoredSignalDoesNothing(_ poll: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = add(&bench, descriptor, poll: poll) { $0.setDisposition(.ignored, of: Self.alarm) }
    #expect(Answer(task) == .done(8))
    #expect(task.restarts == 0)
  }

  @Test(arguments: [1, 4] as [UInt64]) func aSignalIgnoredByDefaultDoesNothing(_ poll: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = add(&bench, descriptor, signal: SignalNumber(name: "SIGCHLD")!, poll: poll)
    #expect(Answer(task) == .done(8))
    #expect(task.restarts == 0)
  }

  @Test(arguments: [1, 4] as [UInt64]) func aBlockedSignalWaits(_ poll: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = add(&bench, descriptor, poll: poll) { $0.setBlocked(true, Self.alarm) }
    #expect(Answer(task) == .done(8))
    #expect(bench.machine.driver.processes[0].signals.pending != 0)
    bench.machine.withProcess(bench.process) { $0.signals.setBlocked(false, Self.alarm) }
    let next = bench.machine.call(bench.addCall(descriptor, page: 8))
    #expect(next.outcome == .killed(Self.alarm))
  }

  @Test(arguments: [1, 4, 8] as [UInt64]) func aFatalSignalEndsTheProcessAndAllItsEnclaves(_ poll: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let other = bench.enclave()
    let otherPages = bench.add(other, count: 3)
    #expect(otherPages == .done(3))
    let task = add(&bench, descriptor, poll: poll)
    #expect(task.outcome == .killed(Self.alarm))
    #expect(!bench.machine.driver.processes[0].isAlive)
    #expect(bench.freePages == 256, "all EPC is back")
    #expect(bench.machine.processor.validPageCount == 0)
    #expect(bench.machine.driver.openDescriptors(of: bench.process).isEmpty)
    let after = bench.add(descriptor)
    #expect(after == .failed(.EBADF, pages: nil))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func anotherProcessIsNotTouched() throws {
    var bench = Bench()
    let descriptor = bench.enclave()
    let neighbour = bench.machine.makeProcess()
    let theirs = try #require(bench.machine.open(in: neighbour).descriptor)
    let task = add(&bench, descriptor, signal: .kill, poll: 2)
    #expect(task.outcome == .killed(.kill))
    #expect(bench.machine.driver.processes[1].isAlive)
    #expect(bench.machine.driver.openDescriptors(of: neighbour) == [theirs])
  }

  @Test func aStopBeforeTheFirstPageGoesOnByItself() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = add(&bench, descriptor, signal: .stop, poll: 1)
    #expect(Answer(task) == .done(8))
    #expect(task.restarts == 1, "no handler ran, so the call is restarted")
  }

  @Test func aStopBehindAPageEndsTheCallWithItsCount() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = add(&bench, descriptor, signal: SignalNumber(name: "SIGTSTP")!, poll: 4)
    #expect(Answer(task) == .done(3))
  }

  @Test(arguments: [(true, 1), (false, 0)]) func ofTwoHandlersTheFirstDecides(_ restarts: Bool, _ expected: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let later = SignalNumber(name: "SIGTERM")!
    let task = add(&bench, descriptor, poll: 1) {
      $0.setDisposition(.handler(restarts: restarts), of: Self.alarm)
      $0.setDisposition(.handler(restarts: !restarts), of: later)
      $0.setBlocked(true, later)
      $0.send(later)
      $0.setBlocked(false, later)
    }
    #expect(task.restarts == expected)
    #expect(task.outcome == (restarts ? .success : .failure(.EINTR)))
  }

  @Test func aSignalAtEveryPollIsAFindingAndNoEndlessLoop() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: true), of: Self.alarm) }
    bench.machine.strike(.signal(Self.alarm), at: .signalPoll, times: nil)
    let task = bench.machine.call(bench.addCall(descriptor))
    #expect(task.outcome == .stopped(.endlessRestart))
  }

  /// The real driver would now restart with the same arguments and meet its own page (EBUSY); we stop where it reclaims.
  @Test func aSignalInsideTheAllocatorIsAskedForOnlyWhenThereIsSomethingToReclaim() {
    var bench = Bench(pages: 2)
    let descriptor = bench.enclave()
    let nothing = add(&bench, descriptor, poll: 2) { $0.setDisposition(.handler(restarts: false), of: Self.alarm) }
    #expect(Answer(nothing) == .failed(.ENOMEM, pages: 0), "an empty queue is ENOMEM before a signal is looked for")

    var full = Bench(pages: 5)
    let second = full.enclave()
    let signalled = add(&full, second, poll: 5) { $0.setDisposition(.handler(restarts: false), of: Self.alarm) }
    #expect(Answer(signalled) == .failed(.EINTR, pages: 3), "F2: an errno although pages were added")
    #expect(full.machine.finding == nil)
  }

  @Test func belowTheSignalLayerARestartIsAnAnswer() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.machine.strike(.signal(Self.alarm), at: .signalPoll)
    let task = bench.machine.callBelowSignals(bench.addCall(descriptor))
    #expect(task.outcome == .restart)
    #expect(task.call.count == 0)
  }
}
