import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// EINIT stopped by an event it must not mask: 50 rounds of 20 tries, with sleeps that a signal ends (I7 to I9).
@Suite("INIT that has to try again") struct InitRetryTests {
  private func loaded(events: UInt64?, driver: DriverVersion = .v6_1_192) -> (Bench, FileDescriptor) {
    var bench = Bench(driver: driver)
    let enclave = bench.loaded()
    if events != 0 { bench.machine.strike(.leafError(.SGX_UNMASKED_EVENT), at: .leaf(.EINIT), times: events) }
    return (bench, enclave)
  }

  @Test(arguments: [0, 1, 19, 20, 21, 39, 40, 500, 999] as [UInt64]) func eachTwentyEventsAreASleep(_ events: UInt64) {
    var (bench, enclave) = loaded(events: events)
    let task = bench.machine.call(bench.initCall(enclave))
    #expect(task.outcome == .success)
    #expect(task.call.sleeps == UInt32(events / 20))
    #expect(bench.machine.environment.visits(of: .leaf(.EINIT)) == events + 1)
    #expect(bench.machine.environment.visits(of: .signalPoll) == 1 + events / 20)     // one of ADD_PAGES
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test(arguments: [1000, nil] as [UInt64?]) func aThousandEventsAreEPERMAfterAFiftiethSleep(_ events: UInt64?) {
    var (bench, enclave) = loaded(events: events)
    let task = bench.machine.call(bench.initCall(enclave))
    #expect(task.outcome == .failure(.EPERM))
    #expect(task.call.sleeps == 50)
    #expect(bench.machine.environment.visits(of: .leaf(.EINIT)) == 1000)
    #expect(bench.warnings.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
    bench.machine.cancelInjections()
    let again = bench.initialize(enclave)
    #expect(again == .success)
  }

  @Test func aSleepIsInTheTrace() {
    var (bench, enclave) = loaded(events: 40)
    let outcome = bench.initialize(enclave)
    #expect(outcome == .success)
    #expect(bench.machine.environment.trace.events.count { $0 == .slept(milliseconds: 20) } == 2)
    #expect(Event.slept(milliseconds: 20).text == "sleeps for 20 ms")
  }

  /// The signal is found after the n-th sleep, the fiftieth too.
  @Test(arguments: [1, 3, 50] as [UInt64]) func aSignalEndsTheSleepAndTheCall(_ sleep: UInt64) {
    var (bench, enclave) = loaded(events: nil)
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: false), of: SignalNumber(14)!) }
    bench.machine.strike(.signal(SignalNumber(14)!), at: .signalPoll, nth: sleep)
    let task = bench.machine.call(bench.initCall(enclave))
    #expect(task.outcome == .failure(.EINTR))
    #expect(task.call.sleeps == UInt32(sleep))
    #expect(bench.machine.environment.visits(of: .leaf(.EINIT)) == 20 * sleep)
    #expect(bench.state(enclave) == .created)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aSignalDuringTheSleepIsFoundAfterIt() {
    var (bench, enclave) = loaded(events: nil)
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: false), of: SignalNumber(14)!) }
    // One step to enter, twenty tries; the step after them is the sleep.
    bench.machine.strike(.signal(SignalNumber(14)!), at: .preemption, nth: 22)
    let task = bench.machine.call(bench.initCall(enclave))
    #expect(task.outcome == .failure(.EINTR))
    #expect(task.call.sleeps == 1)
  }

  @Test func withoutASleepNobodyAsksForSignals() {
    var (bench, enclave) = loaded(events: 19)
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: false), of: SignalNumber(14)!) }
    bench.machine.strike(.signal(SignalNumber(14)!), at: .preemption)
    let task = bench.machine.call(bench.initCall(enclave))
    #expect(task.outcome == .success)
    #expect(bench.machine.environment.visits(of: .signalPoll) == 1)     // that of ADD_PAGES
  }

  @Test func aRestartBeginsAtTheBeginning() {
    var (bench, enclave) = loaded(events: 25)
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: true), of: SignalNumber(14)!) }
    bench.machine.strike(.signal(SignalNumber(14)!), at: .signalPoll)
    let task = bench.machine.call(bench.initCall(enclave))
    #expect(task.outcome == .success)
    #expect(task.restarts == 1)
    // Twenty tries before the signal, then five events and one that is none: no sleep.
    #expect(task.call.sleeps == 0)
    #expect(bench.machine.environment.visits(of: .leaf(.EINIT)) == 26)
    #expect(bench.machine.environment.visits(of: .allocation(.sigstructBuffer)) == 2)
  }

  @Test func aFatalSignalInTheSleepReleasesEverything() {
    var (bench, enclave) = loaded(events: nil)
    bench.machine.strike(.signal(.kill), at: .signalPoll, nth: 2)
    let outcome = bench.initialize(enclave)
    #expect(outcome == .killed(.kill))
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func duringTheSleepTheEnclaveIsBusyForEveryOther() {
    var (bench, enclave) = loaded(events: 20)
    let device = bench.provisionDevice()
    let sleeper = bench.machine.begin(bench.initCall(enclave))
    while !bench.machine.environment.trace.events.contains(.slept(milliseconds: 20)) { bench.machine.step(sleeper) }
    for other in [
      bench.initCall(enclave), bench.provisionCall(enclave, fd: device), bench.addCall(enclave, page: 1), bench.createCall(enclave),
      bench.ioctlCall(enclave),
    ] {
      let outcome = bench.machine.call(other).outcome
      #expect(outcome == .failure(.EBUSY), "\(other.name)")
    }
    // The device itself is not: it has no ioctl, and another enclave is no concern of the sleeper's.
    let onDevice = bench.machine.call(bench.ioctlCall(device)).outcome
    #expect(onDevice == .failure(.ENOTTY))
    while !bench.machine.isFinished(sleeper) { bench.machine.step(sleeper) }
    #expect(bench.machine.take(sleeper).outcome == .success)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aCloseDuringTheSleepWaitsForTheCall() {
    var (bench, enclave) = loaded(events: 20)
    let sleeper = bench.machine.begin(bench.initCall(enclave))
    while !bench.machine.environment.trace.events.contains(.slept(milliseconds: 20)) { bench.machine.step(sleeper) }
    let closed = bench.close(enclave)
    #expect(closed == .success)
    #expect(bench.freePages == 253)
    while !bench.machine.isFinished(sleeper) { bench.machine.step(sleeper) }
    #expect(bench.machine.take(sleeper).outcome == .success)
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func powerLostInTheSleepIsEIO() {
    var (bench, enclave) = loaded(events: 20)
    bench.machine.strike(.powerCycle(.s3), at: .preemption, nth: 22)
    let task = bench.machine.call(bench.initCall(enclave))
    #expect(task.outcome == .failure(.EIO))
    #expect(task.call.sleeps == 1)
    #expect(bench.warnings.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
  }
}
