import LinuxKernel

/// A moment at which somebody outside the machine says who goes on.
public struct ChoicePoint: Sendable {
  /// Tasks that can go on, by name. At least one.
  public internal(set) var candidates: [Candidate] = []
  /// Who made the last step of the run.
  public internal(set) var last: TaskName?
  /// Whether it could go on: choosing another then is a pre-emption.
  public internal(set) var lastCanGoOn = false
  /// Tasks that wait for a lock, with the lock and who holds it.
  public internal(set) var blocked: [BlockedTask] = []
  /// Choices made before this one.
  public internal(set) var depth = 0

  /// The place of a task among the candidates; nil where it cannot go on.
  public func index(of task: TaskName) -> Int? { candidates.firstIndex { $0.task == task } }
}

/// A task that can go on, by names that a change of other tasks' steps does not move.
public struct Candidate: Hashable, Sendable {
  public let task: TaskName
  /// Which of the task's calls it is in, counted from 1.
  public let call: UInt32
  /// Steps of that call that were made.
  public let step: UInt64
  let id: TaskID
}

/// What the chooser says.
public enum Choice: Hashable, Sendable {
  /// The candidate at this place goes on.
  case candidate(Int)
  /// The run ends here; calls that have not ended stay as they are.
  case stop
}

/// What a step came to, for the chooser.
public struct StepReport: Sendable {
  public let task: TaskName
  /// Tasks whose calls ended in it: its own, and those that a signal ended with their process.
  public let ended: [TaskName]
  /// Its call is made again from the beginning.
  public let isRestart: Bool
  /// What the task waits for now; nothing was done then.
  public let wait: LockWait?
}

/// Says who goes on at each choice point. Its own state (a random stream, a position, a tree) lies outside the machine, so that equal
/// machines are equal whoever drives them.
public protocol Chooser {
  mutating func choose(at point: ChoicePoint, on machine: borrowing Machine) -> Choice
  /// Told after each step that was chosen.
  mutating func note(_ report: StepReport, on machine: borrowing Machine)
}

extension Chooser {
  public mutating func note(_ report: StepReport, on machine: borrowing Machine) {}
}
