/// The SECS image that software hands to ECREATE: 4096 bytes (SDM 3D, "SGX Enclave Control Structure").
public struct SECS: Hashable, Sendable {
  public static let size = 4096

  /// Bytes of the enclave's range; a power of two, at least 8192.
  public var size: UInt64
  public var baseAddress: LinearAddress
  /// Pages of one SSA frame.
  public var ssaFrameSize: UInt32
  public var miscSelect: MiscSelect
  public var cetLegacyBitmapOffset: UInt64 = 0
  public var cetAttributes: UInt8 = 0
  public var attributes: AttributeFlags
  public var xfrm: XFRM
  public var configID: [UInt8] = [UInt8](repeating: 0, count: 64)
  public var configSVN: UInt16 = 0
  /// Offsets of reserved bytes that are not zero: no good image has any.
  public var reservedBytesSet: Set<Int> = []

  public init(
    size: UInt64, baseAddress: LinearAddress, ssaFrameSize: UInt32 = 1, miscSelect: MiscSelect = [],
    attributes: AttributeFlags = .mode64Bit, xfrm: XFRM = .legacy
  ) {
    self.size = size
    self.baseAddress = baseAddress
    self.ssaFrameSize = ssaFrameSize
    self.miscSelect = miscSelect
    self.attributes = attributes
    self.xfrm = xfrm
  }

  /// The reserved areas: 33–47, 96–127, 160–191, 262–4095. (Linux treats 24–47 as reserved; the manual gives
  /// 24–32 to CET, and a processor without CET refuses them in the same place.)
  public static let reservedRanges: [Range<Int>] = [33..<48, 96..<128, 160..<192, 262..<4096]

  /// Reads an image of 4096 bytes.
  package init(image: [UInt8]) {
    precondition(image.count == Self.size, "secs-size: a SECS image has 4096 bytes")
    size = image.load(UInt64.self, at: 0)
    baseAddress = LinearAddress(image.load(UInt64.self, at: 8))
    ssaFrameSize = image.load(UInt32.self, at: 16)
    miscSelect = MiscSelect(rawValue: image.load(UInt32.self, at: 20))
    cetLegacyBitmapOffset = image.load(UInt64.self, at: 24)
    cetAttributes = image[32]
    attributes = AttributeFlags(rawValue: image.load(UInt64.self, at: 48))
    xfrm = XFRM(rawValue: image.load(UInt64.self, at: 56))
    configID = Array(image[192..<256])
    configSVN = image.load(UInt16.self, at: 260)
    for range in Self.reservedRanges { for offset in range where image[offset] != 0 { reservedBytesSet.insert(offset) } }
  }

  /// The image, byte for byte.
  package var image: [UInt8] {
    var image = [UInt8](repeating: 0, count: Self.size)
    image.store(size, at: 0)
    image.store(baseAddress.rawValue, at: 8)
    image.store(ssaFrameSize, at: 16)
    image.store(miscSelect.rawValue, at: 20)
    image.store(cetLegacyBitmapOffset, at: 24)
    image[32] = cetAttributes
    image.store(attributes.rawValue, at: 48)
    image.store(xfrm.rawValue, at: 56)
    image.replaceSubrange(192..<256, with: configID)
    image.store(configSVN, at: 260)
    for offset in reservedBytesSet { image[offset] = 1 }
    return image
  }
}
