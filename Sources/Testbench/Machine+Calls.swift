import LinuxKernel
import SGXDriver
import SGXProcessor
import Simulation

extension Machine {
  /// Makes a call of user space to its end, signal layer included.
  public mutating func call(_ operation: Operation) -> Task {
    let id = begin(operation, as: .script)
    while !isFinished(id) {
      // Who faults again and again beside others lets them go on.
      if tasks[id.place].restarts > Self.restartsMax, let other = anotherRunnable(than: id) { step(other) }
      if isAlone(id), configuration.checks != .everyStep, tasks[id.place].wait == nil { runStraight(id) } else { step(id) }
    }
    return take(id)
  }

  /// Runs a task that is alone to its end, or to the next thing that strikes between two steps.
  private mutating func runStraight(_ id: TaskID) {
    guard finding == nil else { return step(id) }
    var operation = tasks[id.place].operation.take()!
    driver.current = id
    let outcome = operation.run(
      &driver, &processor, &environment, steps: &tasks[id.place].steps, most: tasks[id.place].stepsAllowed)
    tasks[id.place].operation = consume operation
    if stopsAtBrokenLaw(id) { return }
    switch outcome {
    case .struck(let injection): perform(injection, during: id)
    case .broken: break
    case .waits(let wait): tasks[id.place].wait = wait
    case .stopped(let finding): stop(id, finding)
    case .finished: leaveKernel(id, deliversSignals: true)
    }
  }

  /// Makes a call to the end of its kernel side: a restart is then an answer, and no signal is delivered.
  public mutating func callBelowSignals(_ operation: Operation) -> Task {
    let id = begin(operation, as: .script)
    while tasks[id.place].outcome == nil { step(id, deliversSignals: false) }
    return take(id)
  }

  /// Puts a call among the tasks without running it. A task that has no name is called by its place, counted from 1.
  /// - Parameter ordinal: which of the task's calls it is.
  public mutating func begin(_ operation: Operation, as name: TaskName? = nil, ordinal: UInt32 = 1) -> TaskID {
    let place = tasks.firstIndex(where: \.isTaken) ?? tasks.count
    generations &+= 1
    var task = Task(operation, name: name ?? .task(UInt32(place + 1)), ordinal: ordinal, generation: generations)
    if configuration.checks != .never { task.before = MachineBefore(self) }
    if calls != nil { task.beginning = CallBeginning(operation, self) }
    task.stepsAllowed = stepsAllowed(for: operation)
    environment.trace.record(.operationBegan(operation.name.number, subject: UInt32(operation.process.rawValue)))
    if place == tasks.count { tasks.append(task) } else { tasks[place] = task }
    return TaskID(place: place, generation: generations)
  }

  public func isFinished(_ id: TaskID) -> Bool { tasks[id.place].outcome != nil }

  /// True where no call other than this one could go on.
  private func isAlone(_ id: TaskID) -> Bool {
    tasks.count == 1 || !tasks.indices.contains { $0 != id.place && tasks[$0].outcome == nil }
  }

  /// Takes a finished call out; the places of the others stay, and its own is used again.
  public mutating func take(_ id: TaskID) -> Task {
    precondition(isFinished(id), "task-ends: only a finished task is taken")
    guard id.place == tasks.count - 1 else {
      tasks[id.place].isTaken = true
      return tasks[id.place]
    }
    defer { while tasks.last?.isTaken == true { tasks.removeLast() } }
    return tasks.removeLast()
  }

  /// Runs one step of a task, and where an injection then lets another task go on, one of that; and so on. In place of a task that
  /// waits for a lock another goes on, the one with the fewest steps; where nobody can, the run ends (`Finding.deadlock`).
  public mutating func step(_ id: TaskID, deliversSignals: Bool = true) {
    // In a row and not one inside the other: an injection that always strikes would nest as deep as the calls have steps.
    var next = makeStep(id, deliversSignals: deliversSignals)
    while let other = next { next = makeStep(other, deliversSignals: true) }
  }

  /// One step: the task is taken out, stepped with its siblings, and put back. Returns the task that is to make a step next.
  private mutating func makeStep(_ id: TaskID, deliversSignals: Bool) -> TaskID? {
    guard finding == nil else {
      tasks[id.place].outcome = .stopped(finding!)
      return nil
    }
    guard canGoOn(id.place) else { return letOthersGoOn(before: id) }
    tasks[id.place].wait = nil
    var next: TaskID?
    let alone = isAlone(id)
    if !alone { for other in tasks.indices where other != id.place && tasks[other].outcome == nil { tasks[other].hadCompany = true } }
    driver.current = id
    var operation = tasks[id.place].operation.take()!
    let outcome = operation.step(&driver, &processor, &environment, isAlone: alone)
    tasks[id.place].operation = consume operation
    if case .waits = outcome { tasks[id.place].waits += 1 } else { tasks[id.place].steps += 1 }
    if tasks[id.place].steps + tasks[id.place].waits > tasks[id.place].stepsAllowed { BenchLaw.broken(.stepsBounded) }
    if stopsAtBrokenLaw(id) { return nil }
    switch outcome {
    case .more:
      switch environment.visit(.preemption) {
      case .runAnotherTask?: next = anotherRunnable(than: id)
      case let injection?: perform(injection, during: id)
      case nil: break
      }
      if configuration.checks == .everyStep { checkLaws(atRest: false) }
    case .waits(let wait):
      tasks[id.place].wait = wait
    case .stopped(let finding):
      stop(id, finding)
    case .finished:
      leaveKernel(id, deliversSignals: deliversSignals)
    }
    return next
  }

  /// Between two steps anything may happen to the machine.
  private mutating func perform(_ injection: Injection, during id: TaskID) {
    let process = tasks[id.place].call.process
    switch injection {
    case .powerCycle(let kind):
      processor.powerCycle(kind, in: &environment)
    case .signal(let signal):
      guard process != .kernel else { return }
      driver.processes[process.rawValue].send(signal)
      environment.trace.record(.signalPending(signal))
    case .unmap(let start, let length):
      guard process != .kernel else { return }
      driver.processes[process.rawValue].unmap(start..<UserAddress(start.rawValue + length.rawValue))
      driver.abandonUnmapped(by: process)
    case .runAnotherTask:
      if let other = anotherRunnable(than: id) { step(other) }
    case .leafError, .leafFault, .noMemory, .badAddress:
      BenchLaw.broken(.visitsCounted)
      _ = stopsAtBrokenLaw(id)
    }
  }

  mutating func stop(_ id: TaskID, _ found: Finding) {
    finding = found
    tasks[id.place].outcome = .stopped(found)
  }

  /// Ends the run where a law of the bench was broken since this was asked last; whatever the step has answered is not to be believed.
  private mutating func stopsAtBrokenLaw(_ id: TaskID) -> Bool {
    guard BenchLaw.hasBroken, let law = BenchLaw.takeBroken() else { return false }
    stop(id, .bench(law))
    return true
  }

  /// The kernel side has its answer: wake the reclaimer, deliver signals, restart or return.
  mutating func leaveKernel(_ id: TaskID, deliversSignals: Bool) {
    guard let result = tasks[id.place].operation?.result, let process = tasks[id.place].operation?.process,
      let name = tasks[id.place].operation?.name
    else {
      BenchLaw.broken(.callAnswers)
      _ = stopsAtBrokenLaw(id)
      return
    }
    environment.trace.record(.operationEnded(name.number, subject: UInt32(process.rawValue), result: result.returnValue))
    driver.releaseAbandoned(&processor, &environment)
    tasks[id.place].isReturning = true
    runReclaimerIfWoken()
    tasks[id.place].isReturning = false
    let ended = calls == nil ? nil : tasks[id.place].operation
    if deliversSignals, process != .kernel, driver.processes[process.rawValue].deliversSignals {
      returnToUser(id, process, result)
    } else {
      tasks[id.place].outcome = CallOutcome(result)
    }
    if let ended { keepRecord(of: ended, id) }
    if stopsAtBrokenLaw(id) { return }
    if tasks[id.place].outcome != nil, configuration.checks != .never { checkLaws(after: id) }
    if id == reclaimer { reclaimerSleeps() }
  }

  /// What the signal layer makes of the answer (arch/x86/kernel/signal.c, handle_signal; signal(7), SA_RESTART).
  private mutating func returnToUser(_ id: TaskID, _ process: ProcessID, _ result: Result<Void, KernelError>) {
    var outcome = CallOutcome(result)
    var handlerRan = false
    while let delivery = driver.processes[process.rawValue].signals.deliver() {
      switch delivery {
      case .nothing(let signal):
        environment.trace.record(.signalDelivered(signal))
      case .handler(let signal, let restarts):
        environment.trace.record(.signalDelivered(signal))
        // Only the first handler decides: by the time of the second the answer is no restart any more.
        if outcome == .restart, !handlerRan, !restarts { outcome = .failure(.EINTR) }
        handlerRan = true
      case .terminate(let signal):
        environment.trace.record(.signalDelivered(signal))
        tasks[id.place].outcome = .killed(signal)
        return kill(process, signal, in: id)
      }
    }
    let faultsAgain = tasks[id.place].call.access == .retry && (driver.runsBackgroundReclaimer || !isAlone(id))
    guard outcome == .restart || faultsAgain else {
      tasks[id.place].outcome = outcome
      return
    }
    tasks[id.place].restarts += 1
    // Beside others it may wait as long as the schedule lets it; alone it waits for ksgxd only, which has just run.
    let isEndless = tasks[id.place].restarts > (isAlone(id) ? Self.restartsMax : Self.restartsBesideOthersMax)
    if isEndless { return stop(id, faultsAgain ? .endlessLoop(.pageFault) : .endlessRestart) }
    environment.trace.record(.restarted(tasks[id.place].call.name.number))
    let operation = tasks[id.place].call.restarted
    tasks[id.place].stepsAllowed = tasks[id.place].steps + tasks[id.place].waits + stepsAllowed(for: operation)
    tasks[id.place].operation = operation
  }

  /// Ends the process: its descriptors are closed in ascending order, then its memory is gone.
  ///
  /// Its threads that are inside the kernel leave first: they find SIGKILL pending (kernel/signal.c, zap_other_threads), and the
  /// last of them closes the files, as the task whose call it left. Those that had not entered yet never do.
  mutating func kill(_ process: ProcessID, _ signal: SignalNumber, in last: TaskID) {
    let others = tasks.indices.filter { tasks[$0].outcome == nil && tasks[$0].call.process == process }
    for other in others where !tasks[other].isInKernel { tasks[other].outcome = .killed(signal) }
    if others.contains(where: { tasks[$0].outcome == nil }) {
      driver.processes[process.rawValue].send(.kill)
      return
    }
    for descriptor in driver.openDescriptors(of: process) {
      var close = CloseCall(process: process, descriptor: descriptor)
      finish(&close, in: last)
    }
    driver.end(process)
    driver.releaseAbandoned(&processor, &environment)
  }

  /// Makes a call of the kernel's own to its end; where it meets a held lock, the others go on until that is free.
  private mutating func finish<Call: DriverCall>(_ call: inout Call, in task: TaskID) {
    var left = stepsAllowed(for: nil)
    while call.result == nil, finding == nil {
      left -= 1
      guard left > 0 else {
        finding = .bench(.stepsBounded)
        return
      }
      driver.current = task
      switch call.step(&driver, &processor, &environment, isAlone: true) {
      case .more, .finished: continue
      case .stopped(let found): finding = found
      case .waits:
        guard let other = anotherRunnable(than: task) else { return findDeadlock() }
        step(other)
      }
    }
  }

  /// Steps that a call may make, by far more than any makes: direct reclaim gives up after 3,000 batches, of some eighty steps each, for a
  /// page. A call works on the pages it says, on those it evicts for them, or on all there are.
  func stepsAllowed(for operation: Operation?) -> UInt64 {
    let work = operation?.work(on: driver) ?? CallWork()
    return (1 + work.pages + work.evictions + UInt64(driver.pool.touchedCount)) << 20
  }

  /// Restarts after which a call that is alone is called endless.
  private static let restartsMax: UInt64 = 1000
  /// The same beside others, which may be what it waits for.
  private static let restartsBesideOthersMax: UInt64 = 100_000
}

extension CallOutcome {
  init(_ result: Result<Void, KernelError>) {
    switch result {
    case .success: self = .success
    case .failure(.errno(let errno)): self = .failure(errno)
    case .failure(.restart): self = .restart
    case .failure(.positive(let number)): self = .leafResult(LeafResult(encoded: number))
    case .failure(.uninitialised): self = .uninitialised
    }
  }
}

extension Result<Void, KernelError> {
  /// 0, or what `KernelError` returns in its place.
  var returnValue: Int32 {
    switch self {
    case .success: 0
    case .failure(let error): error.returnValue
    }
  }
}
