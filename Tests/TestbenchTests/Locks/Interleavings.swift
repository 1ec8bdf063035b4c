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

    init(of machine: Machine) {
      state = machine.logicalState
      queue = machine.driver.pool.queuedPages.map(\.rawValue)
      steps = machine.tasks.map(\.steps)
      restarts = machine.tasks.map(\.restarts)
      outcomes = machine.tasks.map(\.outcome)
      waits = machine.tasks.map(\.wait)
    }
  }

  private var seen: Set<Moment> = []
  /// Moments that were looked at, and those at which every call had ended.
  private(set) var moments = 0
  private(set) var ends = 0

  /// Calls `look` at every moment that some order reaches, and `atEnd` where all calls have ended or the run has.
  ///
  /// A call that is made again and again (an access that faults until the page is to be had) is followed through `restartsMax` of them: in
  /// the orders that never let the others on it would go on for ever. What is still to be looked at is a list and not calls inside calls: a machine is large, and a test's stack is small.
  mutating func explore(
    _ machine: Machine, restartsMax: UInt64 = 3, look: (Machine) -> Void = { _ in }, atEnd: (Machine) -> Void
  ) {
    var left = [machine]
    while let machine = left.popLast() {
      guard seen.insert(Moment(of: machine)).inserted else { continue }
      moments += 1
      look(machine)
      let runnable = machine.runnableTasks
      if runnable.isEmpty || machine.finding != nil {
        ends += 1
        atEnd(machine)
        continue
      }
      for task in runnable.reversed() where machine.tasks[task.place].restarts <= restartsMax {
        left.append(machine)
        left[left.count - 1].step(task)
      }
    }
  }
}

extension Driver {
  /// Has whoever runs hold an enclave's lock, which is free.
  mutating func take(_ enclave: EnclaveID) {
    do { try lock(enclave) } catch { Issue.record("encl->lock of enclave \(enclave.rawValue) is free") }
  }
}
