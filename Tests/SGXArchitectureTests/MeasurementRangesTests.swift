import SGXArchitecture
import Testing

/// Ranges measured at once against the same pages one by one.
@Suite struct MeasurementRangesTests {
  private static let secInfo = SecInfo(type: .reg, permissions: [.read, .write])
  /// Around the sizes of the buffers: 4 measured and 256 unmeasured pages.
  private static let counts: [UInt64] = [0, 1, 2, 3, 4, 5, 8, 9, 255, 256, 257, 513]

  private func started() -> Measurement {
    var measurement = Measurement(ssaFrameSize: 1, size: 1 << 30)
    // Something staged, that must come first.
    measurement.add(offset: EnclaveOffset(0), secInfo: SecInfo(flags: 0x100))
    return measurement
  }

  private func finish(_ measurement: inout Measurement) {
    measurement.add(offset: EnclaveOffset(0x3000_0000), secInfo: Self.secInfo)
  }

  @Test(arguments: counts) func pagesThatAreOnlyAdded(count: UInt64) {
    var (bulk, single) = (started(), started())
    bulk.addRange(offset: EnclaveOffset(0x5000), pageCount: count, secInfo: Self.secInfo)
    for page in 0..<count { single.add(offset: EnclaveOffset(0x5000 + page * pageSize), secInfo: Self.secInfo) }
    finish(&bulk)
    finish(&single)
    #expect(bulk.digest == single.digest)
    #expect(bulk.blocks == single.blocks)
  }

  @Test(arguments: counts) func pagesThatHoldTheSame(count: UInt64) {
    for contents in [PageContents.zero, .fill(0xcc), VectorLike.page] {
      var (bulk, single) = (started(), started())
      bulk.addAndExtendRange(offset: EnclaveOffset(0x5000), pageCount: count, secInfo: Self.secInfo, contents: contents)
      for page in 0..<count { single.measure(0x5000 + page * pageSize, Self.secInfo, contents) }
      finish(&bulk)
      finish(&single)
      #expect(bulk.digest == single.digest)
      #expect(bulk.blocks == single.blocks)
    }
  }

  /// Blocks that end within the range, and before it.
  @Test(arguments: counts, [0, 1, 4095, 4096, 5 * 4096 + 17, 600 * 4096]) func pagesOfABlock(count: UInt64, size: Int) {
    let block = ContentBlock((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ $0 >> 12) })
    for place in [0, 3, 4096] {
      var (bulk, single) = (started(), started())
      bulk.addAndExtendRange(offset: EnclaveOffset(0x5000), pageCount: count, secInfo: Self.secInfo, block: block, from: place)
      for page in 0..<count {
        single.measure(0x5000 + page * pageSize, Self.secInfo, .bytes(block, offset: UInt32(UInt64(place) + page * pageSize)))
      }
      finish(&bulk)
      finish(&single)
      #expect(bulk.digest == single.digest)
      #expect(bulk.blocks == single.blocks)
    }
  }

  private enum VectorLike {
    static let page = PageContents.bytes(ContentBlock((0..<4000).map { UInt8(truncatingIfNeeded: $0) }), offset: 3)
  }
}

extension Measurement {
  fileprivate mutating func measure(_ offset: UInt64, _ secInfo: SecInfo, _ contents: PageContents) {
    add(offset: EnclaveOffset(offset), secInfo: secInfo)
    extendPage(offset: EnclaveOffset(offset), contents: contents)
  }
}
