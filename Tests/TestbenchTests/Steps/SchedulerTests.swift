import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// Several calls at once: who goes on is said from outside, drawn from a seed or read from a list, and can be said again.
@Suite("Scheduler") struct SchedulerTests {
  /// Three threads on three enclaves, and a fourth that meets the first one's.
  private func prepared(seed: UInt64 = 1) -> Bench {
    var bench = Bench(wholeTrace: true, seed: seed)
    let descriptors = (0..<3).map { _ in bench.enclave() }
    for (index, descriptor) in descriptors.enumerated() {
      _ = bench.machine.begin(bench.addCall(descriptor, count: UInt64(index + 2)))
    }
    _ = bench.machine.begin(bench.addCall(descriptors[0], page: 100))
    return bench
  }

  @Test(arguments: [1, 2, 77] as [UInt64]) func theSameSeedMakesTheSameChoices(_ seed: UInt64) {
    var first = prepared()
    var second = prepared()
    let choices = first.machine.runTasks(seed: seed)
    let repeated = second.machine.runTasks(seed: seed)
    #expect(repeated == choices)
    #expect(first.machine.environment.trace.events == second.machine.environment.trace.events)
    #expect(first.machine.logicalState == second.machine.logicalState)
    #expect(Set(choices).count == 4)
    #expect(first.brokenLaws.isEmpty)
  }

  @Test func anotherSeedMakesOthers() {
    var choices: Set<[TaskName]> = []
    for seed in 1...5 as ClosedRange<UInt64> {
      var bench = prepared()
      choices.insert(bench.machine.runTasks(seed: seed))
    }
    #expect(choices.count == 5)
  }

  @Test func theChoicesOfARunRepeatItUnderAnySeed() {
    var original = prepared()
    let choices = original.machine.runTasks(seed: 5)
    var replay = prepared()
    var list = ListChooser(choices.map { ScheduleEntry($0) }, then: SeedChooser(seed: 6))
    let repeated = replay.machine.runTasks(by: &list)
    #expect(repeated == choices)
    #expect(list.finish() == nil)
    #expect(list.next == SeedChooser(seed: 6), "nothing was left to chance")
    #expect(replay.machine.environment.trace.events == original.machine.environment.trace.events)
    #expect(replay.machine.tasks.map(\.outcome) == original.machine.tasks.map(\.outcome))
  }

  @Test func chancePlaysNoPartWhereOnlyOneCanRun() {
    var bench = Bench()
    let descriptor = bench.enclave()
    _ = bench.machine.begin(bench.addCall(descriptor, count: 3))
    var chooser = SeedChooser(seed: 3)
    let choices = bench.machine.runTasks(by: &chooser)
    #expect(Set(choices) == [.task(1)])
    #expect(chooser == SeedChooser(seed: 3))
  }

  @Test func everyOrderOfTwoLoadsEndsInTheSameEnclaves() {
    for seed in 0..<30 as Range<UInt64> {
      var bench = Bench()
      let descriptors = [bench.enclave(), bench.enclave()]
      for descriptor in descriptors { _ = bench.machine.begin(bench.addCall(descriptor, count: 3)) }
      _ = bench.machine.runTasks(seed: seed)
      let measurements = bench.machine.logicalState.measurements
      #expect(measurements.count == 2)
      #expect(Set(measurements.values).count == 1, "two enclaves loaded alike have one measurement, whatever lay between")
      #expect(bench.brokenLaws.isEmpty)
    }
  }

  @Test func aFindingEndsEveryTask() {
    var bench = Bench(pages: 48)
    let descriptors = [bench.enclave(), bench.enclave()]
    bench.machine.strike(.noMemory, at: .allocation(.backing), times: nil)
    let tasks = descriptors.map { bench.machine.begin(bench.addCall($0, count: 40)) }
    _ = bench.machine.runTasks()
    for task in tasks { #expect(bench.machine.tasks[task.place].outcome == .stopped(.endlessLoop(.directReclaim))) }
    #expect(bench.machine.runnableTasks.isEmpty)
  }

  /// Writes down what each choice point says.
  private struct Recorder: Chooser {
    var points: [ChoicePoint] = []
    var reports: [StepReport] = []
    var stopsAfter = Int.max

    mutating func choose(at point: ChoicePoint, on machine: borrowing Machine) -> Choice {
      points.append(point)
      return points.count > stopsAfter ? .stop : .candidate(points.count % point.candidates.count)
    }

    mutating func note(_ report: StepReport, on machine: borrowing Machine) { reports.append(report) }
  }

  @Test func aChoicePointSaysWhoCanGoOnAndWhoWasLast() throws {
    var bench = prepared()
    var recorder = Recorder()
    let choices = bench.machine.runTasks(by: &recorder)
    let first = try #require(recorder.points.first)
    #expect(first.candidates.map(\.task) == [.task(1), .task(2), .task(3), .task(4)])
    #expect(first.candidates.allSatisfy { $0.call == 1 && $0.step == 0 })
    #expect(first.last == nil)
    #expect(!first.lastCanGoOn)
    #expect(recorder.points.indices.allSatisfy { recorder.points[$0].depth == $0 })
    #expect(recorder.points.dropFirst().map(\.last) == choices.dropLast().map { $0 })
    #expect(recorder.reports.map(\.task) == choices)
    #expect(Set(recorder.reports.flatMap(\.ended)).count == 4)
    for (point, report) in zip(recorder.points.dropFirst(), recorder.reports) {
      #expect(point.lastCanGoOn == report.ended.isEmpty)
    }
  }

  @Test func aChooserMayStopTheRun() {
    var bench = prepared()
    var recorder = Recorder(stopsAfter: 5)
    let choices = bench.machine.runTasks(by: &recorder)
    #expect(choices.count == 5)
    #expect(!bench.machine.runnableTasks.isEmpty)
    bench.machine.endTasks()
    #expect(bench.machine.tasks.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func anEntryMayNameAPoint() {
    var bench = Bench(wholeTrace: true)
    let descriptors = [bench.enclave(), bench.enclave()]
    for descriptor in descriptors { _ = bench.machine.begin(bench.addCall(descriptor, count: 3)) }
    var list = ListChooser(
      [
        ScheduleEntry(.task(1), until: .site(SiteSet(.leaf(.EADD)), nth: 2)),
        ScheduleEntry(.task(2), until: .callEnd(nth: 1)),
      ], then: SeedChooser(seed: 1))
    var course = Course()
    while true {
      if case .ended(let names) = bench.machine.run(&course, by: &list) {
        #expect(names == [.task(2)])
        break
      }
    }
    #expect(bench.enclaveObject(descriptors[1])?.slots.count == 3)
    #expect(bench.enclaveObject(descriptors[0])?.slots.count == 2)
    _ = bench.machine.runTasks()
    #expect(list.finish() == nil)
  }

  @Test func whatCannotBeFollowedIsRefused() {
    func refusal(_ entries: [ScheduleEntry], holds: Bool = false) -> String? {
      var bench = Bench()
      let descriptors = [bench.enclave(), bench.enclave()]
      let tasks = descriptors.map { bench.machine.begin(bench.addCall($0)) }
      if holds {
        bench.machine.driver.current = tasks[0]
        bench.machine.driver.take(EnclaveID(1))
        while bench.machine.runnableTasks.contains(tasks[1]) { bench.machine.step(tasks[1]) }
      }
      var list = ListChooser(entries, then: SeedChooser(seed: 1))
      _ = bench.machine.runTasks(by: &list)
      return list.finish()?.text
    }
    let end = SchedulePoint.callEnd(nth: 1)
    #expect(refusal([ScheduleEntry(.task(1), until: end), ScheduleEntry(.task(2), until: end)]) == nil)
    #expect(
      refusal([ScheduleEntry(.task(1), until: end), ScheduleEntry(.task(1))])
        == "entry 2 wants task 1 to go on, and it has ended")
    #expect(refusal([ScheduleEntry(.ksgxd)]) == "entry 1 wants ksgxd to go on, and it sleeps")
    #expect(
      refusal([ScheduleEntry(.task(2), until: .site(SiteSet(.leaf(.EINIT)), nth: 3))])
        == "entry 1 wants task 2 to reach leaf:EINIT 3 times, and it ended before")
    #expect(
      refusal([ScheduleEntry(.task(2))], holds: true)
        == "entry 1 wants task 2 to go on, and task 2 waits for encl->lock of enclave 1, which task 1 holds")
  }
}
