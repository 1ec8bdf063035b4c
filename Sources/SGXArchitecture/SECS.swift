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

  /// The reserved areas: what no field covers.
  public static let reservedRanges = Field.reservedRanges

  /// Reads an image of 4096 bytes; what the processor fills in is not looked at.
  package init(image: [UInt8]) {
    precondition(image.count == Self.size, "secs-size: a SECS image has 4096 bytes")
    size = image.load(field: Field.size)
    baseAddress = LinearAddress(image.load(field: Field.baseAddress))
    ssaFrameSize = image.load(field: Field.ssaFrameSize)
    miscSelect = MiscSelect(rawValue: image.load(field: Field.miscSelect))
    cetLegacyBitmapOffset = image.load(field: Field.cetLegacyBitmapOffset)
    cetAttributes = image.load(field: Field.cetAttributes)
    attributes = AttributeFlags(rawValue: image.load(field: Field.attributes))
    xfrm = XFRM(rawValue: image.load(field: Field.xfrm))
    configID = image[field: Field.configID]
    configSVN = image.load(field: Field.configSVN)
    for range in Self.reservedRanges { for offset in range where image[offset] != 0 { reservedBytesSet.insert(offset) } }
  }

  /// The image, byte for byte.
  package var image: [UInt8] {
    var image = [UInt8](repeating: 0, count: Self.size)
    image.store(size, field: Field.size)
    image.store(baseAddress.rawValue, field: Field.baseAddress)
    image.store(ssaFrameSize, field: Field.ssaFrameSize)
    image.store(miscSelect.rawValue, field: Field.miscSelect)
    image.store(cetLegacyBitmapOffset, field: Field.cetLegacyBitmapOffset)
    image.store(cetAttributes, field: Field.cetAttributes)
    image.store(attributes.rawValue, field: Field.attributes)
    image.store(xfrm.rawValue, field: Field.xfrm)
    image[field: Field.configID] = configID
    image.store(configSVN, field: Field.configSVN)
    for offset in reservedBytesSet { image[offset] = 1 }
    return image
  }
}
