/// KEYREQUEST, the 512 bytes that EGETKEY takes (SDM 3D, "KEYREQUEST Structure").
public struct KeyRequest: Hashable, Sendable {
  public static let size = 512

  public enum Field: StructureField {
    case keyName, keyPolicy, isvSVN, cetAttributesMask, cpuSVN, attributeMask, xfrmMask, keyID, miscMask, configSVN

    public static var structureSize: Int { KeyRequest.size }

    public var row: (offset: Int, size: Int, name: String) {
      switch self {
      case .keyName: (0, 2, "KEYNAME")
      case .keyPolicy: (2, 2, "KEYPOLICY")
      case .isvSVN: (4, 2, "ISVSVN")
      case .cetAttributesMask: (6, 1, "CET_ATTRIBUTES_MASK")
      case .cpuSVN: (8, 16, "CPUSVN")
      case .attributeMask: (24, 8, "ATTRIBUTEMASK")
      case .xfrmMask: (32, 8, "ATTRIBUTEMASK.XFRM")
      case .keyID: (40, 32, "KEYID")
      case .miscMask: (72, 4, "MISCMASK")
      case .configSVN: (76, 2, "CONFIGSVN")
      }
    }
  }

  /// KEYPOLICY.
  public struct Policy: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public static let mrEnclave = Policy(rawValue: 1 << 0)
    public static let mrSigner = Policy(rawValue: 1 << 1)
    public static let noISVProdID = Policy(rawValue: 1 << 2)
    public static let configID = Policy(rawValue: 1 << 3)
    public static let isvFamilyID = Policy(rawValue: 1 << 4)
    public static let isvExtProdID = Policy(rawValue: 1 << 5)
    /// What only an enclave with KSS may ask for.
    public static let kss: Policy = [.noISVProdID, .configID, .isvFamilyID, .isvExtProdID]
    public static let known: Policy = [.mrEnclave, .mrSigner, .kss]
  }

  /// The image; always 512 bytes.
  public private(set) var bytes: [UInt8]

  public init(_ name: KeyDependencies.Name = .seal) {
    bytes = [UInt8](repeating: 0, count: Self.size)
    bytes.store(name.rawValue, field: Field.keyName)
  }

  /// Takes an image of 512 bytes; nil for any other length.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = bytes
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

  /// KEYNAME as a number; the manual names 0 to 4.
  public var nameNumber: UInt16 {
    get { bytes.load(field: Field.keyName) }
    set { bytes.store(newValue, field: Field.keyName) }
  }
  public var policy: Policy {
    get { Policy(rawValue: bytes.load(field: Field.keyPolicy)) }
    set { bytes.store(newValue.rawValue, field: Field.keyPolicy) }
  }
  public var isvSVN: UInt16 {
    get { bytes.load(field: Field.isvSVN) }
    set { bytes.store(newValue, field: Field.isvSVN) }
  }
  public var configSVN: UInt16 {
    get { bytes.load(field: Field.configSVN) }
    set { bytes.store(newValue, field: Field.configSVN) }
  }
  public var attributeMask: AttributeFlags {
    get { AttributeFlags(rawValue: bytes.load(field: Field.attributeMask)) }
    set { bytes.store(newValue.rawValue, field: Field.attributeMask) }
  }
  public var xfrmMask: XFRM {
    get { XFRM(rawValue: bytes.load(field: Field.xfrmMask)) }
    set { bytes.store(newValue.rawValue, field: Field.xfrmMask) }
  }
  public var miscMask: MiscSelect {
    get { MiscSelect(rawValue: bytes.load(field: Field.miscMask)) }
    set { bytes.store(newValue.rawValue, field: Field.miscMask) }
  }
  public var cetAttributesMask: UInt8 {
    get { bytes.load(field: Field.cetAttributesMask) }
    set { bytes.store(newValue, field: Field.cetAttributesMask) }
  }

  /// True where nothing reserved is set, KEYPOLICY's upper bits included.
  public var hasCleanReserved: Bool { bytes.hasCleanReserved(Field.self) && policy.isSubset(of: .known) }
}
