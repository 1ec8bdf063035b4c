import Simulation
import Testing

@testable import LinuxKernel

/// What a process does with its signals (signal(7)).
@Suite("Pending signals") struct PendingSignalsTests {
  private let alarm = SignalNumber(name: "SIGALRM")!
  private let child = SignalNumber(name: "SIGCHLD")!

  private func expectNext(
    _ expected: SignalDelivery?, of signals: inout PendingSignals, at location: SourceLocation = #_sourceLocation
  ) {
    let delivery = signals.deliver()
    #expect(delivery == expected, sourceLocation: location)
  }

  @Test func anIgnoredSignalNeverBecomesPending() {
    var signals = PendingSignals()
    signals.setDisposition(.ignored, of: alarm)
    signals.send(alarm)
    signals.send(child)
    #expect(signals.pending == 0)
    #expect(!signals.interrupts)
  }

  @Test func aBlockedSignalWaitsAndInterruptsNothing() {
    var signals = PendingSignals()
    signals.setDisposition(.handler(restarts: true), of: alarm)
    signals.setBlocked(true, alarm)
    signals.send(alarm)
    #expect(signals.pending != 0)
    #expect(!signals.interrupts)
    expectNext(nil, of: &signals)
    signals.setBlocked(false, alarm)
    #expect(signals.interrupts)
    expectNext(.handler(alarm, restarts: true), of: &signals)
    expectNext(nil, of: &signals)
  }

  @Test func ignoringDropsWhatIsPending() {
    var signals = PendingSignals()
    signals.send(alarm)
    signals.setDisposition(.ignored, of: alarm)
    #expect(signals.pending == 0)
  }

  @Test func killAndStopCanBeNeitherCaughtNorBlocked() {
    var signals = PendingSignals()
    for signal in [SignalNumber.kill, .stop] {
      signals.setDisposition(.handler(restarts: true), of: signal)
      signals.setBlocked(true, signal)
      signals.send(signal)
    }
    expectNext(.terminate(.kill), of: &signals)
    expectNext(.nothing(.stop), of: &signals)
  }

  @Test func theLowestNumberIsDeliveredFirst() {
    var signals = PendingSignals()
    for number in [64, 1, 14] {
      signals.setDisposition(.handler(restarts: false), of: SignalNumber(number)!)
      signals.send(SignalNumber(number)!)
    }
    expectNext(.handler(SignalNumber(1)!, restarts: false), of: &signals)
    expectNext(.handler(alarm, restarts: false), of: &signals)
    expectNext(.handler(SignalNumber(64)!, restarts: false), of: &signals)
  }
}
