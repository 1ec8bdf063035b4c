import LinuxKernel
import SGXArchitecture
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// Orders that Linux's locks allow and that somebody may regret (the numbers are those of Docs/Steps.md).
@Suite("Races that locks allow") struct PossibleRaceTests {
  /// N7: INIT sleeps with the enclave's lock, and the reclaimer that comes to that enclave waits with its sixteen pages off the queue.
  /// N2: so another enclave's page cannot be had although all of them could be evicted.
  @Test func theReclaimerWaitsBehindInitAndOthersFindNothing() {
    var bench = Bench(pages: 24, checks: .never)
    let descriptor = bench.loaded()
    let other = bench.enclave()
    let added = bench.add(descriptor, page: 1, count: 19)
    #expect(added == .done(19))
    bench.machine.strike(.leafError(.SGX_UNMASKED_EVENT), at: .leaf(.EINIT), times: 45)
    let initialise = bench.machine.begin(bench.initCall(descriptor))
    while bench.machine.tasks[initialise.place].call.sleeps == 0 { bench.machine.step(initialise) }
    bench.machine.driver.pool.dequeueAll(but: 10)
    let reclaim = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    while bench.machine.runnableTasks.contains(reclaim) { bench.machine.step(reclaim) }
    #expect(bench.machine.blockedTasks.map(\.wait.lock) == [LockName(.enclave, 0)])
    #expect(bench.machine.driver.pool.queuedCount == 0)
    let add = bench.machine.begin(bench.addCall(other, count: 1))
    while !bench.machine.isFinished(add) { bench.machine.step(add) }
    #expect(bench.machine.tasks[add.place].outcome == .failure(.ENOMEM))
    while !bench.machine.isFinished(initialise) { bench.machine.step(initialise) }
    while !bench.machine.isFinished(reclaim) { bench.machine.step(reclaim) }
    #expect(bench.machine.tasks[initialise.place].outcome == .success)
    #expect(bench.machine.tasks[reclaim.place].call.report.freed == 10)
  }

  /// N2 at a fault: SIGBUS.
  @Test func aFaultThatFindsEveryPageIsolatedIsSIGBUS() {
    var bench = Bench(pages: 8, checks: .never)
    let descriptor = bench.loaded()
    _ = bench.add(descriptor, page: 1, count: 3)
    _ = bench.mmap(descriptor)
    let other = bench.enclave()
    _ = bench.machine.reclaim(.batches(1))
    let filled = bench.add(other, count: 4)
    #expect(filled == .done(4))
    let batch = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    for _ in 0..<2 { bench.machine.step(batch) }
    #expect(bench.machine.driver.pool.queuedCount == 0)
    let access = bench.access(page: 1)
    #expect(access == .busError)
  }

  /// K24: two first touches of a page both find it absent; the second to come to the lock is told SIGBUS, and in the driver that the
  /// review asks for it retries.
  @Test(arguments: [DriverVersion.v6_1_192, .reviewed]) func twoFirstTouches(_ version: DriverVersion) {
    var bench = Bench(pages: 64, driver: version, checks: .never)
    let descriptor = bench.loaded()
    _ = bench.mmap(descriptor)
    let initialised = bench.initialize(descriptor)
    #expect(initialised == .success)
    let touches = (0..<2).map { _ in bench.machine.begin(bench.accessCall(page: 7)) }
    var seen: Set<[AccessOutcome]> = []
    var interleavings = Interleavings()
    interleavings.explore(bench.machine) { machine in
      seen.insert(touches.map { machine.tasks[$0.place].call.access! })
    }
    let both: Set<[AccessOutcome]> = [[.mapped, .mapped], [.hit, .mapped], [.mapped, .hit]]
    let lost: Set<[AccessOutcome]> = [[.busError, .mapped], [.mapped, .busError]]
    #expect(seen.isDisjoint(with: lost) == (version == .reviewed), "\(seen)")
    #expect(!seen.isDisjoint(with: both))
  }

  /// Two faults of a page that is there both map it; the second makes the entry old again, though it was used in between.
  @Test func twoFaultsOfAResidentPage() {
    var bench = Bench(pages: 64, checks: .never)
    let descriptor = bench.loaded()
    _ = bench.mmap(descriptor)
    let operation = Testbench.Operation.access(
      AccessCall(process: bench.process, address: UserAddress(Bench.base), kind: .read, touches: false))
    let faults = (0..<2).map { _ in bench.machine.begin(operation) }
    for fault in faults { bench.machine.step(fault) }
    while !bench.machine.isFinished(faults[0]) { bench.machine.step(faults[0]) }
    bench.machine.driver.processes[0].markAccessed(at: UserAddress(Bench.base))
    while !bench.machine.isFinished(faults[1]) { bench.machine.step(faults[1]) }
    #expect(bench.machine.tasks[faults[1].place].call.access == .mapped)
    #expect(bench.machine.driver.processes[0].hasEntry(at: UserAddress(Bench.base)))
    let isYoung = bench.machine.driver.processes[0].testAndClearAccessed(at: UserAddress(Bench.base))
    #expect(!isYoung)
  }

  /// K33: a signal while ADD_PAGES evicts for its second page: the call is made again from its beginning, and meets its own first page.
  @Test func aSignalInTheMiddleOfReclaimMeetsItsOwnPages() {
    var bench = Bench(pages: 8, checks: .never)
    let descriptor = bench.enclave()
    let filled = bench.add(descriptor, count: 5)
    #expect(filled == .done(5))
    let alarm = SignalNumber(14)!
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: true), of: alarm) }
    let add = bench.machine.begin(bench.addCall(descriptor, page: 10, count: 2))
    // Past the poll ahead of the second page, before the search for a page of EPC.
    while bench.enclaveObject(descriptor)!.slots.count < 6 || bench.machine.tasks[add.place].call.point.name != "page" {
      bench.machine.step(add)
    }
    bench.machine.send(alarm, to: bench.process)
    while !bench.machine.isFinished(add) { bench.machine.step(add) }
    let task = bench.machine.take(add)
    #expect(task.restarts == 1)
    #expect(task.outcome == .failure(.EBUSY))
    #expect(bench.enclaveObject(descriptor)?.slots.count == 6)
  }

  /// A writer that waits keeps later readers out, so the reclaimer waits behind an munmap that waits for a fault.
  @Test func aWriterThatWaitsKeepsReadersOut() {
    var bench = Bench(pages: 64, checks: .never)
    let descriptor = bench.loaded()
    _ = bench.mmap(descriptor)
    let access = bench.machine.begin(bench.accessCall(page: 0))
    bench.machine.step(access)
    let unmap = bench.machine.begin(
      .munmap(MunmapCall(process: bench.process, address: UserAddress(Bench.base), length: ByteCount(pageSize))))
    bench.machine.step(unmap)
    let batch = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    while bench.machine.runnableTasks.contains(batch) { bench.machine.step(batch) }
    #expect(bench.machine.runnableTasks == [access])
    #expect(
      bench.machine.blockedTasks.map(\.text) == [
        "task 2 waits for mmap_lock of process 0, which task 1 holds", "task 3 waits for mmap_lock of process 0, which task 1 holds",
      ])
    while !bench.machine.isFinished(access) { bench.machine.step(access) }
    #expect(bench.machine.tasks[access.place].call.access == .mapped)
    #expect(bench.machine.runnableTasks == [unmap], "the lock was handed to the writer")
    bench.runAll(seed: 1)
    #expect(bench.machine.tasks[batch.place].outcome == .success)
    #expect(!bench.machine.driver.processes[0].hasEntry(at: UserAddress(Bench.base)))
  }

  /// A thread that waits to unmap is woken by SIGKILL: EINTR, and the process ends.
  @Test func aSignalThatKillsEndsTheWaitForMmapLock() {
    var bench = Bench(pages: 64, checks: .never)
    let descriptor = bench.loaded()
    _ = bench.mmap(descriptor)
    let access = bench.machine.begin(bench.accessCall(page: 0))
    bench.machine.step(access)
    let unmap = bench.machine.begin(
      .munmap(MunmapCall(process: bench.process, address: UserAddress(Bench.base), length: ByteCount(pageSize))))
    bench.machine.step(unmap)
    #expect(!bench.machine.runnableTasks.contains(unmap))
    bench.machine.send(.kill, to: bench.process)
    #expect(bench.machine.runnableTasks.contains(unmap))
    bench.machine.step(unmap)
    #expect(bench.machine.isFinished(unmap))
    bench.runAll(seed: 1)
    #expect(!bench.machine.driver.processes[0].isAlive)
    #expect(bench.machine.driver.kernel.tasks.allHeld.isEmpty)
    bench.machine.checkLaws()
    #expect(bench.brokenLaws.isEmpty)
  }
}

extension PhysPagePool {
  /// Leaves so many pages in the reclaim queue.
  fileprivate mutating func dequeueAll(but count: UInt64) {
    while queuedCount > count, let page = oldestQueued { dequeue(page) }
  }
}
