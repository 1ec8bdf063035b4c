import LinuxKernel
import SGXDriver
import Simulation

/// A call that has ended: what was asked, what the kernel side answered, what user space saw. A restarted call is two records.
public struct CallRecord: Sendable {
  /// The call with everything it has to say.
  public let operation: Operation
  /// What user space saw; nil where the call was made again instead.
  public let outcome: CallOutcome?
  /// The enclave's state before it; nil where there was none.
  public let stateBefore: EnclaveState?
  /// Its events, as numbers of the trace; those of other tasks in between are among them.
  public let events: Range<UInt64>

  /// Below the signal layer: a negative errno, 0, -512 for a restart.
  public var result: Int32 { operation.result!.returnValue }
}

/// What is noted when a call begins.
struct CallBeginning: Sendable {
  var event: UInt64
  var state: EnclaveState?

  init(_ operation: Operation, _ machine: Machine) {
    event = machine.environment.trace.count
    state = machine.state(of: operation)
  }
}

extension Machine {
  /// Keeps a finished call; one that is made again begins anew here.
  mutating func keepRecord(of operation: Operation, _ id: TaskID) {
    let count = environment.trace.count
    let beginning = tasks[id.place].beginning
    let record = CallRecord(
      operation: operation, outcome: tasks[id.place].outcome, stateBefore: beginning?.state,
      events: (beginning?.event ?? count)..<count)
    if let kept = calls?.count, kept / 2 >= configuration.recordsMax {
      // Half of them at once: one at a time would move all the others each time.
      calls?.removeFirst(kept / 2)
      callsForgotten += UInt64(kept / 2)
    }
    calls?.append(record)
    if tasks[id.place].outcome == nil { tasks[id.place].beginning = CallBeginning(operation, self) }
  }

  /// State of the enclave that a call is about; nil where its descriptor leads to none.
  fileprivate func state(of operation: Operation) -> EnclaveState? {
    guard let descriptor = operation.subject else { return nil }
    return driver.enclaveID(of: descriptor, in: operation.process).map { driver[$0].state }
  }
}
