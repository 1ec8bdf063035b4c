import LinuxKernel
import SGXDriver

// Tasks that can go on, and tasks that wait for a lock.

extension Machine {
  /// Tasks that can go on: their call has not ended, and no lock that they wait for is held.
  public var runnableTasks: [TaskID] { tasks.indices.filter(canGoOn).map(id(at:)) }

  /// True where a call has not ended, whether it can go on or waits.
  var hasUnfinishedTasks: Bool { tasks.contains { $0.outcome == nil } }

  /// Tasks that wait for a lock, by place.
  public var blockedTasks: [BlockedTask] { tasks.indices.filter { tasks[$0].outcome == nil && tasks[$0].wait != nil && !canGoOn($0) }.map(blocked) }

  /// True where the task at a place can go on.
  func canGoOn(_ place: Int) -> Bool {
    guard tasks[place].outcome == nil, !tasks[place].isReturning else { return false }
    guard let wait = tasks[place].wait else { return true }
    return driver.canGoOn(wait, as: id(at: place))
  }

  func id(at place: Int) -> TaskID { TaskID(place: place, generation: tasks[place].generation) }

  /// What a task waits for and who holds it.
  private func blocked(_ place: Int) -> BlockedTask {
    let wait = tasks[place].wait!
    return BlockedTask(task: tasks[place].name, wait: wait, holders: driver.holders(of: wait.lock).map(name))
  }

  /// The name of a task that may be gone: a lock that outlives its holder's call is a breach of its own.
  private func name(of task: TaskID) -> TaskName {
    tasks.indices.contains(task.place) && tasks[task.place].generation == task.generation ? tasks[task.place].name : .script
  }

  /// A task that is to make a step waits, so somebody else goes on in its place; where nobody can, that is a deadlock.
  mutating func letOthersGoOn(before id: TaskID) -> TaskID? {
    if let other = mostPatient(but: id) { return other }
    findDeadlock()
    tasks[id.place].outcome = .stopped(.deadlock)
    return nil
  }

  /// Nobody can go on: that ends the run.
  mutating func findDeadlock() {
    deadlock = blockedTasks
    finding = .deadlock
  }

  /// The task that has made the fewest steps, so that one which faults again and again does not keep the others from what it waits for.
  private func mostPatient(but id: TaskID) -> TaskID? {
    let others = tasks.indices.filter { $0 != id.place && canGoOn($0) }
    return others.min { tasks[$0].steps < tasks[$1].steps }.map(self.id(at:))
  }

  /// The task that goes on in place of another, if there is one: the one with the lowest place.
  func anotherRunnable(than id: TaskID) -> TaskID? {
    tasks.indices.first { $0 != id.place && canGoOn($0) }.map(self.id(at:))
  }

  /// A finding in words, with who waits for what where that is the finding.
  public func text(of finding: Finding) -> String {
    guard finding == .deadlock, !deadlock.isEmpty else { return finding.text }
    return finding.text + ": " + deadlock.map(\.text).joined(separator: "; ")
  }
}
