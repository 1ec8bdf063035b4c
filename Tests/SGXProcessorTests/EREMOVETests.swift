@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// EREMOVE row by row, and what a removed page leaves.
@Suite struct EREMOVETests {
  private var bench: Bench {
    var bench = Bench(.serverWithCET)
    _ = bench.create(at: 0)
    _ = bench.add(.fill(1), at: 0, in: 1, of: 0)
    _ = bench.add(PageContents(TCS.image(ossa: 0, nssa: 1)), SecInfo(type: .tcs), at: 0x1000, in: 2, of: 0)
    _ = bench.makeVersionArray(3)
    return bench
  }

  @Test func aPageThatIsNotValidIsASuccess() {
    var bench = bench
    let before = ProcessorSnapshot(bench.processor)
    #expect(bench.remove(7) == .done)
    #expect(before == ProcessorSnapshot(bench.processor))
  }

  @Test func aSECSGoesLast() {
    var bench = bench
    #expect(bench.remove(0) == .code(.SGX_CHILD_PRESENT, row: 6))
    #expect(bench.remove(1) == .done)
    #expect(bench.remove(0) == .code(.SGX_CHILD_PRESENT, row: 6))
    #expect(bench.record(0).childCount == 1)
    #expect(bench.remove(2) == .done)
    #expect(bench.remove(0) == .done)
    #expect(bench.entry(0).state == .invalid)
    #expect(bench.processor.secsRecords.allSatisfy { $0 == nil })
    #expect(bench.processor.validPageCount == 1)
    #expect(bench.remove(0) == .done)
  }

  @Test func aRemovedPageIsClearedAndFree() {
    var bench = bench
    #expect(bench.remove(1) == .done)
    #expect(bench.entry(1) == .invalid)
    #expect(bench.bytes(1) == [UInt8](repeating: 0, count: 4096))
    #expect(bench.add(.zero, at: 0x2000, in: 1, of: 0).isDone)
    #expect(bench.bytes(1) == [UInt8](repeating: 0, count: 4096))
  }

  @Test func removingAPageDoesNotMoveTheMeasurement() {
    var bench = bench
    let before = bench.record(0).measurement.digest
    #expect(bench.remove(1) == .done)
    #expect(bench.record(0).measurement.digest == before)
    #expect(bench.record(0).measurement.blocks == 3)
  }

  @Test func aVersionArrayNeedsNothing() {
    var bench = bench
    enterEnclave(of: &bench)
    #expect(bench.remove(3) == .done)
    #expect(bench.entry(3).state == .invalid)
    #expect(bench.record(0).childCount == 2)
  }

  @Test(arguments: [PageType.tcs, .reg, .ssFirst, .ssRest]) func aThreadInsideHoldsTheEnclavesPages(type: PageType) {
    var bench = bench
    bench.processor.epcm[1] = changed(bench.entry(1), to: type)
    enterEnclave(of: &bench)
    #expect(bench.remove(1) == .code(.SGX_ENCLAVE_ACT, row: 8))
    #expect(bench.record(0).childCount == 2)
    bench.processor.secsRecords[0]!.tracking = EpochTracking()
    #expect(bench.remove(1) == .done)
    #expect(bench.record(0).childCount == 1)
  }

  @Test func aThreadThatEnteredBeforeETRACKIsInsideToo() {
    var bench = bench
    bench.processor.secsRecords[0]!.tracking = EpochTracking(epoch: 2, current: 0, previous: 1)
    #expect(bench.remove(1) == .code(.SGX_ENCLAVE_ACT, row: 8))
  }

  @Test func anAcceptedTrimGoesWithThreadsInsideButOneThatIsNotAcceptedStays() {
    var bench = bench
    bench.processor.epcm[1] = changed(bench.entry(1), to: .trim)
    enterEnclave(of: &bench)
    bench.processor.epcm[1].word |= EPCMEntry.modifiedBit
    #expect(bench.remove(1) == .code(.SGX_ENCLAVE_ACT, row: 8))
    bench.processor.epcm[1].word &= ~EPCMEntry.modifiedBit
    #expect(bench.remove(1) == .done)
    #expect(bench.record(0).childCount == 1)
  }

  @Test func anInitialisedEnclaveLosesItsPagesToo() {
    var bench = bench
    bench.processor.secsRecords[0]!.attributes.insert(.initialized)
    for page: UInt32 in [1, 2, 0] { #expect(bench.remove(page) == .done) }
  }

  @Test(arguments: [EPCMEntry.blockedBit, EPCMEntry.pendingBit, EPCMEntry.restrictedBit, EPCMEntry.modifiedBit])
  func stateBitsDoNotHoldAPage(bit: UInt64) {
    var bench = bench
    bench.processor.epcm[1].word |= bit
    #expect(bench.remove(1) == .done)
    #expect(bench.entry(1) == .invalid)
  }

  private func enterEnclave(of bench: inout Bench) {
    bench.processor.secsRecords[0]!.tracking = EpochTracking(epoch: 1, current: 1, previous: 0)
  }

  private func changed(_ entry: EPCMEntry, to type: PageType) -> EPCMEntry {
    EPCMEntry(type: type, permissions: [], address: entry.address, secsIndex: entry.secsIndex)
  }
}
