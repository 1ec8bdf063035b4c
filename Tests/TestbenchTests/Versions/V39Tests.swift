import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// What the patch under review did and nothing later does (linux-driver 2.0 to 2.2, 3.2, 7.1 to 7.3).
@Suite("v39") struct V39Tests {
  /// Violations of CREATE's own checks in its order. A later one cannot hide an earlier one: all are EINVAL, and no leaf runs.
  private static let violations: [(String, @Sendable (inout SECS) -> Void)] = [
    ("one page", { $0.size = 0x1000 }),
    ("no size", { $0.size = 0 }),
    ("size no power of two", { $0.size = 0x3000 }),
    ("base no multiple of the size", { $0.baseAddress = LinearAddress(0x7000_1000) }),
    ("reserved bit of MISCSELECT", { $0.miscSelect = MiscSelect(rawValue: 2) }),
    ("reserved attribute", { $0.attributes.insert(.aexNotify) }),
    ("INIT set", { $0.attributes.insert(.initialized) }),
    ("reserved bit of XFRM", { $0.xfrm.rawValue |= 3 << 17 }),
    ("above the largest size", { ($0.size, $0.baseAddress) = (1 << 57, LinearAddress(0)) }),
    ("above the largest size of 32 bits", { ($0.size, $0.baseAddress, $0.attributes) = (1 << 32, LinearAddress(0), []) }),
    ("XFRM without SSE", { $0.xfrm = XFRM(rawValue: 1) }),
    ("XFRM without x87", { $0.xfrm = XFRM(rawValue: 2) }),
    ("no SSA frame", { $0.ssaFrameSize = 0 }),
    ("SSA frame too small", { $0.xfrm = XFRM(rawValue: 0xe7); $0.miscSelect = .exInfo; $0.ssaFrameSize = 0 }),
    ("a reserved byte", { $0.reservedBytesSet = [4095] }),
    ("a byte that CET took later", { $0.cetAttributes = 1 }),
  ]

  @Test(arguments: violations.indices) func createRefusesBeforeAnyLeaf(_ index: Int) {
    let (name, violate) = Self.violations[index]
    var bench = Bench(driver: .v39)
    let enclave = bench.open()
    let outcome = bench.create(enclave) { violate(&$0.secs) }
    #expect(outcome == .failure(.EINVAL), "\(name)")
    #expect(bench.machine.environment.visits(of: .leaf(.ECREATE)) == 0, "\(name)")
    #expect(bench.freePages == 256)
    let again = bench.create(enclave)
    #expect(again == .success)
  }

  @Test func theBNDBitsGoTogether() {
    var profile = ProcessorProfile.client
    profile.xfrm = XFRM(rawValue: 0x1f)
    for (xfrm, outcome) in [(0x0b, CallOutcome.failure(.EINVAL)), (0x13, .failure(.EINVAL)), (0x1b, .success)] as [(UInt64, CallOutcome)] {
      var bench = Bench(driver: .v39, processor: profile)
      let enclave = bench.open()
      let found = bench.create(enclave) { $0.secs.xfrm = XFRM(rawValue: xfrm) }
      #expect(found == outcome, "XFRM \(xfrm)")
    }
  }

  /// What the checks leave to the processor comes back raw.
  @Test func whatTheProcessorRefusesIsAPositiveNumber() {
    var bench = Bench(driver: .v39, wholeTrace: true)
    let enclave = bench.open()
    let before = bench.machine.logicalState
    let outcome = bench.create(enclave) { $0.secs.xfrm = XFRM(rawValue: 0x23) }
    #expect(outcome == .leafResult(LeafResult(encoded: 0x4000_000d)))
    #expect(outcome?.errno == nil)
    #expect(bench.machine.logicalState == before)
    #expect(bench.machine.environment.trace.events.map(\.text).contains("create of process 0 answers 1073741837 (#GP)"))
    let again = bench.create(enclave)
    #expect(again == .success)
    #expect(bench.freePages == 255, "a SECS and no version array")
    #expect(bench.brokenLaws.isEmpty)
  }

  // Tests of ADD_PAGES.

  @Test(arguments: [(255, 255), (256, 256), (257, 256), (512, 256)] as [(UInt64, UInt64)])
  func aCallStopsAfterAMebibyte(_ asked: UInt64, _ done: UInt64) {
    var bench = Bench(pages: 600, driver: .v39)
    let enclave = bench.enclave()
    let first = bench.add(enclave, count: asked)
    #expect(first == .done(done))
    if asked > done {
      let rest = bench.add(enclave, page: done, count: asked - done)
      #expect(rest == .done(asked - done), "the caller advances by count")
    }
    #expect(bench.enclaveObject(enclave)?.slots.count == asked)
    #expect(bench.machine.driver.pool.queuedCount == 0, "nothing is ever evicted")
    #expect(bench.brokenLaws.isEmpty)
  }

  /// At the cap a pending signal is seen first; both say 0 and count.
  @Test func theSignalIsAskedForAheadOfTheCap() {
    var bench = Bench(pages: 600, driver: .v39)
    let enclave = bench.enclave()
    let polls = bench.machine.environment.visits(of: .signalPoll)
    let capped = bench.add(enclave, count: 300)
    #expect(capped == .done(256))
    #expect(bench.machine.environment.visits(of: .signalPoll) == polls + 257)
  }

  @Test(arguments: [
    // page offset in pages, length, answer
    (0, 0, Answer.failed(.EINVAL, pages: nil)), (1, 0, Answer(.uninitialised, pages: 0)), (0x400, 0, Answer(.uninitialised, pages: 0)),
    (0x401, 0, .failed(.EINVAL, pages: nil)),
  ] as [(UInt64, UInt64, Answer)])
  func noBytesAreAnythingFromTheSecondPageOn(_ page: UInt64, _ count: UInt64, _ answer: Answer) {
    var bench = Bench(driver: .v39)
    let enclave = bench.enclave()
    let found = bench.add(enclave, page: page, count: count)
    #expect(found == answer)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aWriteBackThatFailsHidesTheUninitialisedValueToo() {
    var bench = Bench(driver: .v39)
    let enclave = bench.enclave()
    let found = bench.add(enclave, page: 1, count: 0) { $0.argument = .readOnly }
    #expect(found == .failed(.EFAULT, pages: nil))
  }

  /// access_ok looks at one page, after the alignment and before the length.
  @Test func theSourceAddressIsCheckedBetweenAlignmentAndLength() {
    let kernel = UserAddress(0xffff_8000_0000_0000)
    for (version, errno) in [(DriverVersion.v39, Errno.EFAULT), (.v6_1_192, .EINVAL)] {
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      let misaligned = bench.add(enclave) { ($0.source, $0.enclaveOffset) = (kernel, EnclaveOffset(1)) }
      #expect(misaligned == .failed(.EINVAL, pages: nil))
      let badLength = bench.add(enclave) { ($0.source, $0.length) = (kernel, ByteCount(1)) }
      #expect(badLength == .failed(errno, pages: nil))
      let whole = bench.add(enclave) { $0.source = kernel }
      #expect(whole == .failed(.EFAULT, pages: version == .v39 ? nil : 0), "in the kernel's half nothing is mapped")
      let last = bench.add(enclave) { $0.source = UserAddress(AddressSpace.end.rawValue - pageSize) }
      #expect(last == .failed(.EFAULT, pages: 0), "the last user page passes the check")
    }
  }

  /// EIO kills: every page is back, the SECS with them, and every ioctl says EFAULT, but only once the bit is free.
  @Test(arguments: [(LeafName.EADD, true), (.EEXTEND, false)]) func EIODestroysTheEnclave(_ leaf: LeafName, _ freesSECS: Bool) {
    var bench = Bench(driver: .v39)
    let enclave = bench.enclave()
    bench.machine.strike(.leafFault(.pageFault), at: .leaf(leaf), nth: leaf == .EADD ? 3 : 33)
    let answer = bench.add(enclave, count: 5)
    #expect(answer == .failed(.EIO, pages: 2))
    #expect(bench.state(enclave) == .dead)
    #expect(bench.enclaveObject(enclave)?.slots.count == 0)
    // A failed EEXTEND leaves the child count one too high, and then the SECS stays.
    #expect(bench.enclaveObject(enclave)?.secsChildCount == (freesSECS ? 0 : 1))
    #expect(bench.freePages == (freesSECS ? 256 : 255))
    let later = bench.add(enclave, page: 9) { $0.argument = .unreadable }
    #expect(later == .failed(.EFAULT, pages: nil))
    let created = bench.create(enclave)
    #expect(created == .failure(.EFAULT), "ahead of EINVAL")
    let unknown = bench.machine.call(bench.ioctlCall(enclave)).outcome
    #expect(unknown == .failure(.EFAULT), "ahead of ENOTTY")
    #expect(Set(bench.brokenLaws).isSubset(of: freesSECS ? [] : [.childCount]))
    bench.machine.driver.enclaves[0]!.ioctlInFlight = true
    let busy = bench.machine.call(bench.ioctlCall(enclave)).outcome
    #expect(busy == .failure(.EBUSY), "the bit comes first")
    bench.machine.driver.enclaves[0]!.ioctlInFlight = false
    let closed = bench.close(enclave)
    #expect(closed == .success)
    #expect(bench.freePages == (freesSECS ? 256 : 255))
    #expect(bench.machine.driver.pool.leakedCount == (freesSECS ? 0 : 1))
    #expect(bench.warnings == (freesSECS ? [] : [.REL_SECS_CHILD, .REL_SECS_RESIDENT]))
    #expect(Set(bench.brokenLaws) == (freesSECS ? [.ioctlBit] : [.childCount, .releaseComplete, .ioctlBit]), "the busy bit was ours")
  }

  @Test func otherErrorsLeaveTheEnclaveAlive() {
    for (injection, site, errno) in [
      (Injection.noMemory, Site.allocation(.physPage), Errno.ENOMEM), (.noMemory, .allocation(.slotMapNode), .ENOMEM),
      (.badAddress, .userCopy(.pin), .EFAULT),
    ] {
      var bench = Bench(driver: .v39)
      let enclave = bench.enclave()
      bench.machine.strike(injection, at: site, nth: 2)
      let answer = bench.add(enclave, count: 3)
      #expect(answer == .failed(errno, pages: 1))
      let rest = bench.add(enclave, page: 1, count: 2)
      #expect(rest == .done(2))
      #expect(bench.brokenLaws.isEmpty)
    }
  }

  /// A20: the write-back failed, so nobody destroyed what EIO would have.
  @Test func aFailedWriteBackSparesTheEnclave() {
    var bench = Bench(driver: .v39)
    let enclave = bench.enclave()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD), nth: 2)
    let answer = bench.add(enclave, count: 3) { $0.argument = .readOnly }
    #expect(answer == .failed(.EFAULT, pages: nil))
    #expect(bench.state(enclave) == .created)
  }

  /// A7, A8: v39 13/24 has no reclaimer; an empty pool is ENOMEM, signal or not.
  @Test func anEmptyPoolIsENOMEM() {
    var bench = Bench(pages: 4, driver: .v39, background: true)
    let enclave = bench.enclave()
    bench.machine.withProcess(bench.process) {
      $0.signals.setDisposition(.handler(restarts: true), of: SignalNumber(14)!)
    }
    let full = bench.add(enclave, count: 4)
    #expect(full == .failed(.ENOMEM, pages: 3))
    #expect(bench.freePages == 0)
    let polls = bench.machine.environment.visits(of: .signalPoll)
    let again = bench.add(enclave, page: 3)
    #expect(again == .failed(.ENOMEM, pages: 0))
    #expect(bench.machine.environment.visits(of: .signalPoll) == polls + 1, "only the loop's head asks")
    #expect(bench.machine.finding == nil)
  }

  /// 6.1: the fault that an erratum raises on processors without SGX2 is the silent one there.
  @Test(arguments: [
    ("v39", "server", InjectedFault.pageFault, 0), ("v39", "server", .generalProtection, 1), ("v39", "client", .pageFault, 1),
    ("v39", "client", .generalProtection, 0), ("6.1.192", "client", .pageFault, 0), ("6.1.192", "client", .generalProtection, 1),
  ])
  func whichFaultOfEEXTENDWarns(_ driver: String, _ processor: String, _ fault: InjectedFault, _ warnings: Int) throws {
    let profile = try #require(ProcessorProfile.named.first { $0.name == processor })
    var bench = Bench(driver: try DriverVersion.resolve(driver), processor: profile)
    let enclave = bench.enclave()
    bench.machine.strike(.leafFault(fault), at: .leaf(.EEXTEND))
    _ = bench.add(enclave)
    #expect(bench.warnings.count { $0 == .EEXTEND } == warnings)
  }
}
