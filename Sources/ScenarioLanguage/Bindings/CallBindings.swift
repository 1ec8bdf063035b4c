import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// Calls from a scenario: to their end at once outside a task, and by the scheduler inside one.
enum CallBindings {
  /// What a binding returns of a call that has ended.
  enum Answer {
    /// The fields of a result.
    case result
    /// A handle of the enclave that was opened; nil and the result where it was not.
    case enclave(ProcessID)
    /// An errno or nil, and the bytes done.
    case page
    case nothing
  }

  /// Makes a call and pushes what its binding returns. Inside a task it only begins the call and waits; a call on another machine than
  /// the task's is made to its end, for nothing else runs there.
  static func make(
    _ operation: Operation, on box: MachineBox, _ call: borrowing Call, _ context: ScenarioContext, _ answer: Answer = .result
  ) throws(BindingError) -> LuaHost.CallOutcome {
    // Work of the model is work of the script: fuel bounds it before it is done.
    guard call.charge(fuel: box.look { $0.fuel(for: operation) }) else { return .done }
    if let task = context.currentTask, let run = context.run, run.machine === box {
      guard call.canWait else { throw BindingError("this call waits, and nothing here can wait: inside a sort or a pattern") }
      run.begin(operation, in: task, answer)
      return .yield
    }
    if context.currentTask == nil { context.endRun() }
    context.sweep(operation, on: box)
    let evictions = box.look { $0.driver.evictions }
    let task = box.machine.call(operation)
    // What was written out is known only now. Each has 4 KiB of memory that nothing else bounds.
    let evicted = box.look { $0.driver.evictions } - evictions
    guard evicted == 0 || call.charge(fuel: Int64(evicted) * 180) else { return .done }
    try push(task, answer, on: box, to: call, context)
    return .done
  }

  /// Pushes what a binding returns of a call.
  static func push(
    _ task: Testbench.Task, _ answer: Answer, on box: MachineBox, to call: borrowing Call, _ context: ScenarioContext
  ) throws(BindingError) {
    switch answer {
    case .result:
      try push(task, to: call)
    case .enclave(let process):
      if case .open(let open) = task.call, let descriptor = open.descriptor, task.outcome == .success,
        let id = box.machine.driver.enclaveID(of: descriptor, in: process)
      {
        call.push(context.enclaves.insert(EnclaveBox(machine: box, process: process, descriptor: descriptor, id: id)))
      } else {
        call.pushNil()
        try push(task, to: call)
      }
    case .page:
      if let errno = task.outcome?.errno { try call.push(errno.name) } else { call.pushNil() }
      call.push(Int64(task.call.count ?? 0))
    case .nothing: break
    }
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
