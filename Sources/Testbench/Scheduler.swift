import LinuxKernel
import SGXDriver
import Simulation

extension Machine {
  /// Runs every task to its end. A choice between several is drawn from the schedule's stream, or taken from `schedule` as long as it
  /// lasts; returns the choices that were made, by which the run can be repeated.
  public mutating func runTasks(schedule: [TaskID] = []) -> [TaskID] {
    var choices: [TaskID] = []
    while true {
      let runnable = runnableTasks
      guard let first = runnable.first, finding == nil else { break }
      let choice: TaskID
      if choices.count < schedule.count, runnable.contains(schedule[choices.count]) {
        choice = schedule[choices.count]
      } else if runnable.count == 1 {
        choice = first
      } else {
        choice = runnable[Int(environment.schedule.next(below: UInt64(runnable.count)))]
      }
      choices.append(choice)
      step(choice)
    }
    for place in tasks.indices where tasks[place].outcome == nil { step(id(at: place)) }
    return choices
  }

  /// Forgets tasks that have ended; for the caller that has read them all.
  public mutating func forgetFinishedTasks() {
    while let last = tasks.last, last.outcome != nil { tasks.removeLast() }
  }
}

extension Machine {
  /// Draws which of `count` tasks goes next, counted from 0.
  public mutating func chooseNext(of count: Int) -> Int {
    precondition(count > 0, "schedule: somebody can go on")
    return Int(environment.schedule.next(below: UInt64(count)))
  }
}
