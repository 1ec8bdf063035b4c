import EnclaveImage
import ImageWriters
import SGXArchitecture
import Testing

/// One byte of an image read and changed, against the stream of records that comes of it.
@Suite("Changed bytes of an image") struct EditTests {
  private func stream(_ plan: LoadPlan) -> [UInt8] {
    var stream: [UInt8] = []
    _ = plan.writeStream { bytes in
      stream += bytes
      return true
    }
    return stream
  }

  /// First, last and some byte between of each range.
  private func places(in plan: LoadPlan) -> [EnclaveOffset] {
    plan.ranges.flatMap { range -> [EnclaveOffset] in
      let last = range.byteCount.rawValue - 1
      return Set([0, last, last / 2 + 77]).sorted().map { EnclaveOffset(range.offset.rawValue + $0) }
    }
  }

  @Test(arguments: Sample.all) func oneByteOfTheStreamIsAnother(_ sample: Sample) throws {
    let image = try sample.read()
    let before = stream(image.plan)
    for offset in places(in: image.plan) {
      let byte = try #require(image.plan.byte(at: offset))
      let changed = try #require(image.replacingByte(at: offset, with: byte ^ 0x41))
      #expect(changed.plan.byte(at: offset) == byte ^ 0x41)
      #expect(changed.plan.pagesAdded == image.plan.pagesAdded)
      #expect(changed.plan.threads == image.plan.threads)
      let after = stream(changed.plan)
      try #require(after.count == before.count)
      let differences = zip(before, after).filter { $0 != $1 }
      // A byte that is not measured is in no record.
      #expect(differences.count <= 1)
      if case .all = try #require(image.plan.range(at: offset).map { image.plan.ranges[$0.index] }).measured {
        #expect(differences.first.map { $0 == (byte, byte ^ 0x41) } == true)
      }
      // Changed back it is the same plan in more pieces.
      let back = try #require(changed.plan.replacingByte(at: offset, with: byte))
      #expect(back.mrenclave() == image.plan.mrenclave())
    }
  }

  @Test func whereNoPageIsAddedThereIsNothingToChange() throws {
    let image = try Sample.named("sgxs-plain").read()
    for offset in [0x4000, 0x5fff, 0x9000, 0xffff, 0x10000, UInt64.max] as [UInt64] {
      #expect(image.plan.byte(at: EnclaveOffset(offset)) == nil)
      #expect(image.replacingByte(at: EnclaveOffset(offset), with: 0) == nil)
    }
  }

  @Test func neighboursKeepWhatTheyHave() throws {
    let image = try Sample.named("flat").read()
    let changed = try #require(image.plan.replacingByte(at: EnclaveOffset(0x1804), with: 0xee))
    #expect(changed.ranges.count == image.plan.ranges.count + 1)
    for offset in stride(from: UInt64(4), to: 0x3000, by: 0x100) {
      #expect((changed.byte(at: EnclaveOffset(offset)) == image.plan.byte(at: EnclaveOffset(offset))) == (offset != 0x1804))
    }
  }
}
