import LinuxKernel
import Simulation

/// Follows a list, and behind its end another chooser. An entry that cannot be followed stops the run, and `refusal` says why.
public struct ListChooser<Next: Chooser>: Chooser {
  public let entries: [ScheduleEntry]
  /// Chooses behind the end of the list.
  public private(set) var next: Next
  public private(set) var refusal: ScheduleRefusal?
  /// The entry that is followed.
  private var position = 0
  /// What its point had been reached when it began; nil before its first step.
  private var reachedBefore: UInt64?
  private var callsEnded: UInt64 = 0
  private var restarts: UInt64 = 0
  private var hasBegun = false

  public init(_ entries: [ScheduleEntry], then next: Next) {
    self.entries = entries
    self.next = next
  }

  public mutating func choose(at point: ChoicePoint, on machine: borrowing Machine) -> Choice {
    guard position < entries.count else { return next.choose(at: point, on: machine) }
    let entry = entries[position]
    guard let index = point.index(of: entry.task) else {
      refuse(entry, point.blocked.first { $0.task == entry.task })
      return .stop
    }
    if reachedBefore == nil, case .site(let sites, _)? = entry.until { reachedBefore = machine.environment.visits(of: sites) }
    hasBegun = true
    return .candidate(index)
  }

  public mutating func note(_ report: StepReport, on machine: borrowing Machine) {
    guard position < entries.count else { return next.note(report, on: machine) }
    let entry = entries[position]
    if report.ended.contains(entry.task) { callsEnded += 1 }
    if report.isRestart { restarts += 1 }
    switch entry.until {
    case nil: break
    case .callEnd(let nth)?: guard callsEnded >= nth else { return }
    case .restart(let nth)?: guard restarts >= nth else { return }
    case .site(let sites, let nth)?:
      guard machine.environment.visits(of: sites) - (reachedBefore ?? 0) >= nth else { return }
    }
    position += 1
    (reachedBefore, callsEnded, restarts, hasBegun) = (nil, 0, 0, false)
  }

  /// The run has ended with entries left over; nil where all were followed.
  public mutating func finish() -> ScheduleRefusal? {
    if refusal == nil, position < entries.count { refuse(entries[position], nil) }
    return refusal
  }

  private mutating func refuse(_ entry: ScheduleEntry, _ blocked: BlockedTask?) {
    let reason: ScheduleRefusal.Reason =
      if let blocked { .waits(blocked) } else if hasBegun, let until = entry.until { .endedBefore(until) } else { .hasNoCall }
    refusal = ScheduleRefusal(entry: position + 1, task: entry.task, reason: reason)
  }
}

extension ListChooser: Sendable where Next: Sendable {}
