import LinuxKernel

/// What a run of tasks has done so far. It lies outside the machine, with its chooser.
public struct Course: Sendable {
  /// Who went on at each choice point; as a list of single steps it repeats the run.
  public private(set) var choices: [TaskName] = []
  /// Kept for its room: a choice makes no array anew.
  var point = ChoicePoint()

  public init() {}

  mutating func note(_ task: TaskName) {
    choices.append(task)
    point.last = task
    point.depth = choices.count
  }
}

/// Why a run has come to rest.
public enum RunPause: Hashable, Sendable {
  /// Calls of these tasks have ended: their callers may go on.
  case ended([TaskName])
  /// No call is left.
  case finished
  /// The chooser said stop.
  case stopped
  /// As many steps were made as asked for.
  case paused
}
