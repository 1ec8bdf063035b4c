import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Several calls at once: who goes on is drawn from the seed, and can be said again.
@Suite("Scheduler") struct SchedulerTests {
  /// Three threads on three enclaves, and a fourth that meets the first one's.
  private func prepared(seed: UInt64) -> Bench {
    var bench = Bench(wholeTrace: true, seed: seed)
    let descriptors = (0..<3).map { _ in bench.enclave() }
    for (index, descriptor) in descriptors.enumerated() {
      _ = bench.machine.begin(bench.addCall(descriptor, count: UInt64(index + 2)))
    }
    _ = bench.machine.begin(bench.addCall(descriptors[0], page: 100))
    return bench
  }

  @Test(arguments: [1, 2, 77] as [UInt64]) func theSameSeedMakesTheSameChoices(_ seed: UInt64) {
    var first = prepared(seed: seed)
    var second = prepared(seed: seed)
    let choices = first.machine.runTasks()
    let repeated = second.machine.runTasks()
    #expect(repeated == choices)
    #expect(first.machine.environment.trace.events == second.machine.environment.trace.events)
    #expect(first.machine.logicalState == second.machine.logicalState)
    #expect(Set(choices).count == 4)
    #expect(first.brokenLaws.isEmpty)
  }

  @Test func anotherSeedMakesOthers() {
    var choices: Set<[TaskID]> = []
    for seed in 1...5 as ClosedRange<UInt64> {
      var bench = prepared(seed: seed)
      choices.insert(bench.machine.runTasks())
    }
    #expect(choices.count == 5)
  }

  @Test func aScheduleReplaysUnderAnySeed() {
    var original = prepared(seed: 5)
    let choices = original.machine.runTasks()
    var replay = prepared(seed: 6)
    let repeated = replay.machine.runTasks(schedule: choices)
    #expect(repeated == choices)
    #expect(replay.machine.environment.trace.events == original.machine.environment.trace.events)
    #expect(replay.machine.tasks.map(\.outcome) == original.machine.tasks.map(\.outcome))
  }

  @Test func chancePlaysNoPartWhereOnlyOneCanRun() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let before = bench.machine.environment.schedule
    let id = bench.machine.begin(bench.addCall(descriptor, count: 3))
    let choices = bench.machine.runTasks()
    #expect(Set(choices) == [id])
    #expect(bench.machine.environment.schedule == before)
  }

  @Test func everyOrderOfTwoLoadsEndsInTheSameEnclaves() {
    for seed in 0..<30 as Range<UInt64> {
      var bench = Bench(seed: seed)
      let descriptors = [bench.enclave(), bench.enclave()]
      for descriptor in descriptors { _ = bench.machine.begin(bench.addCall(descriptor, count: 3)) }
      _ = bench.machine.runTasks()
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
}
