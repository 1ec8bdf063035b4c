import LinuxKernel
import SGXDriver
import Testbench

/// A run of a machine's tasks: what its scheduler keeps outside the machine, and the calls that wait for their ends.
final class TaskRun {
  let machine: MachineBox
  var course = Course()
  var chooser: ListChooser<SeedChooser>
  /// The call that each task waits in, by its number less 1.
  private var waiting: [WaitingCall?]
  /// How many calls each task has made.
  private var callsMade: [UInt32]
  /// Tasks whose call has ended and that have not gone on yet.
  private var ended: [Int] = []

  /// A call in a task, and how its end is to be told.
  struct WaitingCall {
    let id: TaskID
    let answer: CallBindings.Answer
  }

  init(_ machine: MachineBox, tasks: Int, schedule: [ScheduleEntry]) {
    self.machine = machine
    chooser = ListChooser(schedule, then: machine.chooser)
    waiting = [WaitingCall?](repeating: nil, count: tasks)
    callsMade = [UInt32](repeating: 0, count: tasks)
  }

  /// Begins a call of a task, which waits for its end.
  func begin(_ operation: Operation, in task: Int, _ answer: CallBindings.Answer) {
    callsMade[task - 1] += 1
    let id = machine.machine.begin(operation, as: .task(UInt32(task)), ordinal: callsMade[task - 1])
    waiting[task - 1] = WaitingCall(id: id, answer: answer)
  }

  /// Takes the call that a task has waited for out of the machine.
  func take(_ task: Int) -> (Testbench.Task, CallBindings.Answer)? {
    guard let call = waiting[task - 1] else { return nil }
    waiting[task - 1] = nil
    return (machine.machine.take(call.id), call.answer)
  }

  /// Why the run does not go on for now.
  enum Pause {
    /// This task's call has ended.
    case ended(task: Int)
    case finished
    case refused(ScheduleRefusal)
    /// Many steps were made; their work is to be paid for.
    case paused
  }

  /// Steps between two payments.
  static let stepsAtOnce = 256

  /// Goes on until a task's call has ended, each told once.
  func goOn() -> Pause {
    while true {
      if !ended.isEmpty { return .ended(task: ended.removeFirst()) }
      switch machine.machine.run(&course, by: &chooser, steps: Self.stepsAtOnce) {
      case .ended(let tasks):
        ended = tasks.compactMap { if case .task(let number) = $0 { Int(number) } else { nil } }.sorted()
      case .finished: return chooser.finish().map(Pause.refused) ?? .finished
      case .stopped: return chooser.refusal.map(Pause.refused) ?? .finished
      case .paused: return .paused
      }
    }
  }

  /// Ends what an error has left unfinished. The seed goes on where it was.
  func end() {
    machine.machine.endTasks()
    machine.chooser = chooser.next
  }
}

extension ScenarioContext {
  /// Ends the run that an error has left behind, if one is there.
  func endRun() {
    run?.end()
    run = nil
    currentTask = nil
  }
}
