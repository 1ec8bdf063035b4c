import LinuxKernel
import SGXArchitecture
import SGXDriver
import Testing

@testable import Testbench

/// ksgxd as a task: woken where Linux wakes it, in turn with the others where tasks run, else behind the outermost call.
@Suite("ksgxd") struct ReclaimerTaskTests {
  private func twoLoads(background: Bool) -> (bench: Bench, tasks: [TaskID]) {
    var bench = Bench(pages: 64, background: background)
    let descriptors = [bench.enclave(), bench.enclave()]
    let tasks = descriptors.map { bench.machine.begin(bench.addCall($0, count: 30)) }
    return (bench, tasks)
  }

  @Test func whereTasksRunItTakesItsTurn() {
    var (bench, _) = twoLoads(background: true)
    let choices = bench.machine.runTasks(seed: 4)
    #expect(choices.contains(.ksgxd))
    let first = choices.firstIndex(of: .ksgxd) ?? choices.endIndex
    #expect(choices[first...].contains { $0 != .ksgxd }, "it does not have the machine to itself")
    #expect(bench.machine.driver.evictions > 0)
    #expect(bench.machine.takeBackgroundBatches() ?? 0 > 0)
    #expect(bench.machine.reclaimer == nil)
    #expect(bench.machine.tasks.allSatisfy { $0.outcome == .success })
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func whereItWaitsToBeAskedItIsNoTask() {
    var (bench, _) = twoLoads(background: false)
    #expect(!bench.machine.runTasks(seed: 4).contains(.ksgxd))
    #expect(bench.machine.takeBackgroundBatches() == nil)
  }

  @Test func aCallInsideAnotherLeavesItAsleep() {
    var bench = Bench(pages: 64, background: true)
    let descriptors = [bench.enclave(), bench.enclave()]
    let outer = bench.machine.begin(bench.addCall(descriptors[0], count: 2))
    bench.machine.step(outer)
    let inner = bench.add(descriptors[1], count: 40)
    #expect(inner == .done(40))
    #expect(bench.machine.driver.hasWokenReclaimer)
    #expect(bench.machine.takeBackgroundBatches() == nil)
    while !bench.machine.isFinished(outer) { bench.machine.step(outer) }
    #expect(bench.machine.takeBackgroundBatches() ?? 0 > 0)
    #expect(!bench.machine.driver.hasWokenReclaimer)
    #expect(bench.brokenLaws.isEmpty)
  }

  /// It may be woken once more while it works, and sleeps all the same when it is done.
  @Test(arguments: 1...40) func aRunThatIsBrokenOffLetsItSleep(_ steps: Int) {
    var (bench, _) = twoLoads(background: true)
    var course = Course()
    var chooser = SeedChooser(seed: 9)
    while !course.choices.contains(.ksgxd) {
      if bench.machine.run(&course, by: &chooser, steps: 1) == .finished { break }
    }
    _ = bench.machine.run(&course, by: &chooser, steps: steps)
    bench.machine.endTasks()
    #expect(bench.machine.finding == nil)
    #expect(bench.machine.tasks.isEmpty)
    #expect(bench.machine.reclaimer == nil)
    #expect(bench.brokenLaws.isEmpty)
  }

  /// A page that is half written out is waited for: who ends the calls lets both go on.
  @Test func whoFaultsAgainAndAgainIsEndedToo() {
    var bench = Bench(pages: 64, driver: .v6_1_192, background: false)
    let enclave = bench.loaded()
    let initialised = bench.initialize(enclave)
    #expect(initialised == .success)
    let request = MmapRequest(address: UserAddress(Bench.base), length: ByteCount(4 * pageSize), protection: .read)
    let mapped = bench.machine.call(.mmap(MmapCall(process: bench.process, descriptor: enclave, request: request)))
    #expect(mapped.outcome == .success)
    let access = bench.machine.begin(.access(AccessCall(process: bench.process, address: UserAddress(Bench.base), kind: .read)))
    let batch = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    while bench.machine.environment.visits(of: .leaf(.EBLOCK)) == 0 { bench.machine.step(batch) }
    for _ in 0..<4 { bench.machine.step(access) }
    bench.machine.endTasks()
    #expect(bench.machine.finding == nil)
    #expect(bench.machine.tasks.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
  }
}
