import LinuxKernel
import Testing

@testable import SGXDriver
@testable import Testbench

/// Every order in which the calls of a machine can take turns.
///
/// Orders that have come to the same moment go on alike, so each moment is looked at once: the logical state, the order of the reclaim
/// queue, what is waited for, and how far each call is. What a call keeps to itself follows from its steps and the state it met.
struct Interleavings {
  private struct Moment: Hashable {
    let state: LogicalState
    let queue: [UInt32]
    let steps: [UInt64]
    let restarts: [UInt64]
    let outcomes: [CallOutcome?]
    let waits: [LockWait?]
  }

  private var seen: Set<Moment> = []
  /// Moments that were looked at, and those at which every call had ended.
  private(set) var moments = 0
  private(set) var ends = 0

  /// Calls `look` at every moment that some order reaches, and `atEnd` where all calls have ended or the run has.
  mutating func explore(_ machine: Machine, look: (Machine) -> Void = { _ in }, atEnd: (Machine) -> Void) {
    let moment = Moment(
      state: machine.logicalState, queue: machine.driver.pool.queuedPages.map(\.rawValue), steps: machine.tasks.map(\.steps),
      restarts: machine.tasks.map(\.restarts), outcomes: machine.tasks.map(\.outcome), waits: machine.tasks.map(\.wait))
    guard seen.insert(moment).inserted else { return }
    moments += 1
    look(machine)
    let runnable = machine.runnableTasks
    guard !runnable.isEmpty, machine.finding == nil else {
      ends += 1
      return atEnd(machine)
    }
    for task in runnable {
      var next = machine
      next.step(task)
      explore(next, look: look, atEnd: atEnd)
    }
  }
}

extension Driver {
  /// Has whoever runs hold an enclave's lock, which is free.
  mutating func take(_ enclave: EnclaveID) {
    do { try lock(enclave) } catch { Issue.record("encl->lock of enclave \(enclave.rawValue) is free") }
  }
}
