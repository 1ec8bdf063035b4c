@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// Loads and stores of a thread inside, the translations it keeps, and the ways of SGX2 from kernel to enclave and back.
@Suite struct EnclaveMemoryTests {
  private static func inside(_ profile: ProcessorProfile = .server) -> ThreadBench {
    var bench = ThreadBench(profile)
    #expect(bench.enter() == .done)
    return bench
  }

  private func refusal(_ offset: UInt64, _ code: UInt32) -> MemoryRefusal {
    .fault(.threadPageFault(ThreadBench.address(offset), PageFaultCode(rawValue: code)))
  }

  @Test func loadsAndStores() {
    var bench = Self.inside()
    #expect(bench.store([1, 2, 3, 4], at: 0x6ff0) == nil)
    #expect(bench.load(6, at: 0x6fef) == .success([0, 1, 2, 3, 4, 0]))
    #expect(bench.load(2, at: 0xa000) == .success([0xab, 0xab]))
    #expect(bench.store([9], at: 0x7000) == .fault(.threadPageFault(ThreadBench.address(0x7000), PageFaultCode(rawValue: 0x8007))))
    #expect(bench.load(2, at: 0x6fff) == .success([0, 0x90]), "across two pages")
    #expect(bench.store([7, 7], at: 0x6fff) == refusal(0x7000, 0x8007))
    #expect(bench.load(1, at: 0x6fff) == .success([0]), "nothing is stored where a part is refused")
    #expect(bench.load(1, at: 0x1000) == refusal(0x1000, 0x8005), "a TCS is nobody's memory")
    #expect(bench.load(1, at: 0x10000) == .failure(.fault(.threadPageFault(ThreadBench.address(0x10000), .user))), "outside, and not there")
  }

  /// The codes that Linux' selftests expect.
  @Test func codesOfPageFaults() {
    var bench = Self.inside()
    #expect(bench.store([1], at: 0x9000) == refusal(0x9000, 0x8007), "pending")
    #expect(bench.load(1, at: 0x9000) == .failure(refusal(0x9000, 0x8005)))
    bench.map(6, [.read])
    #expect(bench.store([1], at: 0x6000) == refusal(0x6000, 0x0007), "the page table says no")
    bench.tables[ThreadBench.address(0x6000)] = .none
    #expect(bench.store([1], at: 0x6000) == refusal(0x6000, 0x0006))
    #expect(bench.load(1, at: 0x6000) == .failure(refusal(0x6000, 0x0004)))
  }

  private func refusal(_ offset: UInt64, _ code: UInt32) -> Result<[UInt8], MemoryRefusal> { .failure(refusal(offset, code)) }

  @Test func fromOutsideEPCIsAbortPage() {
    var bench = ThreadBench()
    #expect(bench.load(1, at: 0x6000) == .failure(.abortPage))
    #expect(bench.store([1], at: 0x6000) == .abortPage)
    bench.tables[LinearAddress(0x1000)] = .memory([.read])
    let verdict = bench.bench.processor.judge(LinearAddress(0x1000), .read, by: &bench.cpu, through: bench.tables)
    #expect(verdict == .memory)
    #expect(bench.enter() == .done)
    let fetch = bench.bench.processor.judge(LinearAddress(0x1000), .execute, by: &bench.cpu, through: bench.tables)
    #expect(fetch == .fault(.generalProtection), "code comes from the enclave")
  }

  /// A translation outlives EBLOCK until the thread leaves, which is what EWB waits for.
  @Test func aBlockedPageIsReachedUntilTheThreadLeaves() {
    var bench = Self.inside()
    _ = bench.bench.makeVersionArray(13)
    #expect(bench.store([5], at: 0xa000) == nil)
    #expect(bench.bench.block(10) == .done)
    #expect(bench.store([6], at: 0xa000) == nil, "the old translation")
    #expect(bench.bench.block(6) == .done)
    #expect(bench.load(1, at: 0x6000) == .failure(refusal(0x6000, 0x8005)), "no new one is made")
    #expect(bench.bench.writeBack(10, to: 0, of: 13).outcome == .code(.SGX_NOT_TRACKED, row: 14))
    #expect(bench.bench.track(0) == .done)
    #expect(bench.bench.writeBack(10, to: 0, of: 13).outcome == .code(.SGX_NOT_TRACKED, row: 14), "the thread is still inside")
    #expect(bench.bench.track(0) == .code(.SGX_PREV_TRK_INCMPL, row: 6))
    #expect(bench.bench.remove(7) == .code(.SGX_ENCLAVE_ACT, row: 8))
    #expect(bench.exit(by: .interrupt) == nil)
    let (outcome, sealed) = bench.bench.writeBack(10, to: 0, of: 13)
    #expect(outcome == .done)
    #expect(bench.resume() == .done)
    #expect(bench.load(1, at: 0xa000) == .failure(refusal(0xa000, 0x8005)))
    #expect(bench.bench.load(sealed!, at: 14, of: 0, from: 0, of: 13) == .done)
    bench.tables[ThreadBench.address(0xa000)] = .epc(PhysPageNumber(14), [.read, .write])
    #expect(bench.load(1, at: 0xa000) == .success([6]))
  }

  @Test func addedPageIsAccepted() {
    var bench = Self.inside()
    #expect(bench.storeSecInfo(0x20b) == nil)
    let accept = EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000))
    #expect(bench.run(accept) == .done)
    #expect(bench.cpu.registers[.rax] == 0)
    #expect(bench.store([1], at: 0x9000) == nil)
    #expect(bench.run(accept) == .code(.SGX_PAGE_ATTRIBUTES_MISMATCH, row: 10), "once is enough")
    #expect(bench.cpu.registers[.rax] == 19 && bench.cpu.registers.rflags & RFlags.zero != 0)
  }

  @Test func addedPageIsFilledFromAnother() {
    var bench = Self.inside()
    #expect(bench.storeSecInfo(0x205) == nil)
    let leaf = EACCEPTCOPY(
      secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000), source: ThreadBench.address(0xa000))
    #expect(bench.run(leaf) == .done)
    #expect(bench.load(2, at: 0x9ffe) == .success([0xab, 0xab]))
    #expect(bench.store([1], at: 0x9000) == refusal(0x9000, 0x8007), "R and X")
    #expect(bench.bench.entry(9).permissions == [.read, .execute] && !bench.bench.entry(9).isPending)
  }

  /// Rights go by EMODPR, come back by EMODPE; EACCEPT waits for tracking.
  @Test func rightsAreRestrictedAndExtended() {
    var bench = Self.inside()
    #expect(bench.bench.run(EMODPR(.read, target: bench.bench.address(10))) == .done)
    #expect(bench.bench.entry(10).isPermissionRestricted && bench.bench.entry(10).permissions == .read)
    #expect(bench.storeSecInfo(0x221) == nil)
    let accept = EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0xa000))
    #expect(bench.run(accept) == .code(.SGX_NOT_TRACKED, row: 11))
    #expect(bench.bench.track(0) == .done)
    #expect(bench.run(accept) == .code(.SGX_NOT_TRACKED, row: 11), "this thread has been inside all the time")
    #expect(bench.exit(by: .interrupt) == nil)
    #expect(bench.resume() == .done)
    #expect(bench.run(accept) == .done)
    #expect(bench.store([1], at: 0xa000) == refusal(0xa000, 0x8007))
    #expect(bench.storeSecInfo(0x203) == nil)
    #expect(bench.run(EMODPE(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0xa000))) == .done)
    #expect(bench.store([1], at: 0xa000) == nil, "the refused try took its translation with it")
  }

  @Test func aPageIsTrimmedAndRemovedWithThreadsInside() {
    var bench = Self.inside()
    #expect(bench.bench.run(EMODT(.trim, target: bench.bench.address(10))) == .done)
    #expect(bench.load(1, at: 0xa000) == .failure(refusal(0xa000, 0x8005)))
    #expect(bench.bench.run(EMODT(.trim, target: bench.bench.address(10))) == .fault(.pageFault(address: bench.bench.address(10), write: false), row: 8))
    #expect(bench.bench.track(0) == .done)
    #expect(bench.exit(by: .interrupt) == nil)
    #expect(bench.resume() == .done)
    #expect(bench.bench.remove(10) == .code(.SGX_ENCLAVE_ACT, row: 8), "not accepted yet")
    #expect(bench.storeSecInfo(0x410) == nil)
    #expect(bench.run(EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0xa000))) == .done)
    let children = bench.bench.record(0).childCount
    #expect(bench.bench.remove(10) == .done)
    #expect(bench.bench.record(0).childCount == children - 1)
    #expect(bench.bench.augment(at: 0xa000, in: 10, of: 0) == .done, "the address is free for another page")
  }

  /// A page becomes a TCS, by which another thread enters.
  @Test func aPageBecomesATCS() {
    var bench = Self.inside()
    #expect(bench.storeSecInfo(0x20b) == nil)
    #expect(bench.run(EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000))) == .done)
    let image = TCS.image(ossa: 0x4000, nssa: 1, oentry: 0x7000)
    #expect(bench.store(image, at: 0x9000) == nil)
    #expect(bench.bench.run(EMODT(.tcs, target: bench.bench.address(9))) == .done)
    #expect(bench.bench.track(0) == .done)
    #expect(bench.exit(by: .interrupt) == nil)
    #expect(bench.resume() == .done)
    #expect(bench.storeSecInfo(0x110) == nil)
    #expect(bench.run(EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000))) == .done)
    var second = LogicalProcessor(.server)
    let outcome = bench.bench.processor.execute(
      EENTER(tcs: ThreadBench.address(0x9000), aep: ThreadBench.aep), by: &second, through: bench.tables, in: &bench.bench.environment)
    #expect(outcome == .done)
    #expect(bench.bench.record(0).tracking.threadsInside == 2)
    // Two generations at once: the first thread is from before the cycle that begins now, and so is the second.
    #expect(bench.bench.track(0) == .done)
    #expect(bench.bench.record(0).tracking.previous == 2)
    _ = bench.bench.processor.asynchronousExit(&second, by: .interrupt, in: &bench.bench.environment)
    #expect(bench.bench.record(0).tracking.previous == 1)
  }
}
