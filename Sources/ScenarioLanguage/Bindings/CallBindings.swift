import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// Calls from a scenario: to their end outside a task, step by step inside one.
enum CallBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("enter_task") { (call) throws(BindingError) in
      context.insideTask = try call.boolean(1)
      return .done
    }
    lua.register("choose") { (call) throws(BindingError) in
      call.push(try context.machine(call).machine.chooseNext(of: Int(try call.integer(2))) + 1)
      return .done
    }
    lua.register("step") { (call) throws(BindingError) in
      try context.machine(call).machine.step(TaskID(encoded: try call.integer(2)))
      return .done
    }
    lua.register("is_finished") { (call) throws(BindingError) in
      call.push(try context.machine(call).machine.isFinished(TaskID(encoded: try call.integer(2))))
      return .done
    }
    lua.register("take_result") { (call) throws(BindingError) in
      try push(try context.machine(call).machine.tasks[TaskID(encoded: try call.integer(2)).place], to: call)
      return .done
    }
    lua.register("forget_tasks") { (call) throws(BindingError) in
      try context.machine(call).machine.forgetFinishedTasks()
      return .done
    }
  }

  /// Makes a call and pushes its result; inside a task it only begins the call and waits.
  static func make(
    _ operation: Operation, on box: MachineBox, _ call: borrowing Call, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    // Work of the model is work of the script: fuel bounds it before it is done.
    guard call.charge(fuel: box.look { $0.fuel(for: operation) }) else { return .done }
    if context.insideTask {
      call.push(box.machine.begin(operation).encoded)
      return .yield
    }
    context.sweep(operation, on: box)
    let evictions = box.look { $0.driver.evictions }
    let task = box.machine.call(operation)
    // What was written out is known only now. Each has 4 KiB of memory that nothing else bounds.
    let evicted = box.look { $0.driver.evictions } - evictions
    guard evicted == 0 || call.charge(fuel: Int64(evicted) * 180) else { return .done }
    try push(task, to: call)
    return .done
  }

  /// Outcome, errno, count, restarts, steps, killed, sleeps, value; address of a mapping; page fault of an access; batches and pages
  /// freed.
  static func push(_ task: Testbench.Task, to call: borrowing Call) throws(BindingError) {
    switch task.outcome {
    case .success: try call.push(task.call.access?.scenarioName ?? "success")
    case .failure: try call.push("failure")
    case .leafResult: try call.push("leaf_result")
    case .uninitialised: try call.push("uninitialised")
    case .killed: try call.push("killed")
    case .stopped: try call.push("stopped")
    case .restart, nil: preconditionFailure("call-answers: a finished call has a result")
    }
    if case .failure(let errno)? = task.outcome { try call.push(errno.name) } else { call.pushNil() }
    if let count = task.call.count { call.push(Int64(bitPattern: count)) } else { call.pushNil() }
    call.push(Int64(task.restarts))
    call.push(Int64(task.steps))
    if case .killed(let signal)? = task.outcome { try call.push(signal.name) } else { call.pushNil() }
    if let sleeps = task.call.sleeps { call.push(Int64(sleeps)) } else { call.pushNil() }
    switch task.outcome {
    case .success: call.push(0)
    case .leafResult(let result): call.push(Int64(result.encoded))
    case .failure, .uninitialised, .killed, .stopped, .restart, nil: call.pushNil()
    }
    if let address = task.call.mappedAt { call.push(Int64(bitPattern: address.rawValue)) } else { call.pushNil() }
    if let access = task.call.access { call.push(access.hasFault) } else { call.pushNil() }
    if case .reclaim(let reclaim) = task.call {
      call.push(Int64(bitPattern: reclaim.batches))
      call.push(Int64(bitPattern: reclaim.freed))
    }
  }
}

extension ScenarioContext {
  /// Tries the sweep's fault at every point of a call about to be made; the machine itself is not changed.
  func sweep(_ operation: Operation, on box: MachineBox) {
    guard let fault = options.sweepFault, box.machine.finding == nil else { return }
    var sweep = Sweep(fault: fault)
    sweep.run(operation, on: box.machine)
    test?.sweep += sweep.points
  }
}

extension Machine {
  /// What one page of `add_page` costs.
  var fuelForPage: Int64 { (120 + Int64(fuelForLaws)) * Int64(planWeight) }

  /// What the laws look at after a call: pages that were ever used, and enclaves.
  private var fuelForLaws: UInt64 {
    configuration.checks == .never ? 0 : UInt64(min(driver.pool.touchedCount, 4096)) + 32 * UInt64(driver.enclaves.count)
  }

  private func fuelForMappings(of process: ProcessID) -> UInt64 {
    UInt64(driver.processes[process.rawValue].memory.mappingCount) + UInt64(driver.pool.touchedCount) / 16 + driver.evictions / 16
  }

  /// Each visit looks at every line of the plan.
  private var planWeight: UInt64 { 1 + UInt64(environment.plan.planned.count) / 8 }

  /// What a call costs of a script's fuel: the pages it may add, and what the laws look at afterwards.
  func fuel(for operation: Operation) -> Int64 {
    var fuel = 100 + fuelForLaws
    switch operation {
    case .addPages(let call):
      let pages = min(call.request.length.rawValue / pageSize, UInt64(driver.pool.total))
      fuel += pages * (call.request.flags & 1 == 1 ? 20 : 4)
      // Where EPC is short, a page is evicted for each.
      if pages > driver.pool.freeCount { fuel += (pages - driver.pool.freeCount) * 20 }
      if configuration.checks == .everyStep { fuel += pages * fuelForLaws }
    case .close: fuel += UInt64(driver.pool.touchedCount)
    // A signature is some 50 us of work.
    case .initialize: fuel += 4000
    case .reclaim(let call):
      let batches =
        switch call.extent {
        case .batches(let count), .untilHighWatermark(let count): count
        }
      fuel += min(batches * 16, UInt64(driver.pool.queuedCount) + batches) * 20
    // What lies in a range is walked, not what it spans.
    case .mmap(let call): fuel += fuelForMappings(of: call.process)
    case .mprotect(let call): fuel += fuelForMappings(of: call.process)
    case .munmap(let call): fuel += fuelForMappings(of: call.process)
    case .access: fuel += 40
    case .open, .create, .provision, .unknownIoctl: break
    }
    return Int64(clamping: fuel.multipliedReportingOverflow(by: planWeight).partialValue)
  }
}

extension TaskID {
  /// As one number, for scripts.
  var encoded: Int64 { Int64(place) | Int64(generation) << 32 }

  init(encoded: Int64) { self.init(place: Int(encoded & 0xffff_ffff), generation: UInt32(truncatingIfNeeded: encoded >> 32)) }
}
