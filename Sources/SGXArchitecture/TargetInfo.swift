/// TARGETINFO, the 512 bytes that name the enclave for which EREPORT makes a report (SDM 3D, "TARGETINFO Structure").
public struct TargetInfo: Hashable, Sendable {
  public static let size = 512

  public enum Field: StructureField {
    case measurement, attributes, xfrm, cetAttributes, configSVN, miscSelect, configID

    public static var structureSize: Int { TargetInfo.size }

    public var row: (offset: Int, size: Int, name: String) {
      switch self {
      case .measurement: (0, 32, "MEASUREMENT")
      case .attributes: (32, 8, "ATTRIBUTES")
      case .xfrm: (40, 8, "XFRM")
      case .cetAttributes: (48, 1, "CET_ATTRIBUTES")
      case .configSVN: (50, 2, "CONFIGSVN")
      case .miscSelect: (52, 4, "MISCSELECT")
      case .configID: (64, 64, "CONFIGID")
      }
    }
  }

  /// The image; always 512 bytes.
  public private(set) var bytes: [UInt8]

  public init() { bytes = [UInt8](repeating: 0, count: Self.size) }

  /// Takes an image of 512 bytes; nil for any other length.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = bytes
  }

  /// The target that an enclave with these claims is.
  public init(_ claims: EnclaveClaims) {
    self.init()
    self[.measurement] = claims.mrEnclave.bytes
    bytes.store(claims.attributes.rawValue, field: Field.attributes)
    bytes.store(claims.xfrm.rawValue, field: Field.xfrm)
    bytes.store(claims.cetAttributes, field: Field.cetAttributes)
    bytes.store(claims.configSVN, field: Field.configSVN)
    bytes.store(claims.miscSelect.rawValue, field: Field.miscSelect)
    self[.configID] = claims.configID
  }

  /// The bytes of a field.
  public subscript(field: Field) -> [UInt8] {
    get { bytes[field: field] }
    set { bytes[field: field] = newValue }
  }

  /// One byte of the image.
  public subscript(offset offset: Int) -> UInt8 {
    get { bytes[offset] }
    set { bytes[offset] = newValue }
  }

  /// True where nothing reserved is set.
  public var hasCleanReserved: Bool { bytes.hasCleanReserved(Field.self) }
}
