@testable import SGXProcessor
import SGXArchitecture
import Simulation
import TestSupport
import Testing

/// The EPC is lost while pages are outside and threads inside: what the paging leaves answer on stale handles.
@Suite struct PagingPowerTests {
  /// SECS in page 0 with a page in 1 and one evicted to slot 0 of the version array in 2; 3 is free.
  private func lost(_ kind: PowerCycleKind) -> (bench: Bench, sealed: SealedPage) {
    var bench = Bench()
    _ = bench.create(at: 0)
    _ = bench.add(.fill(1), at: 0, in: 1, of: 0)
    _ = bench.add(.fill(2), at: 0x1000, in: 3, of: 0)
    _ = bench.makeVersionArray(2)
    let sealed = bench.evict(3, of: 0, to: 0, of: 2)!
    _ = bench.block(1)
    bench.processor.powerCycle(kind, in: &bench.environment)
    return (bench, sealed)
  }

  @Test(arguments: PowerCycleKind.allCases) func everyLeafFindsOut(kind: PowerCycleKind) {
    var (bench, sealed) = lost(kind)
    func fault(_ page: UInt32, _ write: Bool, _ row: UInt8) -> LeafOutcome {
      .fault(.pageFault(address: bench.address(page), write: write), row: row)
    }
    #expect(bench.block(1) == .code(.SGX_PG_INVLD, row: 4))
    #expect(bench.track(0) == fault(0, false, 4))
    #expect(bench.writeBack(1, to: 1, of: 2).outcome == fault(1, true, 10))
    #expect(bench.load(sealed, at: 3, of: 0, from: 0, of: 2) == fault(2, true, 9))
    #expect(bench.augment(at: 0x2000, in: 5, of: 0) == fault(0, false, 11))
    var versions = 0
    bench.processor.forEachVersion { _, _, _ in versions += 1 }
    #expect(versions == 0)
    #expect(bench.processor.blockEpochs[1] == 0)
  }

  @Test(arguments: PowerCycleKind.allCases) func aPageOfBeforeNeverLoadsAgain(kind: PowerCycleKind) {
    var (bench, sealed) = lost(kind)
    #expect(bench.makeVersionArray(2) == .done)
    #expect(bench.create(at: 0) == .done)
    #expect(bench.record(0).enclaveID == sealed.pcmd.enclaveID)
    #expect(bench.load(sealed, at: 3, of: 0, from: 0, of: 2) == .code(.SGX_MAC_COMPARE_FAIL, row: 15))
    // The same page again, to the same slot of the same enclave by number.
    _ = bench.add(.fill(2), at: 0x1000, in: 3, of: 0)
    let again = bench.evict(3, of: 0, to: 0, of: 2)!
    #expect(again.ciphertext.bytes() != sealed.ciphertext.bytes())
    #expect(bench.load(sealed, at: 3, of: 0, from: 0, of: 2) == .code(.SGX_MAC_COMPARE_FAIL, row: 15))
    #expect(bench.load(again, at: 3, of: 0, from: 0, of: 2) == .done)
  }

  @Test func aNewKeyIsDrawnEachTime() {
    var bench = Bench()
    let header = SealHeader(enclaveID: 1, linearAddress: LinearAddress(0), pcmd: .zero)
    var ciphertexts: Set<[UInt8]> = []
    for _ in 0..<4 {
      ciphertexts.insert(bench.processor.pagingKey.cipher().seal(.zero, header: header, version: 1).ciphertext.bytes())
      bench.processor.powerCycle(.s3, in: &bench.environment)
    }
    #expect(ciphertexts.count == 4)
  }

  @Test func threadsAreOutAndLeavingLaterIsHarmless() {
    var bench = Bench()
    _ = bench.create(at: 0)
    let thread = bench.processor.threadEnters(PhysPageNumber(0))!
    bench.processor.powerCycle(.s3, in: &bench.environment)
    _ = bench.create(at: 0)
    let other = bench.processor.threadEnters(PhysPageNumber(0))!
    bench.processor.threadLeaves(thread)
    #expect(bench.record(0).tracking.threadsInside == 1, "the new enclave has the old one's number, and is another")
    bench.processor.threadLeaves(other)
    #expect(bench.record(0).tracking.threadsInside == 0)
  }
}
