@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// Whatever software changes of an evicted page, the processor notices; what it may change, it may.
@Suite struct SealedPageTamperTests {
  private static let mismatch = LeafOutcome.code(.SGX_MAC_COMPARE_FAIL, row: 15)

  /// SECS in page 0, version array in 1; a page of the enclave in slot 0, another SECS in slot 1 and an array in slot 2.
  private static let made: (bench: Bench, child: SealedPage, secs: SealedPage, array: SealedPage) = {
    var bench = Bench(.serverWithCET)
    _ = bench.create(at: 0)
    _ = bench.makeVersionArray(1)
    _ = bench.add(EvictionTests.counting, at: 0x1000, in: 2, of: 0)
    _ = bench.create(at: 3)
    _ = bench.makeVersionArray(4)
    let child = bench.evict(2, of: 0, to: 0, of: 1)!
    let secs = bench.writeBack(3, to: 1, of: 1).sealed!
    let array = bench.writeBack(4, to: 2, of: 1).sealed!
    return (bench, child, secs, array)
  }()

  private func loadChild(_ change: (inout SealedPage) -> Void) -> LeafOutcome {
    var bench = Self.made.bench
    var sealed = Self.made.child
    change(&sealed)
    return bench.load(sealed, at: 5, of: 0, from: 0, of: 1)
  }

  @Test func everyByteOfTheCiphertextCounts() {
    let bytes = Self.made.child.ciphertext.bytes()
    for offset in stride(from: 0, to: 4096, by: 61) + [4095] {
      var changed = bytes
      changed[offset] ^= 1
      #expect(loadChild { $0.ciphertext = PageContents(changed) } == Self.mismatch, "offset \(offset)")
    }
  }

  @Test func everyByteOfPCMDButTheHintCounts() {
    for byte in 0..<PCMD.size {
      let outcome = loadChild { $0.pcmd[byte: byte] ^= 0x10 }
      switch byte {
      case 64..<72: #expect(outcome == .done, "ENCLAVEID is a hint, byte \(byte)")
      case 1: #expect(outcome == .fault(.generalProtection, row: 14), "no such type, and a SECS given")
      default: #expect(outcome == Self.mismatch, "byte \(byte)")
      }
    }
  }

  @Test func theTypeCannotBeChangedToAnotherChild() {
    for type in [PageType.tcs, .trim, .ssFirst, .ssRest] {
      #expect(loadChild { $0.pcmd.secInfo = SecInfo(type: type, permissions: [.read, .write]) } == Self.mismatch)
    }
  }

  @Test func theAddressCounts() {
    for bit in 12..<64 { #expect(loadChild { $0.linearAddress.rawValue ^= 1 << UInt64(bit) } == Self.mismatch) }
  }

  @Test func theOwnerCounts() {
    var bench = Self.made.bench
    _ = bench.create(at: 6)
    #expect(bench.load(Self.made.child, at: 5, of: 6, from: 0, of: 1) == Self.mismatch)
    #expect(bench.record(6).childCount == 0)
    #expect(bench.load(Self.made.child, at: 5, of: 0, from: 0, of: 1) == .done)
  }

  @Test func theSlotCounts() {
    var bench = Self.made.bench
    for slot in [1, 2, 3, 511] { #expect(bench.load(Self.made.child, at: 5, of: 0, from: slot, of: 1) == Self.mismatch) }
    for slot in [0, 2, 3] { #expect(bench.load(Self.made.secs, at: 5, of: nil, from: slot, of: 1) == Self.mismatch) }
    for slot in [0, 1, 3] { #expect(bench.load(Self.made.array, at: 5, of: nil, from: slot, of: 1) == Self.mismatch) }
  }

  @Test func aSECSAndAnArrayHaveNoAddress() {
    var bench = Self.made.bench
    for (sealed, slot) in [(Self.made.secs, 1), (Self.made.array, 2)] {
      var sealed = sealed
      sealed.linearAddress = LinearAddress(0x1000)
      #expect(bench.load(sealed, at: 5, of: nil, from: slot, of: 1) == Self.mismatch)
    }
  }

  @Test func aSECSCannotBePutTogetherFromTwo() {
    var bench = Self.made.bench
    _ = bench.create(SECS(size: 0x4000, baseAddress: LinearAddress(0)), at: 6)
    let other = bench.writeBack(6, to: 3, of: 1).sealed!
    var forged = other
    forged.ciphertext = Self.made.secs.ciphertext
    forged.pcmd = Self.made.secs.pcmd
    #expect(bench.load(forged, at: 5, of: nil, from: 1, of: 1) == Self.mismatch, "the hidden record is of the other enclave")
    #expect(bench.load(Self.made.secs, at: 5, of: nil, from: 1, of: 1) == .done)
    #expect(bench.load(other, at: 6, of: nil, from: 3, of: 1) == .done)
  }

  @Test func aSECSOfAnEarlierEvictionIsNotTakenForThisOne() {
    var bench = Self.made.bench
    #expect(bench.load(Self.made.secs, at: 3, of: nil, from: 1, of: 1) == .done)
    let again = bench.writeBack(3, to: 1, of: 1).sealed!
    #expect(bench.load(Self.made.secs, at: 3, of: nil, from: 1, of: 1) == Self.mismatch)
    var mixed = Self.made.secs
    mixed.ciphertext = again.ciphertext
    mixed.pcmd = again.pcmd
    #expect(bench.load(mixed, at: 3, of: nil, from: 1, of: 1) == Self.mismatch, "its hidden record is that of the first time")
    #expect(bench.load(again, at: 3, of: nil, from: 1, of: 1) == .done)
  }

  @Test func aRefusedLoadChangesNothing() {
    var bench = Self.made.bench
    let before = ProcessorSnapshot(bench.processor)
    var sealed = Self.made.child
    sealed.pcmd.mac.low ^= 1
    #expect(bench.load(sealed, at: 5, of: 0, from: 0, of: 1) == Self.mismatch)
    #expect(ProcessorSnapshot(bench.processor) == before)
  }

  private func stride(from: Int, to: Int, by: Int) -> [Int] { Array(Swift.stride(from: from, to: to, by: by)) }
}
