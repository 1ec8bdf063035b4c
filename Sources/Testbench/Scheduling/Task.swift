import LinuxKernel

/// A call and how far it is.
public struct Task: Sendable {
  /// What schedules and messages call the task.
  public let name: TaskName
  /// Which of its task's calls it is, counted from 1.
  public let ordinal: UInt32
  /// Which tenant of its place it is.
  let generation: UInt32
  /// nil while a step holds it.
  var operation: Operation?
  public internal(set) var outcome: CallOutcome?
  /// What it waits for; it is not chosen until that is to be had.
  public internal(set) var wait: LockWait?
  /// How often signals had it called again.
  public internal(set) var restarts: UInt64 = 0
  /// Steps it has made, restarts included.
  public internal(set) var steps: UInt64 = 0
  /// Steps and waits that it may come to by the end of this attempt. One that makes more goes round in a circle that nobody has thought of.
  var stepsAllowed: UInt64 = .max
  /// How often it met a lock that another held.
  var waits: UInt64 = 0
  /// Another task made a step since this one began, so not every change of state is this one's.
  var hadCompany = false
  /// Its kernel side has its answer, and what comes between that and its caller is under way: it makes no step.
  var isReturning = false
  /// Its caller has read it, so that the place is free.
  var isTaken = false
  /// Where its events begin, and what its enclave was then; only where calls are kept.
  var beginning: CallBeginning?
  /// The machine before its first step, for the laws; nil where they are not checked.
  var before: MachineBefore?

  init(_ operation: Operation, name: TaskName, ordinal: UInt32, generation: UInt32) {
    self.ordinal = ordinal
    self.operation = operation
    self.name = name
    self.generation = generation
  }

  /// It has begun: made a step, or come to wait in its first.
  var isInKernel: Bool { steps > 0 || wait != nil }

  /// The call itself; what it has to say beyond its outcome.
  public var call: Operation { operation! }
}
