import EnclaveImage
import ImageWriters
import SGXArchitecture
import Testing

/// Which record makes two measurements differ. The stream that `measure --sgxs` writes is the other opinion: it is made apart from
/// the records.
@Suite("Differences between images") struct DifferenceTests {
  private static func stream(_ plan: LoadPlan) -> [UInt8] {
    var bytes: [UInt8] = []
    #expect(plan.writeStream { bytes.append(contentsOf: $0); return true })
    return bytes
  }

  /// The bytes that a record is hashed as.
  private static func bytes(_ record: MeasurementRecord) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64)
    switch record {
    case .create(let frame, let size, _):
      bytes.replaceSubrange(0..<8, with: Array("ECREATE\0".utf8))
      bytes.store(frame, at: 8)
      bytes.store(size, at: 12)
    case .add(let offset, let flags):
      bytes.replaceSubrange(0..<8, with: Array("EADD\0\0\0\0".utf8))
      bytes.store(offset.rawValue, at: 8)
      bytes.store(flags, at: 16)
    case .extend(let offset, let contents):
      bytes.replaceSubrange(0..<8, with: Array("EEXTEND\0".utf8))
      bytes.store(offset.rawValue, at: 8)
      let start = Int(offset.rawValue % 4096)
      bytes += contents.bytes()[start..<(start + 256)]
    }
    return bytes
  }

  @Test(arguments: Sample.all) func theRecordsAreWhatIsHashed(_ sample: Sample) throws {
    let plan = try sample.read().plan
    var bytes: [UInt8] = []
    var records = plan.records
    while let record = records.next() { bytes += Self.bytes(record) }
    #expect(bytes == Self.stream(plan))
    #expect(plan.firstDifference(from: plan) == nil)
    #expect(plan.differences(from: plan).isEmpty)
  }

  /// The record in which the first byte lies that two streams have otherwise.
  private static func firstDifference(_ first: [UInt8], _ second: [UInt8]) -> UInt64? {
    var (number, place) = (UInt64(0), 0)
    while place < max(first.count, second.count) {
      let isExtend = first.dropFirst(place).prefix(8).elementsEqual("EEXTEND\0".utf8)
      let size = isExtend ? 64 + 256 : 64
      if !first.dropFirst(place).prefix(size).elementsEqual(second.dropFirst(place).prefix(size)) { return number }
      (number, place) = (number + 1, place + size)
    }
    return nil
  }

  @Test(arguments: Sample.all) func aChangedByteIsFound(_ sample: Sample) throws {
    let image = try sample.read()
    let stream = Self.stream(image.plan)
    for range in image.plan.ranges {
      for (page, place) in [(0, 0), (range.pageCount - 1, 0xfff), (range.pageCount / 2, 0x6fe)] as [(UInt64, UInt64)] {
        let offset = EnclaveOffset(range.offset.rawValue + page * pageSize + place)
        let byte = try #require(image.plan.byte(at: offset))
        let other = try #require(image.plan.replacingByte(at: offset, with: byte ^ 0x40))
        let difference = image.plan.firstDifference(from: other)
        #expect(difference?.number == Self.firstDifference(stream, Self.stream(other)))
        #expect((difference == nil) == (other.mrenclave() == image.plan.mrenclave()))
        if let difference {
          #expect(difference.byte?.offset == offset)
          #expect(difference.byte?.first == byte)
          #expect(difference.byte?.second == byte ^ 0x40)
        }
        let pages = image.plan.differences(from: other)
        #expect(pages.count == 1)
        #expect(pages.first?.offset.rawValue == offset.rawValue & ~0xfff)
        #expect(pages.first?.pageCount == 1)
        let isMeasured =
          switch range.measured {
          case .none: false
          case .all: true
          case .some(let order): order.chunks.contains(Int(place >> 8))
          }
        #expect(pages.first?.kinds == (isMeasured ? .contents : .unmeasuredContents))
      }
    }
  }

  @Test func anyTwoSamples() throws {
    let plans = try Sample.all.map { try $0.read().plan }
    let streams = plans.map(Self.stream)
    for (index, first) in plans.enumerated() {
      for other in [index, (index + 1) % plans.count, (index + 2) % plans.count] {
        let difference = first.firstDifference(from: plans[other])
        #expect(difference?.number == Self.firstDifference(streams[index], streams[other]))
        #expect((difference == nil) == (first.mrenclave() == plans[other].mrenclave()))
      }
    }
  }

  private static func flat(_ pages: [UInt8]) throws -> LoadPlan {
    var bytes = [UInt8](repeating: 0, count: 4096)
    bytes.store(UInt64(0x1000), at: TCS.ossa)
    bytes.store(UInt32(1), at: TCS.nssa)
    for page in pages { bytes += [UInt8](repeating: page, count: 4096) }
    return try EnclaveImage(name: "flat", bytes: ContentBlock(bytes)).plan
  }

  @Test func stretchesOfPages() throws {
    let first = try Self.flat([1, 2, 3, 4, 5])
    let second = try Self.flat([1, 9, 9, 4, 5, 6, 7])
    let pages = first.differences(from: second)
    #expect(pages.map(\.offset.rawValue) == [0x2000, 0x6000])
    #expect(pages.map(\.pageCount) == [2, 2])
    #expect(pages.map(\.kinds.text) == ["contents", "only in the second"])
    #expect(second.differences(from: first).last?.kinds.text == "only in the first")
    let text = try #require(first.firstDifference(from: second)).text("a", "b")
    #expect(text == "record 36: EEXTEND 0x2000, byte 0x2000: 0x2 in a, 0x9 in b")
    let shorter = try #require(try Self.flat([1, 2]).firstDifference(from: Self.flat([1, 2, 3])))
    #expect(shorter.text("a", "b") == "record 52: nothing more in a, EADD 0x3000 REG rwx in b")
    let larger = try #require(try Self.flat([1, 2, 3]).firstDifference(from: Self.flat([1, 2, 3, 4])))
    #expect(larger.text("a", "b") == "record 0: ECREATE 0x4000 bytes, SSA frames of 1 page in a, ECREATE 0x8000 bytes, SSA frames of 1 page in b")
  }
}
