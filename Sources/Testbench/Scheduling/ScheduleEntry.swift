import LinuxKernel
import Simulation

/// One line of a schedule: a task makes one step, or goes on to a point that has a name.
public struct ScheduleEntry: Hashable, Sendable {
  public let task: TaskName
  /// nil: one step.
  public let until: SchedulePoint?

  public init(_ task: TaskName, until: SchedulePoint? = nil) {
    self.task = task
    self.until = until
  }
}

/// A point that a task reaches, counted from the entry's beginning. The entry ends with the step that reaches it, so that it means the
/// same when steps become finer.
public enum SchedulePoint: Hashable, Sendable {
  /// The `nth` visit of a site, or of any of a family.
  case site(SiteSet, nth: UInt64)
  /// The end of its `nth` call.
  case callEnd(nth: UInt64)
  /// The `nth` time that its call is made again, for a signal or because its access faults once more.
  case restart(nth: UInt64)

  /// `leaf:EADD` or another name of sites, `end` or `restart`; nil for anything else.
  public init?(name: String, nth: UInt64 = 1) {
    switch name {
    case "end": self = .callEnd(nth: nth)
    case "restart": self = .restart(nth: nth)
    default:
      guard let sites = SiteSet(name: name) else { return nil }
      self = .site(sites, nth: nth)
    }
  }

  public var text: String {
    switch self {
    case .site(let sites, let nth): nth == 1 ? sites.name : "\(sites.name) \(nth) times"
    case .restart(let nth): nth == 1 ? "a restart of its call" : "\(nth) restarts of its call"
    case .callEnd(let nth): nth == 1 ? "the end of its call" : "the end of \(nth) calls"
    }
  }
}

/// Why a schedule cannot be followed: what it asks for cannot happen, and chance does not stand in for it.
public struct ScheduleRefusal: Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    case waits(BlockedTask)
    /// It has no call in hand: it has ended, or as ksgxd it sleeps.
    case hasNoCall
    case endedBefore(SchedulePoint)
  }

  /// Counted from 1.
  public let entry: Int
  public let task: TaskName
  public let reason: Reason

  public var text: String {
    switch reason {
    case .waits(let blocked): "entry \(entry) wants \(task.text) to go on, and \(blocked.text)"
    case .hasNoCall: "entry \(entry) wants \(task.text) to go on, and it \(task == .ksgxd ? "sleeps" : "has ended")"
    case .endedBefore(let point):
      "entry \(entry) wants \(task.text) to reach \(point.text), and it \(task == .ksgxd ? "fell asleep" : "ended") before"
    }
  }
}
