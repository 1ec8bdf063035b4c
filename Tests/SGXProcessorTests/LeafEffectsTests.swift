import SGXArchitecture
import SGXProcessor
import Simulation
import TestSupport
import Testing

/// What ECREATE, EADD, EEXTEND and EPA leave behind.
@Suite struct LeafEffectsTests {
  private func expectNoStateBits(_ entry: EPCMEntry) {
    #expect(!entry.isBlocked)
    #expect(!entry.isPending)
    #expect(!entry.isModified)
    #expect(!entry.isPermissionRestricted)
  }

  @Test func untouchedPagesAreInvalid() {
    let bench = Bench()
    for page: UInt32 in 0..<8 { #expect(bench.entry(page).state == .invalid) }
    #expect(bench.processor.validPageCount == 0)
  }

  @Test func ecreateMakesASECSPage() {
    var bench = Bench()
    var secs = SECS(size: 0x8000, baseAddress: Bench.base, ssaFrameSize: 2, miscSelect: .exInfo, xfrm: XFRM(rawValue: 7))
    secs.attributes = [.mode64Bit, .debug, .kss]
    #expect(bench.create(secs, at: 3) == .done)
    #expect(bench.entry(3).state == .secs)
    #expect(bench.entry(3).permissions == [])
    #expect(bench.entry(3).address == LinearAddress(0))
    expectNoStateBits(bench.entry(3))
    let record = bench.record(3)
    #expect(record.page == PhysPageNumber(3))
    #expect(record.baseAddress == Bench.base)
    #expect(record.size == 0x8000)
    #expect(record.ssaFrameSize == 2)
    #expect(record.miscSelect == .exInfo)
    #expect(record.xfrm == XFRM(rawValue: 7))
    #expect(record.attributes == [.mode64Bit, .debug, .kss])
    #expect(!record.isInitialized)
    #expect(record.childCount == 0)
    #expect(record.tracking.threadsInside == 0)
    #expect(record.measurement.blocks == 1)
    #expect(bench.processor.validPageCount == 1)
  }

  @Test func enclavesAreNumberedInTheOrderOfTheirCreation() {
    var bench = Bench()
    for page: UInt32 in [5, 2, 7] { #expect(bench.create(at: page).isDone) }
    #expect([5, 2, 7].map { bench.record($0).enclaveID } == [1, 2, 3])
    #expect(bench.remove(2).isDone)
    #expect(bench.create(at: 0).isDone)
    #expect([5, 0, 7].map { bench.record($0).enclaveID } == [1, 4, 3], "a number is never handed out twice")
    #expect([5, 0, 7].map { bench.record($0).page.rawValue } == [5, 0, 7])
  }

  @Test func aRefusedECREATEUsesNoNumber() {
    var bench = Bench()
    #expect(!bench.create(SECS(size: 1, baseAddress: Bench.base), at: 0).isDone)
    #expect(bench.create(at: 0).isDone)
    #expect(bench.record(0).enclaveID == 1)
  }

  @Test(arguments: [
    (SecInfo(flags: 0x200), PageType.reg, PagePermissions()), (SecInfo(flags: 0x201), .reg, [.read]),
    (SecInfo(flags: 0x204), .reg, [.execute]), (SecInfo(flags: 0x207), .reg, [.read, .write, .execute]),
    (SecInfo(flags: 0x100), .tcs, []), (SecInfo(flags: 0x107), .tcs, []),
    (SecInfo(flags: 0x603), .ssRest, [.read, .write]),
  ] as [(SecInfo, PageType, PagePermissions)])
  func eaddMakesAChild(secInfo: SecInfo, type: PageType, permissions: PagePermissions) {
    var bench = Bench(.serverWithCET)
    #expect(bench.create(at: 0).isDone)
    #expect(bench.add(.zero, secInfo, at: 0x3000, in: 6, of: 0) == .done)
    #expect(bench.entry(6).state == .child(type, permissions, LinearAddress(Bench.base.rawValue + 0x3000)))
    expectNoStateBits(bench.entry(6))
    #expect(bench.processor.secsRecord(of: bench.entry(6)).page == PhysPageNumber(0))
    #expect(bench.record(0).childCount == 1)
    #expect(bench.record(0).measurement.blocks == 2)
    #expect(bench.processor.validPageCount == 2)
  }

  @Test func eaddCopiesThePage() {
    var bench = Bench()
    let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 7) }
    #expect(bench.create(at: 0).isDone)
    #expect(bench.add(PageContents(bytes), at: 0, in: 1, of: 0).isDone)
    #expect(bench.add(.zero, at: 0x1000, in: 2, of: 0).isDone)
    #expect(bench.bytes(1) == bytes)
    #expect(bench.bytes(2) == [UInt8](repeating: 0, count: 4096))
  }

  @Test func eaddClearsWhatTheProcessorOwnsInATCS() {
    var bench = Bench()
    var image = TCS.image(ossa: 0x2000, nssa: 2, oentry: 0x1234, flags: 0xff)
    for offset in [TCS.state, TCS.cssa, TCS.aep, TCS.aep + 7] { image[offset] = 0xff }
    #expect(bench.create(at: 0).isDone)
    #expect(bench.add(PageContents(image), SecInfo(type: .tcs), at: 0, in: 1, of: 0).isDone)
    #expect(bench.bytes(1) == TCS.image(ossa: 0x2000, nssa: 2, oentry: 0x1234, flags: 0xfe))
  }

  @Test func twoPagesOfOneEnclaveMayHaveOneAddress() {
    var bench = Bench()
    #expect(bench.create(at: 0).isDone)
    #expect(bench.add(.fill(1), at: 0x1000, in: 1, of: 0).isDone)
    #expect(bench.add(.fill(2), at: 0x1000, in: 2, of: 0).isDone)
    #expect(bench.entry(1).state == bench.entry(2).state)
    #expect(bench.record(0).childCount == 2)
    #expect(bench.bytes(1) != bench.bytes(2))
  }

  @Test func enclavesAtOneBaseDoNotMix() {
    var bench = Bench()
    for secs: UInt32 in [0, 4] { #expect(bench.create(at: secs).isDone) }
    #expect(bench.add(.fill(1), at: 0, in: 1, of: 0).isDone)
    #expect(bench.add(.fill(1), at: 0, in: 5, of: 4).isDone)
    #expect(bench.add(.fill(1), at: 0x1000, in: 6, of: 4).isDone)
    #expect(bench.record(0).childCount == 1)
    #expect(bench.record(4).childCount == 2)
    let before = bench.record(0).measurement.digest
    #expect(bench.extend(5, of: 4).isDone)
    #expect(bench.record(0).measurement.digest == before)
    #expect(bench.extend(1, of: 4).row == EEXTEND.Check.otherSECS.rawValue)
    #expect(bench.remove(6).isDone)
    #expect([0, 4].map { bench.record($0).childCount } == [1, 1])
  }

  @Test func eextendChangesTheMeasurementAlone() {
    var bench = Bench()
    #expect(bench.create(at: 0).isDone)
    #expect(bench.add(.fill(1), at: 0, in: 1, of: 0).isDone)
    let before = ProcessorSnapshot(bench.processor)
    #expect(bench.extend(1, chunk: 15, of: 0).isDone)
    let after = ProcessorSnapshot(bench.processor)
    #expect(after.entries == before.entries)
    #expect(after.pages == before.pages)
    #expect(after.enclaves[0]?.blocks == 7)
    #expect(after.enclaves[0]?.childCount == 1)
    #expect(after.enclaves[0]?.digest != before.enclaves[0]?.digest)
  }

  @Test func epaMakesAVersionArray() {
    var bench = Bench()
    #expect(bench.makeVersionArray(7) == .done)
    #expect(bench.entry(7).state == .versionArray)
    #expect(bench.entry(7).permissions == [])
    #expect(bench.entry(7).address == LinearAddress(0))
    expectNoStateBits(bench.entry(7))
    #expect(bench.bytes(7) == [UInt8](repeating: 0, count: 4096))
    #expect(bench.processor.validPageCount == 1)
    #expect(bench.processor.secsRecords.isEmpty)
  }

  @Test func epaFindsAZeroPageWhateverWasThere() {
    var bench = Bench()
    #expect(bench.create(at: 0).isDone)
    #expect(bench.add(.fill(0xaa), at: 0, in: 1, of: 0).isDone)
    #expect(bench.remove(1).isDone)
    #expect(bench.makeVersionArray(1).isDone)
    #expect(bench.bytes(1) == [UInt8](repeating: 0, count: 4096))
  }

  @Test func leavesAreVisitsAndEvents() {
    var bench = Bench()
    _ = bench.create(at: 0)
    _ = bench.add(at: 0, in: 1, of: 0)
    for chunk in 0..<16 { _ = bench.extend(1, chunk: chunk, of: 0) }
    _ = bench.extend(5, of: 0)
    _ = bench.remove(0)
    _ = bench.run(EREMOVE(target: EPCAddress(0)))
    #expect(bench.environment.visits == 21)
    #expect(bench.environment.visits(of: .leaf(.EEXTEND)) == 17)
    #expect(
      bench.environment.trace.events == [
        .leaf(.ECREATE, PhysPageNumber(0), .done), .leaf(.EADD, PhysPageNumber(1), .done),
        .extended(PhysPageNumber(1), chunks: 16), .leaf(.EEXTEND, PhysPageNumber(5), LeafResult(encoded: 0x4000_000e)),
        .leaf(.EREMOVE, PhysPageNumber(0), LeafResult(encoded: 13)),
        .leaf(.EREMOVE, PhysPageNumber(.max), LeafResult(encoded: 0x4000_000e)),
      ])
  }
}
