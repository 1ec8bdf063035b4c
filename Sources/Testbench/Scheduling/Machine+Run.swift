import LinuxKernel
import SGXDriver
import Simulation

extension Machine {
  /// Lets tasks go on, a step a choice, until a call has ended, none is left, the chooser stops or `steps` are made.
  ///
  /// ksgxd is one of them from the step that woke it until it sleeps again, where it runs by itself.
  public mutating func run<C: Chooser>(_ course: inout Course, by chooser: inout C, steps: Int = .max) -> RunPause {
    isInRun = true
    defer { isInRun = false }
    var left = steps
    while left > 0 {
      left -= 1
      if finding != nil { return stopAll() }
      wakeReclaimer()
      guard prepare(&course.point) else {
        guard hasUnfinishedTasks else { return .finished }
        findDeadlock()
        return stopAll()
      }
      guard case .candidate(let index) = chooser.choose(at: course.point, on: self) else { return .stopped }
      let chosen = course.point.candidates[index]
      let before = unfinishedCount
      let restarts = tasks[chosen.id.place].restarts
      step(chosen.id)
      course.note(chosen.task)
      let ended = unfinishedCount == before ? [] : endedTasks(since: course.point)
      let task = tasks[safe: chosen.id]
      let report = StepReport(task: chosen.task, ended: ended, isRestart: task.map { $0.restarts > restarts } ?? false, wait: task?.wait)
      chooser.note(report, on: self)
      if ended.contains(where: { $0 != .ksgxd }) { return .ended(ended) }
    }
    return .paused
  }

  /// Runs every task to its end, and returns the choices.
  public mutating func runTasks<C: Chooser>(by chooser: inout C) -> [TaskName] {
    var course = Course()
    while true {
      switch run(&course, by: &chooser) {
      case .ended, .paused: continue
      case .finished, .stopped: return course.choices
      }
    }
  }

  /// Runs every task to its end by a seed, the machine's own where none is given.
  public mutating func runTasks(seed: UInt64? = nil) -> [TaskName] {
    var chooser = SeedChooser(seed: seed ?? configuration.seed)
    return runTasks(by: &chooser)
  }

  /// Ends every call that has begun, without its caller: what an error leaves behind. The tasks take turns.
  public mutating func endTasks() {
    var chooser = TurnChooser()
    _ = runTasks(by: &chooser)
    forgetFinishedTasks()
    runReclaimerIfWoken()
  }

  /// Forgets tasks that have ended; for the caller that has read them all.
  public mutating func forgetFinishedTasks() {
    for place in tasks.indices where tasks[place].outcome != nil { tasks[place].isTaken = true }
    while tasks.last?.isTaken == true { tasks.removeLast() }
  }

  /// Writes down who can go on; false where nobody can.
  private func prepare(_ point: inout ChoicePoint) -> Bool {
    point.candidates.removeAll(keepingCapacity: true)
    var isBlocked = false
    for place in tasks.indices where tasks[place].outcome == nil {
      guard canGoOn(place) else {
        isBlocked = true
        continue
      }
      point.candidates.append(
        Candidate(task: tasks[place].name, call: tasks[place].ordinal, step: tasks[place].steps, id: id(at: place)))
    }
    if point.candidates.count > 1 { point.candidates.sort { $0.task < $1.task } }
    point.blocked = isBlocked ? blockedTasks : []
    point.lastCanGoOn = point.last.map { point.index(of: $0) != nil } ?? false
    return !point.candidates.isEmpty
  }

  private var unfinishedCount: Int { tasks.count { $0.outcome == nil } }
  private var unfinishedNames: [TaskName] { tasks.filter { $0.outcome == nil }.map(\.name) }

  /// Tasks whose calls have ended since a choice point.
  private func endedTasks(since point: ChoicePoint) -> [TaskName] {
    let left = unfinishedNames
    return (point.candidates.map(\.task) + point.blocked.map(\.task)).filter { !left.contains($0) }
  }

  /// A finding ends every call.
  private mutating func stopAll() -> RunPause {
    let names = unfinishedNames
    guard !names.isEmpty else { return .finished }
    for place in tasks.indices where tasks[place].outcome == nil { tasks[place].outcome = .stopped(finding!) }
    return .ended(names)
  }
}

extension [Task] {
  /// The task if it is still there.
  subscript(safe id: TaskID) -> Task? {
    indices.contains(id.place) && self[id.place].generation == id.generation ? self[id.place] : nil
  }
}
