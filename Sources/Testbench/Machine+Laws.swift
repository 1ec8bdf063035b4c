import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

extension Machine {
  /// Checks everything now, and keeps what is new. Called by itself after calls, and by the runner at the end of a test.
  public mutating func checkLaws(atRest: Bool = true) {
    if finding == nil, let law = BenchLaw.takeBroken() { finding = .bench(law) }
    // A run that a finding has ended stands in the middle of a call for ever.
    let inFlight = !atRest || finding != nil || hasUnfinishedTasks
    for breach in InvariantChecker.breaches(of: self, hasCallsInFlight: inFlight) { report(breach) }
  }

  /// Adds a breach; each law is reported once, at its first breach.
  mutating func report(_ breach: Breach) {
    if !breaches.contains(where: { $0.invariant == breach.invariant }) { breaches.append(breach) }
  }

  /// Pages up to which every law is checked after every call; above, after every 64th.
  private static let pagesAlwaysChecked: UInt32 = 4096

  /// The laws after a call, those about the call itself included.
  mutating func checkLaws(after id: TaskID) {
    let task = tasks[id.place]
    lawChecks += 1
    let isSmall = driver.pool.touchedCount <= Self.pagesAlwaysChecked
    if isSmall || lawChecks % 64 == 0 { checkLaws() }
    let held = driver.kernel.tasks.heldLocks(of: id).map(\.text)
    if !held.isEmpty { report(Breach(invariant: .locksReleased, detail: "\(task.call.name.text) returned with \(held.joined(separator: ", "))")) }
    checkAddCount(task)
    if let before = task.before { checkAgainst(before, task, comparesState: isSmall) }
    tasks[id.place].before = nil
  }

  /// The `add-count` law.
  private mutating func checkAddCount(_ task: Task) {
    guard case .addPages(let call) = task.call, let count = call.count, !call.destroyed,
      let enclave = driver.enclaveID(of: call.descriptor, in: call.process)
    else { return }
    let first = call.request.enclaveOffset.pageIndex
    let pages = count.rawValue / pageSize
    let slots = driver[enclave].slots
    if pages > 0, slots[first] == nil || slots[first + pages - 1] == nil {
      report(Breach(invariant: .addCount, detail: "count \(count.rawValue), but a page of it is missing"))
    }
    let wasThere = task.hadCompany || task.before?.hasSlot(first &+ pages, enclave) ?? true
    if count < call.request.length, !wasThere, slots[first &+ pages] != nil {
      report(Breach(invariant: .addCount, detail: "the page behind count \(count.rawValue) is there"))
    }
  }

  private mutating func checkAgainst(_ before: MachineBefore, _ task: Task, comparesState: Bool) {
    for (old, new) in zip(before.driver.enclaves, driver.enclaves) {
      guard let old, let new, old.created == new.created else { continue }
      if old.state == .initialized && new.state != .initialized || old.state == .created && new.state == .empty {
        report(Breach(invariant: .flagsRise, detail: "\(old.state) became \(new.state)"))
      }
    }
    guard comparesState, !task.hadCompany, task.isRefusal, !RefusalException.applies(to: task, before: before, after: self) else {
      return
    }
    let differences = logicalState.differences(from: LogicalState(processor: before.processor, driver: before.driver))
    if !differences.isEmpty {
      report(Breach(invariant: .refusedUnchanged, detail: "\(task.call.name.text) changed \(differences.joined(separator: ", "))"))
    }
  }
}

extension MachineBefore {
  fileprivate func hasSlot(_ index: UInt64, _ enclave: EnclaveID) -> Bool { driver[enclave].slots[index] != nil }
}

extension Task {
  /// It failed and says that nothing was done.
  var isRefusal: Bool {
    switch outcome {
    case .failure, .leafResult: return call.count ?? 0 == 0
    case .success, .uninitialised, .killed, .stopped, .restart, nil: return false
    }
  }
}

/// Refusals that do change logical state; each is a row of `Docs/Invariants.md`.
public enum RefusalException: String, CaseIterable, Sendable {
  /// EADD was measured before EEXTEND failed: a measurement cannot be rolled back.
  case measuredBeforeFailure = "measured-before-failure"
  /// The pages were added, but `count` could not be written back.
  case countNotDelivered = "count-not-delivered"
  /// EREMOVE failed while the call was undone: the page is leaked, with a warning.
  case leakedWhileUndoing = "leaked-while-undoing"
  /// Pages were evicted during the call, by itself or by ksgxd.
  case evictedMeanwhile = "evicted-meanwhile"
  /// EIO destroyed the enclave (v39).
  case destroyed
  /// The EPC was lost during the call.
  case powerLost = "power-lost"

  /// The row of the page, in one sentence.
  public var sentence: String {
    switch self {
    case .measuredBeforeFailure: "ADD_PAGES says EIO because EEXTEND failed, or EFAULT in its place: what was measured before stays measured."
    case .countNotDelivered: "ADD_PAGES says EFAULT because `count` could not be written back: the pages were added all the same."
    case .leakedWhileUndoing: "EREMOVE failed while a call was undone: the page is leaked, and a warning says so."
    case .evictedMeanwhile: "Pages were evicted to make room, by the call itself or by ksgxd, before the call failed for another reason."
    case .destroyed: "In v39, EIO of ADD_PAGES or a fault of EINIT destroys the enclave: its pages are freed and it is dead."
    case .powerLost: "The EPC was lost in the middle of the call."
    }
  }

  static func applies(to task: Task, before: MachineBefore, after machine: Machine) -> Bool {
    allCases.contains { $0.applies(to: task, before: before, after: machine) }
  }

  func applies(to task: Task, before: MachineBefore, after machine: Machine) -> Bool {
    switch self {
    case .measuredBeforeFailure:
      guard case .addPages(let call) = task.call else { return false }
      return call.failedToExtend
    case .countNotDelivered:
      guard case .addPages(let call) = task.call else { return false }
      return call.count == nil && call.done > 0
    case .leakedWhileUndoing:
      return machine.driver.pool.leakedCount > before.driver.pool.leakedCount
    case .evictedMeanwhile:
      return machine.driver.evictions > before.driver.evictions
    case .destroyed:
      return zip(before.driver.enclaves, machine.driver.enclaves).contains { $0?.state != .dead && $1?.state == .dead }
    case .powerLost:
      return machine.processor.powerCycles > before.processor.powerCycles
    }
  }
}
