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
    guard call.charge(fuel: box.look { $0.fuel(for: operation) }), context.keep(box.look { $0.bytes(for: operation) }, call) else { return .done }
    if let task = context.currentTask, let run = context.run, run.machine === box {
      guard call.canWait else { throw BindingError("this call waits, and nothing here can wait: inside a sort or a pattern") }
      run.begin(operation, in: task, answer)
      return .yield
    }
    if context.currentTask == nil { context.endRun() }
    guard context.sweep(operation, on: box, call) else { return .done }
    let evictions = box.look { $0.driver.evictions }
    let task = box.machine.call(operation)
    // What was written out is known only now.
    let evicted = box.look { $0.driver.evictions } - evictions
    guard evicted == 0 || call.charge(fuel: Int64(evicted) * 180), context.keep(Int(evicted) * ModelMemory.bytesPerEvictedPage, call) else {
      return .done
    }
    try push(task, answer, on: box, to: call, context)
    return .done
  }

  /// Pushes what a binding returns of a call.
  static func push(
    _ task: Testbench.Task, _ answer: Answer, on box: MachineBox, to call: borrowing Call, _ context: ScenarioContext
  ) throws(BindingError) {
    switch answer {
    case .result:
      try push(task, to: call, context)
    case .enclave(let process):
      if case .open(let open) = task.call, let descriptor = open.descriptor, task.outcome == .success,
        let id = box.machine.driver.enclaveID(of: descriptor, in: process)
      {
        call.push(context.enclaves.insert(EnclaveBox(machine: box, process: process, descriptor: descriptor, id: id)))
      } else {
        call.pushNil()
        try push(task, to: call, context)
      }
    case .page:
      if let errno = task.outcome?.errno { try call.push(errno.name) } else { call.pushNil() }
      call.push(Int64(task.call.count ?? 0))
    case .nothing: break
    }
  }

  /// Pushes what a call came to.
  static func push(_ task: Testbench.Task, to call: borrowing Call, _ context: ScenarioContext) throws(BindingError) {
    try call.push(context.recordType(.result)) { (result) throws(BindingError) in
      result.set("restarts", Int64(task.restarts))
      result.set("steps", Int64(task.steps))
      switch task.outcome {
      case .success:
        try result.set("outcome", task.call.access?.scenarioName ?? "success")
        result.set("value", Int64(0))
      case .failure(let errno):
        try result.set("outcome", "failure")
        try result.set("errno", errno.name)
      case .leafResult(let answer):
        try result.set("outcome", "leaf_result")
        result.set("value", Int64(answer.encoded))
      case .uninitialised:
        try result.set("outcome", "uninitialised")
        result.setUnwritten("errno")
        result.setUnwritten("value")
      case .killed(let signal):
        try result.set("outcome", "killed")
        try result.set("killed", signal.name)
      case .stopped: try result.set("outcome", "stopped")
      case .restart, nil:
        BenchLaw.broken(.callAnswers)
        try result.set("outcome", "stopped")
      }
      let report = task.call.report
      if let count = report.count { result.set("count", count) }
      if let sleeps = report.sleeps { result.set("sleeps", Int64(sleeps)) }
      if let address = report.mappedAt { result.set("address", address.rawValue) }
      if let access = report.access { result.set("page_fault", access.hasFault) }
      if let batches = report.batches { result.set("batches", batches) }
      if let freed = report.freed { result.set("freed", freed) }
      if let argument = report.argument { try result.set("bytes", .bytes(argument)) }
    }
  }
}

extension ScenarioContext {
  /// Tries the sweep's fault at every point of a call about to be made; the machine itself is not changed. The points are the square of the
  /// pages, so that their work is paid for as it is done; false where the fuel is spent.
  func sweep(_ operation: Operation, on box: MachineBox, _ call: borrowing Call) -> Bool {
    guard let fault = options.sweepFault, box.machine.finding == nil else { return true }
    var sweep = Sweep(fault: fault)
    let laws = 1 + box.look { $0.fuelForLaws } / 256
    var isPaid = true
    sweep.run(operation, on: box.machine) { steps in
      isPaid = call.charge(fuel: Int64(clamping: steps * 8 * laws))
      return isPaid
    }
    test?.sweep += sweep.points
    return isPaid
  }
}

extension Machine {
  /// What one page of `add_page` costs.
  func fuelForPage(isMeasured: Bool) -> Int64 { (isMeasured ? 200 : 120) + Int64(fuelForLaws) * Int64(planWeight) }

  /// What the laws look at after a call: pages that were ever used, enclaves, and processes.
  var fuelForLaws: UInt64 {
    guard configuration.checks != .never else { return 0 }
    return 250 + UInt64(min(driver.pool.touchedCount, 4096)) + 32 * UInt64(driver.enclaves.count) + 6 * UInt64(driver.processes.count)
  }

  /// Each visit looks at every line of the plan.
  private var planWeight: UInt64 { 1 + UInt64(environment.plan.planned.count) / 8 }

  /// Steps beside those of its pages.
  private static let stepsOfShortCall: UInt64 = 6

  /// What a call costs of a script's fuel: the pages it may add, and what the laws look at afterwards.
  func fuel(for operation: Operation) -> Int64 {
    let work = operation.work(on: driver)
    var fuel = operation.name.row.fuel + work.fuel + fuelForLaws
    if configuration.checks == .everyStep { fuel += (work.pages + Self.stepsOfShortCall) * fuelForLaws }
    return Int64(clamping: fuel.multipliedReportingOverflow(by: planWeight).partialValue)
  }
}
