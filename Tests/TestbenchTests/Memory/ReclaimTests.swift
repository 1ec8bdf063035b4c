import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

extension Bench {
  mutating func mmap(
    _ descriptor: FileDescriptor, page: UInt64 = 0, count: UInt64 = 1024, _ protection: PagePermissions = [.read, .write]
  ) -> CallOutcome? {
    let request = MmapRequest(
      address: UserAddress(Self.base + page * pageSize), length: ByteCount(count * pageSize), protection: protection)
    return machine.call(.mmap(MmapCall(process: process, descriptor: descriptor, request: request))).outcome
  }

  mutating func munmap(page: UInt64 = 0, count: UInt64 = 1024) -> CallOutcome? {
    let address = UserAddress(Self.base + page * pageSize)
    return machine.call(.munmap(MunmapCall(process: process, address: address, length: ByteCount(count * pageSize)))).outcome
  }

  func accessCall(page: UInt64, _ kind: AccessKind = .read) -> Testbench.Operation {
    .access(AccessCall(process: process, address: UserAddress(Self.base + page * pageSize), kind: kind))
  }

  mutating func access(page: UInt64, _ kind: AccessKind = .read) -> AccessOutcome? { machine.call(accessCall(page: page, kind)).call.access }
}

/// A page goes and comes back; what else must hold is in the laws, which are checked after each call.
@Suite("Reclaim") struct ReclaimTests {
  @Test func aPageComesBackWithItsContents() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    _ = bench.machine.withProcess(bench.process) { $0.memory.write([1, 2, 3, 4], at: UserAddress(0x10_1004)) }
    let added = bench.add(descriptor, count: 4)
    #expect(added == .done(4))
    let mapped = bench.mmap(descriptor)
    #expect(mapped == .success)
    let evicted = bench.machine.reclaim(.batches(1))
    #expect(evicted.freed == 4)
    #expect(bench.machine.processor.validPageCount == 2)
    let back = bench.access(page: 1)
    #expect(back == .mapped)
    guard case .resident(let page)? = bench.enclaveObject(descriptor)?.slots[1]?.backing else {
      Issue.record("page 1 is not resident")
      return
    }
    let bytes = bench.machine.processor.epc[page].bytes()
    #expect(Array(bytes[..<10]) == [0, 0, 0, 0, 1, 2, 3, 4, 0, 0])
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func theBatchTakesSixteenOfTheOldest() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    let added = bench.add(descriptor, count: 20)
    #expect(added == .done(20))
    let round = bench.machine.reclaim(.batches(1))
    #expect(round.freed == 16)
    #expect(bench.enclaveObject(descriptor)?.slots.firstResidentIndex == 16)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aMappedPageIsYoungOnce() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    _ = bench.add(descriptor, count: 2)
    _ = bench.mmap(descriptor)
    let first = bench.access(page: 0)
    #expect(first == .mapped)
    let young = bench.machine.reclaim(.batches(1))
    #expect(young.freed == 1)
    let hit = bench.access(page: 0)
    #expect(hit == .hit, "the entry is still there")
    let again = bench.machine.reclaim(.batches(1))
    #expect(again.freed == 0, "it was used again")
    let old = bench.machine.reclaim(.batches(1))
    #expect(old.freed == 1)
    let gone = bench.access(page: 0)
    #expect(gone == .mapped, "the entry was removed with the page")
    #expect(bench.brokenLaws.isEmpty)
  }

  /// A random life: add, evict, touch, map and unmap, close. Every law holds, and nothing is left.
  @Test(arguments: 0..<12 as Range<UInt64>) func aRandomLifeKeepsEveryLaw(_ seed: UInt64) {
    var bench = Bench(pages: 40, driver: seed % 2 == 0 ? .reviewed : .v6_1_192, background: seed % 3 == 0, seed: seed)
    var random = RandomStream(seed: seed, purpose: .faults)
    let descriptor = bench.enclave()
    var next: UInt64 = 0
    var isMapped = false
    for _ in 0..<120 {
      switch random.next(below: 6) {
      case 0:
        let count = 1 + random.next(below: 9)
        let added = bench.add(descriptor, page: next, count: count)
        #expect(added == .done(count))
        next += count
      case 1: _ = bench.machine.reclaim(.batches(1))
      case 2 where isMapped:
        let unmapped = bench.munmap(page: random.next(below: 100), count: 3)
        #expect(unmapped == .success)
      case 3:
        let mapped = bench.mmap(descriptor)
        #expect(mapped == .success)
        isMapped = true
      default:
        let outcome = bench.access(page: random.next(below: next + 2), .write)
        #expect(outcome != .outOfMemory)
      }
    }
    #expect(bench.enclaveObject(descriptor)?.slots.count == next)
    for page in 0..<next as Range<UInt64> {
      _ = bench.mmap(descriptor)
      var outcome = bench.access(page: page)
      if outcome == .retry {
        _ = bench.machine.reclaim(.batches(2))
        outcome = bench.access(page: page)
      }
      #expect(outcome == .mapped || outcome == .hit)
    }
    let closed = bench.close(descriptor)
    let unmapped = bench.munmap()
    #expect(closed == .success)
    #expect(unmapped == .success)
    #expect(bench.freePages == 40)
    #expect(bench.brokenLaws.isEmpty)
    #expect(bench.warnings.isEmpty)
  }

  @Test func aSecondTaskWaitsForThePageInWork() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    _ = bench.add(descriptor, count: 3)
    _ = bench.mmap(descriptor)
    let batch = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    // Past the marks of all three pages, before the first is blocked.
    while true {
      guard case .reclaim(let call) = bench.machine.tasks[batch.place].call, call.removalsReached == 0 else { break }
      bench.machine.step(batch)
    }
    let access = bench.machine.begin(bench.accessCall(page: 1))
    for _ in 0..<10 { bench.machine.step(access) }
    #expect(!bench.machine.isFinished(access), "it faults again and again")
    while !bench.machine.isFinished(batch) { bench.machine.step(batch) }
    while !bench.machine.isFinished(access) { bench.machine.step(access) }
    let task = bench.machine.take(access)
    #expect(task.call.access == .mapped)
    #expect(task.restarts >= 4)
    #expect(bench.enclaveObject(descriptor)?.slots.residentCount == 1)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aCloseInTheMiddleOfABatchIsFinishedByTheBatch() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    _ = bench.add(descriptor, count: 3)
    let batch = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    for _ in 0..<4 { bench.machine.step(batch) }
    let close = bench.machine.begin(bench.closeCall(descriptor))
    while !bench.machine.isFinished(close) { bench.machine.step(close) }
    #expect(bench.machine.driver.enclaves[0] != nil, "the reclaimer holds it")
    while !bench.machine.isFinished(batch) { bench.machine.step(batch) }
    #expect(bench.machine.driver.enclaves[0] == nil)
    #expect(bench.freePages == 64)
    bench.machine.checkLaws()
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func twoLoadsThatEvictEachOtherBothFinish() {
    for seed in 0..<12 as Range<UInt64> {
      // Two batches never isolate every page: where one does, the other finds an empty queue, and that is ENOMEM in Linux too.
      var bench = Bench(pages: 48, checks: .everyStep, seed: seed)
      let descriptors = [bench.enclave(), bench.enclave()]
      let tasks = descriptors.map { bench.machine.begin(bench.addCall($0, count: 60)) }
      _ = bench.machine.runTasks()
      for task in tasks { #expect(bench.machine.tasks[task.place].outcome == .success) }
      #expect(bench.brokenLaws.isEmpty)
      bench.machine.forgetFinishedTasks()
      for descriptor in descriptors {
        let closed = bench.close(descriptor)
        #expect(closed == .success)
      }
      #expect(bench.freePages == 48)
    }
  }

  @Test func whoFindsEveryPageIsolatedIsToldENOMEM() {
    var bench = Bench(pages: 8)
    let descriptors = [bench.enclave(), bench.enclave()]
    let added = bench.add(descriptors[0], count: 4)
    #expect(added == .done(4))
    let batch = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    for _ in 0..<3 { bench.machine.step(batch) }
    let add = bench.machine.begin(bench.addCall(descriptors[1]))
    while !bench.machine.isFinished(add) { bench.machine.step(add) }
    #expect(bench.machine.tasks[add.place].outcome == .failure(.ENOMEM))
    while !bench.machine.isFinished(batch) { bench.machine.step(batch) }
    bench.machine.forgetFinishedTasks()
    let again = bench.add(descriptors[1])
    #expect(again == .done(1))
    #expect(bench.brokenLaws.isEmpty)
  }

  /// The address of a page in the middle of being added is nobody's until its lock is free.
  @Test func aFaultOnThePageBeingAddedWaits() {
    var bench = Bench(pages: 64, driver: .reviewed)
    let descriptor = bench.enclave()
    _ = bench.mmap(descriptor)
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND), nth: 5)
    let add = bench.machine.begin(bench.addCall(descriptor))
    while bench.enclaveObject(descriptor)!.slots.residentCount == 0 { bench.machine.step(add) }
    let access = bench.machine.begin(bench.accessCall(page: 0))
    for _ in 0..<3 { bench.machine.step(access) }
    #expect(!bench.machine.isFinished(access))
    while !bench.machine.isFinished(add) { bench.machine.step(add) }
    while !bench.machine.isFinished(access) { bench.machine.step(access) }
    #expect(bench.machine.tasks[access.place].call.access == .busError)
    bench.machine.checkLaws()
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func manualKsgxdRunsOnlyWhenAsked() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    _ = bench.add(descriptor, count: 40)
    #expect(bench.freePages == 22)
    let asked = bench.machine.reclaim(.untilHighWatermark(batchesMax: 64))
    #expect(asked.batches == 3)
    #expect(bench.freePages == 62)
  }
}

extension SlotMap {
  fileprivate var firstResidentIndex: UInt64? {
    var first: UInt64?
    forEachRun { index, _, _, _ in first = first ?? index }
    return first
  }
}
