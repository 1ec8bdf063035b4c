import LinuxKernel
import LuaHost
import Simulation
import Testbench

/// What the prelude's `machine:run` is made of: it resumes tasks, and everything between two of their calls happens here.
enum TaskBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    registerSchedule(on: lua, context)
    registerRun(on: lua, context)
  }

  private static func registerSchedule(on lua: Interpreter, _ context: ScenarioContext) {
    // Task (0 for ksgxd), the point it goes on to (nil for one step), how many visits of that.
    lua.register("add_schedule_entry") { (call) throws(BindingError) in
      let number = try call.integer(1)
      let task = number == 0 ? TaskName.ksgxd : .task(UInt32(clamping: number))
      let place = context.schedule.count + 1
      guard call.charge(fuel: 100) else { return .done }
      guard let name = try call.optionalString(2) else {
        context.schedule.append(ScheduleEntry(task))
        return .done
      }
      let nth = try call.integer(3)
      guard nth >= 1 else { throw BindingError("machine:run: field 'schedule': entry \(place): field 'nth' is at least 1, got \(nth)") }
      guard let point = SchedulePoint(name: name, nth: UInt64(nth)) else {
        throw BindingError(
          "machine:run: field 'schedule': entry \(place): field 'to' is a site, 'end' of the call, or 'restart' of it, got '\(name)'")
      }
      context.schedule.append(ScheduleEntry(task, until: point))
      return .done
    }
    // Forgets the entries of a schedule that turned out to be wrong.
    lua.register("begin_schedule") { (call) throws(BindingError) in
      if context.currentTask != nil {
        throw BindingError("machine:run: a task cannot run tasks: it is one of a run that has not ended")
      }
      context.endRun()
      context.schedule = []
      return .done
    }
  }

  private static func registerRun(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("begin_run") { (call) throws(BindingError) in
      context.run = TaskRun(try context.machine(call), tasks: Int(try call.integer(2)), schedule: context.schedule)
      context.schedule = []
      return .done
    }
    // A task's own code runs now: the one with this number, or none.
    lua.register("enter_task") { (call) throws(BindingError) in
      context.currentTask = try call.optionalInteger(1).map(Int.init)
      return .done
    }
    // The next task whose call has ended; nil where no call is left.
    lua.register("run_tasks") { (call) throws(BindingError) in
      guard let run = context.run else { throw BindingError("machine:run: the run has ended") }
      while true {
        guard call.charge(fuel: 100) else { return .done }
        switch run.goOn() {
        case .ended(let task):
          call.push(task)
          return .done
        case .finished:
          call.pushNil()
          return .done
        case .refused(let refusal):
          context.endRun()
          throw BindingError("machine:run: field 'schedule': \(refusal.text)")
        case .paused:
          guard call.charge(fuel: Int64(TaskRun.stepsAtOnce) * 8) else { return .done }
        }
      }
    }
    lua.register("take_result") { (call) throws(BindingError) in
      guard let run = context.run, let (task, answer) = run.take(Int(try call.integer(1))) else {
        throw BindingError("machine:run: the run has ended")
      }
      try CallBindings.push(task, answer, on: run.machine, to: call, context)
      return .done
    }
    // Ends the run. Returns how many choices were made; `choice` reads them.
    lua.register("end_run") { (call) throws(BindingError) in
      context.choices = context.run?.course.choices ?? []
      context.endRun()
      call.push(context.choices.count)
      return .done
    }
    lua.register("choice") { (call) throws(BindingError) in
      switch context.choices[Int(try call.integer(1)) - 1] {
      case .task(let number): call.push(Int64(number))
      case .ksgxd: try call.push("ksgxd")
      case .script: call.pushNil()
      }
      return .done
    }
  }
}
