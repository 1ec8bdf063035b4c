/// A task of the kernel with a call in hand: its place among the tasks, and which of the place's tenants it is.
///
/// Places are used again, so that a place alone, kept in a lock as its holder, would come to name a stranger.
@frozen public struct TaskID: Hashable, Sendable {
  public let place: Int
  public let generation: UInt32

  @inlinable public init(place: Int, generation: UInt32) {
    self.place = place
    self.generation = generation
  }

  /// Nobody; what is current between two steps.
  @inlinable public static var none: TaskID { TaskID(place: -1, generation: 0) }
}

/// A task as schedules and messages call it. Unlike `TaskID` it stays the same from one call of the task to the next.
public enum TaskName: Hashable, Comparable, Sendable {
  /// What a script does outside its tasks.
  case script
  /// A task of a run, counted from 1 in the order in which they were made.
  case task(UInt32)
  /// The kernel's own thread that evicts pages (main.c, ksgxd).
  case ksgxd

  public var text: String {
    switch self {
    case .script: "the script"
    case .task(let number): "task \(number)"
    case .ksgxd: "ksgxd"
    }
  }
}
