@testable import SGXProcessor
import SGXArchitecture
import Simulation
import TestSupport
import Testing

/// Pages on their way out and back in: what EBLOCK, EWB, ELDU and ELDB leave behind.
@Suite struct EvictionTests {
  static let counting = PageContents((0..<4096).map { UInt8(truncatingIfNeeded: $0 * 7) })

  /// SECS in page 0; children REG 1 and TCS 2; version arrays in 3 and 4.
  private static var bench: Bench {
    var bench = Bench(.serverWithCET, pageCount: 12)
    _ = bench.create(SECS(size: 0x8000, baseAddress: Bench.base, ssaFrameSize: 2, miscSelect: .exInfo), at: 0)
    _ = bench.add(counting, SecInfo(type: .reg, permissions: [.read, .execute]), at: 0x1000, in: 1, of: 0)
    _ = bench.add(PageContents(TCS.image(ossa: 0x2000, nssa: 2)), SecInfo(type: .tcs), at: 0x3000, in: 2, of: 0)
    _ = bench.makeVersionArray(3)
    _ = bench.makeVersionArray(4)
    return bench
  }

  @Test func eblockSetsOneBitAndTheStamp() {
    var bench = Self.bench
    #expect(bench.track(0) == .done)
    let before = bench.entry(1)
    #expect(bench.block(1) == .done)
    #expect(bench.entry(1).isBlocked)
    #expect(bench.entry(1).state == before.state)
    #expect(bench.processor.blockEpochs[1] == 2)
    #expect(bench.record(0).childCount == 2)
  }

  @Test func anEvictedPageIsGoneAndItsOwnerKnows() {
    var bench = Self.bench
    let sealed = bench.evict(1, of: 0, to: 17, of: 3)
    #expect(sealed != nil)
    #expect(bench.entry(1) == .invalid)
    #expect(bench.processor.blockEpochs[1] == 0)
    #expect(bench.bytes(1) == [UInt8](repeating: 0, count: 4096))
    #expect(bench.record(0).childCount == 1)
    #expect(bench.processor.validPageCount == 4)
    #expect(bench.version(17, of: 3) == 1)
  }

  @Test func whatLeavesIsEncryptedAndSaysWhose() {
    var bench = Self.bench
    _ = bench.create(at: 5)
    _ = bench.add(Self.counting, at: 0x1000, in: 6, of: 5)
    let first = bench.evict(1, of: 0, to: 0, of: 3)!
    let second = bench.evict(6, of: 5, to: 1, of: 3)!
    #expect(first.pcmd.secInfo.flags == 0x205)
    #expect(second.pcmd.secInfo.flags == 0x203)
    #expect([first.pcmd.enclaveID, second.pcmd.enclaveID] == [1, 2])
    #expect(first.linearAddress == LinearAddress(Bench.base.rawValue + 0x1000))
    for byte in 72..<112 { #expect(first.pcmd[byte: byte] == 0) }
    #expect(first.ciphertext.bytes() != Self.counting.bytes())
    #expect(first.ciphertext.bytes() != second.ciphertext.bytes(), "two versions, two streams")
  }

  @Test(arguments: [UInt32(1), 2]) func aPageComesBackElsewhereAsItWas(page: UInt32) {
    var bench = Self.bench
    let entry = bench.entry(page)
    let bytes = bench.bytes(page)
    let digest = bench.record(0).measurement.digest
    let sealed = bench.evict(page, of: 0, to: 511, of: 4)!
    #expect(bench.load(sealed, at: 9, of: 0, from: 511, of: 4) == .done)
    #expect(bench.entry(9) == entry)
    #expect(bench.bytes(9) == bytes)
    #expect(bench.record(0).childCount == 2)
    #expect(bench.record(0).measurement.digest == digest)
    #expect(bench.version(511, of: 4) == 0)
    #expect(bench.processor.validPageCount == 5)
    #expect(bench.extend(9, of: 0) == .done, "it is a page of the enclave like any other")
  }

  @Test(arguments: [EPCMEntry.pendingBit, EPCMEntry.modifiedBit, EPCMEntry.restrictedBit]) func stateBitsTravel(bit: UInt64) {
    var bench = Self.bench
    bench.processor.epcm[1].word |= bit
    let entry = bench.entry(1)
    let sealed = bench.evict(1, of: 0, to: 0, of: 3)!
    #expect(sealed.pcmd.secInfo.flags == 0x205 | bit >> 2)
    #expect(bench.load(sealed, at: 1, of: 0, from: 0, of: 3) == .done)
    #expect(bench.entry(1) == entry)
  }

  @Test(arguments: [PageType.trim, .ssFirst, .ssRest]) func otherTypesTravel(type: PageType) {
    var bench = Self.bench
    let old = bench.entry(1)
    bench.processor.epcm[1] = EPCMEntry(type: type, permissions: [], address: old.address, secsIndex: old.secsIndex)
    let sealed = bench.evict(1, of: 0, to: 0, of: 3)!
    #expect(bench.load(sealed, at: 1, of: 0, from: 0, of: 3) == .done)
    #expect(bench.entry(1).state == .child(type, [], old.address))
  }

  @Test func eldbLeavesThePageBlockedInTheEpochOfTheReload() {
    var bench = Self.bench
    let sealed = bench.evict(1, of: 0, to: 0, of: 3)!
    _ = bench.track(0)
    let leaf = ELDB(
      sealed: sealed, linearAddress: sealed.linearAddress, secs: bench.address(0), target: bench.address(1),
      versionSlot: bench.slot(0, of: 3))
    #expect(bench.run(leaf) == .done)
    #expect(bench.entry(1).isBlocked)
    #expect(bench.processor.blockEpochs[1] == 3)
    #expect(bench.block(1) == .code(.SGX_BLKSTATE, row: 7))
    #expect(bench.writeBack(1, to: 0, of: 3).outcome == .code(.SGX_NOT_TRACKED, row: 14))
    #expect(bench.track(0) == .done)
    #expect(bench.writeBack(1, to: 0, of: 3).outcome == .done)
  }

  @Test func eldbBlocksNeitherSECSNorVersionArray() {
    var bench = Self.bench
    let array = bench.writeBack(3, to: 0, of: 4).sealed!
    let leaf = ELDB(
      sealed: array, linearAddress: LinearAddress(0), secs: EPCAddress(0), target: bench.address(3), versionSlot: bench.slot(0, of: 4))
    #expect(bench.run(leaf) == .done)
    #expect(!bench.entry(3).isBlocked)
  }

  @Test func aSECSComesBackWithEverything() {
    var bench = Self.bench
    _ = bench.extend(1, of: 0)
    _ = bench.track(0)
    let pages: [UInt32] = [1, 2]
    let sealed = pages.map { bench.evict($0, of: 0, to: Int($0), of: 3)! }
    let before = bench.record(0)
    let secs = bench.writeBack(0, to: 0, of: 3).sealed!
    #expect(bench.processor.secsRecords.allSatisfy { $0 == nil })
    #expect(secs.pcmd.enclaveID == 1)
    #expect(secs.pcmd.secInfo.flags == 0)
    #expect(secs.linearAddress == LinearAddress(0))
    _ = bench.create(at: 0)

    #expect(bench.load(secs, at: 7, of: nil, from: 0, of: 3) == .done)
    #expect(bench.entry(7).state == .secs)
    let after = bench.record(7)
    #expect(after.page == PhysPageNumber(7))
    #expect(after.enclaveID == 1)
    #expect(bench.record(0).enclaveID == 2, "another enclave lives where the SECS was")
    #expect([after.size, UInt64(after.ssaFrameSize), after.childCount] == [0x8000, 2, 0])
    #expect([after.baseAddress] == [before.baseAddress])
    #expect(after.attributes == before.attributes)
    #expect(after.xfrm == before.xfrm)
    #expect(after.miscSelect == .exInfo)
    #expect(after.tracking == before.tracking)
    #expect(after.measurement.digest == before.measurement.digest)
    #expect(after.measurement.blocks == before.measurement.blocks)
    for (page, sealed) in zip(pages, sealed) {
      #expect(bench.load(sealed, at: page, of: 0, from: Int(page), of: 3) == .code(.SGX_MAC_COMPARE_FAIL, row: 15))
      #expect(bench.load(sealed, at: page, of: 7, from: Int(page), of: 3) == .done)
    }
    #expect(bench.record(7).childCount == 2)
    #expect(bench.extend(1, chunk: 3, of: 7) == .done)
  }

  @Test func theMeasurementGoesOnWhereItStood() {
    var straight = Self.bench
    for chunk in 0..<16 { _ = straight.extend(1, chunk: chunk, of: 0) }
    var bench = Self.bench
    for chunk in 0..<5 { _ = bench.extend(1, chunk: chunk, of: 0) }
    let pages = [bench.evict(1, of: 0, to: 0, of: 3)!, bench.evict(2, of: 0, to: 1, of: 3)!]
    let secs = bench.writeBack(0, to: 2, of: 3).sealed!
    #expect(bench.load(secs, at: 8, of: nil, from: 2, of: 3) == .done)
    #expect(bench.load(pages[0], at: 1, of: 8, from: 0, of: 3) == .done)
    for chunk in 5..<16 { #expect(bench.extend(1, chunk: chunk, of: 8) == .done) }
    #expect(bench.record(8).measurement.digest == straight.record(0).measurement.digest)
  }

  @Test func aVersionArrayTakesItsVersionsAlong() {
    var bench = Self.bench
    let child = bench.evict(1, of: 0, to: 300, of: 3)!
    let array = bench.writeBack(3, to: 5, of: 4).sealed!
    #expect(array.pcmd.enclaveID == 0)
    #expect(array.pcmd.secInfo.flags == 0x300)
    #expect(bench.entry(3) == .invalid)
    #expect(bench.makeVersionArray(3).isDone)
    #expect(bench.load(child, at: 1, of: 0, from: 300, of: 3) == .code(.SGX_MAC_COMPARE_FAIL, row: 15), "a new array is empty")
    #expect(bench.load(array, at: 10, of: nil, from: 5, of: 4) == .done)
    #expect(bench.entry(10).state == .versionArray)
    #expect(bench.load(child, at: 1, of: 0, from: 300, of: 10) == .done)
    #expect(bench.bytes(1) == Self.counting.bytes())
  }

  @Test func anOccupiedSlotIsToldAndOverwritten() {
    var bench = Self.bench
    let first = bench.evict(1, of: 0, to: 0, of: 3)!
    _ = bench.block(2)
    _ = bench.track(0)
    let (outcome, sealed) = bench.writeBack(2, to: 0, of: 3)
    #expect(outcome == .code(.SGX_VA_SLOT_OCCUPIED, row: 16))
    #expect(bench.entry(2) == .invalid)
    #expect(bench.record(0).childCount == 0)
    #expect(bench.load(first, at: 1, of: 0, from: 0, of: 3) == .code(.SGX_MAC_COMPARE_FAIL, row: 15), "its version is gone")
    #expect(bench.load(sealed!, at: 1, of: 0, from: 0, of: 3) == .done)
  }

  @Test func aSlotIsUsedAgainAndTheOldPageIsRefused() {
    var bench = Self.bench
    let old = bench.evict(1, of: 0, to: 0, of: 3)!
    #expect(bench.load(old, at: 1, of: 0, from: 0, of: 3) == .done)
    #expect(bench.load(old, at: 7, of: 0, from: 0, of: 3) == .code(.SGX_MAC_COMPARE_FAIL, row: 15), "a slot serves once")
    let new = bench.evict(1, of: 0, to: 0, of: 3)!
    #expect(bench.load(old, at: 1, of: 0, from: 0, of: 3) == .code(.SGX_MAC_COMPARE_FAIL, row: 15))
    #expect(bench.load(new, at: 1, of: 0, from: 0, of: 3) == .done)
  }

  @Test func versionsRiseAndARefusedEWBUsesNone() {
    var bench = Self.bench
    #expect(bench.writeBack(1, to: 0, of: 3).outcome == .code(.SGX_PAGE_NOT_BLOCKED, row: 13))
    #expect(bench.processor.nextVersion == 1)
    for expected: UInt64 in 1...4 {
      let sealed = bench.evict(1, of: 0, to: 0, of: 3)!
      #expect(bench.version(0, of: 3) == expected)
      _ = bench.load(sealed, at: 1, of: 0, from: 0, of: 3)
    }
  }

  @Test func aRemovedVersionArrayTakesItsPagesWithIt() {
    var bench = Self.bench
    let sealed = bench.evict(1, of: 0, to: 0, of: 3)!
    #expect(bench.remove(3) == .done)
    #expect(
      bench.load(sealed, at: 1, of: 0, from: 0, of: 3) == .fault(.pageFault(address: bench.address(3), write: true), row: 9))
    #expect(bench.makeVersionArray(3) == .done)
    #expect(bench.load(sealed, at: 1, of: 0, from: 0, of: 3) == .code(.SGX_MAC_COMPARE_FAIL, row: 15))
  }

  @Test func aWipedPageIsRefusedByTypeFirst() {
    var bench = Self.bench
    let sealed = bench.evict(1, of: 0, to: 0, of: 3)!
    var wiped = SealedPage.zero
    wiped.linearAddress = sealed.linearAddress
    #expect(bench.load(wiped, at: 1, of: 0, from: 0, of: 3) == .fault(.generalProtection, row: 14), "type 0 is a SECS")
    #expect(bench.load(.zero, at: 1, of: nil, from: 0, of: 3) == .code(.SGX_MAC_COMPARE_FAIL, row: 15))
    #expect(bench.load(sealed, at: 1, of: 0, from: 0, of: 3) == .done, "a refused load leaves the slot")
  }

  @Test func aForkGoesItsOwnWay() {
    var bench = Self.bench
    let sealed = bench.evict(1, of: 0, to: 0, of: 3)!
    var fork = bench
    let before = ProcessorSnapshot(bench.processor)
    #expect(fork.load(sealed, at: 1, of: 0, from: 0, of: 3) == .done)
    _ = fork.evict(2, of: 0, to: 1, of: 3)
    #expect(ProcessorSnapshot(bench.processor) == before)
    #expect(bench.load(sealed, at: 1, of: 0, from: 0, of: 3) == .done)
  }

  @Test func sameSeedSameBytesAnotherSeedAnotherKey() {
    func ciphertext(seed: UInt64) -> [UInt8] {
      var bench = Self.bench
      bench.processor.pagingKey = PagingKey(seed: seed)
      return bench.evict(1, of: 0, to: 0, of: 3)!.ciphertext.bytes()
    }
    #expect(ciphertext(seed: 4) == ciphertext(seed: 4))
    #expect(ciphertext(seed: 4) != ciphertext(seed: 5))
  }

  @Test func leavesAreVisitsAndEvents() {
    var bench = Self.bench
    let visits = bench.environment.visits
    let sealed = bench.evict(1, of: 0, to: 0, of: 3)!
    _ = bench.writeBack(2, to: 0, of: 3)
    _ = bench.load(sealed, at: 9, of: 0, from: 0, of: 3)
    #expect(bench.environment.visits == visits + 5)
    #expect(bench.environment.visits(of: .leaf(.EWB)) == 2)
    #expect(
      bench.environment.trace.suffix(5) == [
        .leaf(.EBLOCK, PhysPageNumber(1), .done), .leaf(.ETRACK, PhysPageNumber(0), .done),
        .leaf(.EWB, PhysPageNumber(1), .done), .leaf(.EWB, PhysPageNumber(2), LeafResult(encoded: 10)),
        .leaf(.ELDU, PhysPageNumber(9), .done),
      ])
  }

  @Test(arguments: [.leafError(.SGX_VA_SLOT_OCCUPIED), .leafError(.SGX_NOT_TRACKED), .leafFault(.pageFault)] as [Injection])
  func anInjectedAnswerOfEWBWritesNothing(injection: Injection) {
    var bench = Self.bench
    _ = bench.block(1)
    _ = bench.track(0)
    bench.environment.plan.add(injection, at: InjectionTrigger(sites: SiteSet(.leaf(.EWB)), count: .nth(1)))
    let before = ProcessorSnapshot(bench.processor)
    let (outcome, sealed) = bench.writeBack(1, to: 0, of: 3)
    #expect(outcome.row == 0)
    #expect(sealed == nil)
    #expect(ProcessorSnapshot(bench.processor) == before)
    #expect(bench.environment.trace.suffix(1) == [.leaf(.EWB, PhysPageNumber(1), outcome.encoded)])
    #expect(bench.writeBack(1, to: 0, of: 3).outcome == .done)
  }

  @Test func powerLostUnderEWBIsFoundByIt() {
    var bench = Self.bench
    _ = bench.block(1)
    _ = bench.track(0)
    bench.environment.plan.add(.powerCycle(.s3), at: InjectionTrigger(sites: SiteSet(.leaf(.EWB)), count: .nth(1)))
    let (outcome, sealed) = bench.writeBack(1, to: 0, of: 3)
    #expect(outcome == .fault(.pageFault(address: bench.address(1), write: true), row: 10))
    #expect(sealed == nil)
  }
}
