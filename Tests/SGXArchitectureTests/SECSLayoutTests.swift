import SGXArchitecture
import Testing

/// Table "SECS": offset and size of each field that software writes.
@Suite struct SECSLayoutTests {
  struct Field: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let offset: Int
    let size: Int
    let fillWithOnes: @Sendable (inout SECS) -> Void
    init(_ name: String, _ offset: Int, _ size: Int, _ fillWithOnes: @escaping @Sendable (inout SECS) -> Void) {
      testDescription = name
      self.offset = offset
      self.size = size
      self.fillWithOnes = fillWithOnes
    }
  }

  static let fields: [Field] = [
    Field("SIZE", 0, 8) { $0.size = .max },
    Field("BASEADDR", 8, 8) { $0.baseAddress = LinearAddress(.max) },
    Field("SSAFRAMESIZE", 16, 4) { $0.ssaFrameSize = .max },
    Field("MISCSELECT", 20, 4) { $0.miscSelect = MiscSelect(rawValue: .max) },
    Field("CET_LEG_BITMAP_OFFSET", 24, 8) { $0.cetLegacyBitmapOffset = .max },
    Field("CET_ATTRIBUTES", 32, 1) { $0.cetAttributes = .max },
    Field("ATTRIBUTES.FLAGS", 48, 8) { $0.attributes = AttributeFlags(rawValue: .max) },
    Field("ATTRIBUTES.XFRM", 56, 8) { $0.xfrm = XFRM(rawValue: .max) },
    Field("CONFIGID", 192, 64) { $0.configID = [UInt8](repeating: 0xff, count: 64) },
    Field("CONFIGSVN", 260, 2) { $0.configSVN = .max },
  ]

  /// Offsets that only the processor writes; what the source holds there is ignored.
  static let ignored = [64..<96, 128..<160, 256..<258, 258..<260]

  static var empty: SECS {
    SECS(size: 0, baseAddress: LinearAddress(0), ssaFrameSize: 0, attributes: [], xfrm: XFRM(rawValue: 0))
  }

  @Test(arguments: fields) func aFieldFillsItsBytesAndNoOthers(field: Field) {
    var secs = Self.empty
    field.fillWithOnes(&secs)
    let image = secs.image
    #expect(image.count == 4096)
    #expect(image.indices.filter { image[$0] != 0 } == Array(field.offset..<field.offset + field.size))
  }

  @Test(arguments: fields) func aFieldIsReadFromWhereItIsWritten(field: Field) {
    var image = [UInt8](repeating: 0, count: 4096)
    for offset in field.offset..<field.offset + field.size { image[offset] = 0xff }
    var expected = Self.empty
    field.fillWithOnes(&expected)
    #expect(SECS(image: image) == expected)
  }

  @Test func numbersAreLittleEndian() {
    var secs = Self.empty
    secs.size = 0x0102_0304_0506_0708
    secs.configSVN = 0xa1b2
    #expect(Array(secs.image[0..<8]) == [8, 7, 6, 5, 4, 3, 2, 1])
    #expect(Array(secs.image[260..<262]) == [0xb2, 0xa1])
    #expect(SECS(image: secs.image) == secs)
  }

  @Test func everyByteIsAFieldOrReservedOrTheProcessors() {
    let fields = Self.fields.flatMap { Array($0.offset..<$0.offset + $0.size) }
    let reserved = [33..<48, 96..<128, 160..<192, 262..<4096].flatMap(Array.init)
    let ignored = Self.ignored.flatMap(Array.init)
    #expect((fields + reserved + ignored).sorted() == Array(0..<4096))
    for offset in 0..<4096 {
      var image = [UInt8](repeating: 0, count: 4096)
      image[offset] = 1
      let found = SECS(image: image).reservedBytesSet
      #expect(found == (reserved.contains(offset) ? [offset] : []), "offset \(offset)")
    }
  }

  @Test func whatTheProcessorWritesIsNotReadFromTheSource() {
    var image = [UInt8](repeating: 0, count: 4096)
    for range in Self.ignored { for offset in range { image[offset] = 0xff } }
    #expect(SECS(image: image) == Self.empty)
  }
}
