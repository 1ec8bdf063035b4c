import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// A call run straight and the same call in steps are the same call.
@Suite("Straight and stepped") struct StepsTests {
  enum Call: CaseIterable, Sendable { case open, create, add, addUnmeasured, addTooFar, addDuplicate, initialize, initializeWithSleep, provision, close, unknown }

  /// A machine with something in it, and the call.
  private func prepared(
    _ call: Call, checks: MachineConfiguration.CheckFrequency
  ) -> (bench: Bench, operation: Testbench.Operation) {
    var bench = Bench(pages: 64, checks: checks, wholeTrace: true)
    let loaded = bench.enclave()
    let pages = bench.add(loaded, page: 2, count: 3)
    #expect(pages == .done(3))
    let empty = bench.open()
    let device = bench.provisionDevice()
    bench.machine.processor.suppliedVerdict = .success
    if call == .initializeWithSleep { bench.machine.strike(.leafError(.SGX_UNMASKED_EVENT), at: .leaf(.EINIT), times: 45) }
    let operation: Testbench.Operation =
      switch call {
      case .open: .open(OpenCall(process: bench.process))
      case .create: bench.createCall(empty)
      case .add: bench.addCall(loaded, page: 10, count: 5)
      case .addUnmeasured: bench.addCall(loaded, page: 10, count: 5) { $0.flags = 0 }
      case .addTooFar: bench.addCall(loaded, page: 1021, count: 5)
      case .addDuplicate: bench.addCall(loaded, count: 5)
      case .initialize, .initializeWithSleep: bench.initCall(loaded)
      case .provision: bench.provisionCall(loaded, fd: device)
      case .close: bench.closeCall(loaded)
      case .unknown: bench.ioctlCall(loaded)
      }
    return (bench, operation)
  }

  @Test(arguments: Call.allCases) func bothWaysLeaveTheSameTraceAndTheSameState(_ call: Call) {
    var (straight, operation) = prepared(call, checks: .everyOperation)
    var (stepped, _) = prepared(call, checks: .everyStep)
    #expect(stepped.machine.logicalState == straight.machine.logicalState)
    let countBefore = straight.machine.environment.trace.events.count
    let straightTask = straight.machine.call(operation)

    // Another task that could run, and never does before the call has ended, makes every step a step.
    let other = stepped.machine.begin(.open(OpenCall(process: stepped.process)))
    let id = stepped.machine.begin(operation)
    var steps: UInt64 = 0
    while !stepped.machine.isFinished(id) {
      stepped.machine.step(id)
      steps += 1
    }
    let steppedTask = stepped.machine.take(id)
    #expect(!stepped.machine.isFinished(other))
    #expect(steps == steppedTask.steps)
    if call == .add { #expect(steps > straightTask.steps + 5 * 14, "each EEXTEND was a step of its own") }

    #expect(Answer(steppedTask) == Answer(straightTask))
    #expect(stepped.machine.logicalState == straight.machine.logicalState)
    let straightEvents = Array(straight.machine.environment.trace.events[countBefore...])
    let steppedEvents = Array(stepped.machine.environment.trace.events[(countBefore + 1)...])
    #expect(merged(steppedEvents) == merged(straightEvents))
    #expect(straight.brokenLaws.isEmpty)
    #expect(stepped.brokenLaws.isEmpty)
  }

  /// The shorter way of a script that adds page by page is no other way.
  @Test(arguments: [Call.add, .addUnmeasured, .addTooFar, .addDuplicate]) func theUndisturbedWayIsTheSameCall(_ kind: Call) {
    var (long, operation) = prepared(kind, checks: .never)
    var (short, _) = prepared(kind, checks: .never)
    guard case .addPages(let call) = operation else { return #expect(Bool(false), "an ADD_PAGES") }
    let task = long.machine.call(operation)
    let result = short.machine.addPages(call.request, descriptor: call.descriptor, process: call.process)
    #expect(result.outcome == task.outcome)
    #expect(result.count == task.call.count)
    #expect(short.machine.logicalState == long.machine.logicalState)
    #expect(short.machine.environment.trace.events == long.machine.environment.trace.events)
    #expect(short.machine.environment.visits == long.machine.environment.visits)
  }

  /// Neighbouring EEXTENDs of one page as one event.
  private func merged(_ events: [Event]) -> [Event] {
    events.reduce(into: []) { merged, event in
      if case .extended(let page, let chunks) = event, case .extended(page, let earlier)? = merged.last {
        merged[merged.count - 1] = .extended(page, chunks: earlier + chunks)
      } else {
        merged.append(event)
      }
    }
  }

  /// Wherever a piece of the trace ends: each event before the load moves that place by one.
  @Test(arguments: 0..<4) func theSixteenOfAPageAreOneEvent(_ eventsBefore: Int) {
    var bench = Bench(pages: 512, wholeTrace: true)
    for _ in 0..<eventsBefore { bench.machine.powerCycle(.s3) }
    bench.machine.strike(.powerCycle(.s3), at: .leaf(.EEXTEND), nth: 1_000_000)
    let descriptor = bench.enclave()
    let added = bench.add(descriptor, count: 200)
    #expect(added == .done(200))
    let chunks = bench.machine.environment.trace.events.compactMap { event -> UInt8? in
      if case .extended(_, let chunks) = event { chunks } else { nil }
    }
    #expect(chunks == [UInt8](repeating: 16, count: 200))
  }

  /// Where something is planned at EEXTEND each is visited by itself, even if nothing strikes.
  @Test func theSixteenAtOnceAreTheSixteenOneByOne() {
    var quick = Bench(pages: 64, wholeTrace: true)
    var slow = quick
    slow.machine.strike(.powerCycle(.s3), at: .leaf(.EEXTEND), nth: 1_000_000)
    let descriptors = (quick.enclave(), slow.enclave())
    let answers = (quick.add(descriptors.0, count: 20), slow.add(descriptors.1, count: 20))
    #expect(answers.0 == .done(20))
    #expect(answers.1 == answers.0)
    #expect(slow.machine.environment.visits == quick.machine.environment.visits)
    #expect(slow.machine.environment.visits(of: .leaf(.EEXTEND)) == 320)
    #expect(quick.machine.environment.visits(of: .leaf(.EEXTEND)) == 320)
    #expect(slow.machine.logicalState == quick.machine.logicalState)
    #expect(slow.machine.environment.trace.events == quick.machine.environment.trace.events)
  }

  @Test func aForkInTheMiddleOfALoadGoesOnAloneAndAlike() {
    var bench = Bench(wholeTrace: true)
    let descriptor = bench.enclave()
    let id = bench.machine.begin(bench.addCall(descriptor, count: 8))
    for _ in 0..<17 { bench.machine.step(id) }
    let moment = bench.machine.logicalState
    var fork = bench.machine
    while !fork.isFinished(id) { fork.step(id) }
    #expect(bench.machine.logicalState == moment, "the original has not moved")
    #expect(!bench.machine.isFinished(id))

    while !bench.machine.isFinished(id) { bench.machine.step(id) }
    #expect(bench.machine.logicalState == fork.logicalState)
    #expect(bench.machine.environment.trace.events == fork.environment.trace.events)
    #expect(bench.machine.environment.now == fork.environment.now)
    #expect(Answer(bench.machine.take(id)) == .done(8))
  }

  @Test func aForkMayHaveAnotherFate() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let id = bench.machine.begin(bench.addCall(descriptor, count: 8))
    for _ in 0..<17 { bench.machine.step(id) }
    var fork = bench.machine
    fork.powerCycle(.s3)
    while !fork.isFinished(id) { fork.step(id) }
    while !bench.machine.isFinished(id) { bench.machine.step(id) }
    #expect(fork.tasks[id.place].outcome == .failure(.EIO))
    #expect(bench.machine.tasks[id.place].outcome == .success)
    #expect(bench.machine.processor.validPageCount == 10)
    #expect(fork.processor.validPageCount == 0)
  }
}
