/// EINITTOKEN, the 304 bytes that EINIT takes in RDX (SDM 3D, "EINIT Token Structure").
///
/// As with `SigStruct` the value is the image. A zero token, which is what Linux hands over, claims nothing.
public struct EINITToken: Hashable, Sendable {
  public static let size = 304

  /// The image; always 304 bytes.
  public private(set) var bytes: [UInt8]

  /// The zero token: VALID is 0.
  public static let none = EINITToken()

  public init() { bytes = [UInt8](repeating: 0, count: Self.size) }

  /// Takes an image of 304 bytes; nil for any other length.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = bytes
  }

  /// One byte of the image.
  public subscript(offset offset: Int) -> UInt8 {
    get { bytes[offset] }
    set { bytes[offset] = newValue }
  }

  /// VALID; only bit 0 has a meaning, the others are reserved.
  public var valid: UInt32 {
    get { bytes.load(UInt32.self, at: 0) }
    set { bytes.store(newValue, at: 0) }
  }

  public var attributes: AttributeFlags {
    get { AttributeFlags(rawValue: bytes.load(UInt64.self, at: 48)) }
    set { bytes.store(newValue.rawValue, at: 48) }
  }

  public var xfrm: XFRM {
    get { XFRM(rawValue: bytes.load(UInt64.self, at: 56)) }
    set { bytes.store(newValue.rawValue, at: 56) }
  }

  public var mrEnclave: Digest {
    get { Digest(bytes: Array(bytes[64..<96])) }
    set { bytes.replaceSubrange(64..<96, with: newValue.bytes) }
  }

  public var mrSigner: Digest {
    get { Digest(bytes: Array(bytes[128..<160])) }
    set { bytes.replaceSubrange(128..<160, with: newValue.bytes) }
  }

  /// CPUSVN of the launch enclave; 16 bytes.
  public var launchCPUSVN: [UInt8] {
    get { Array(bytes[192..<208]) }
    set { bytes.replaceSubrange(192..<208, with: newValue) }
  }

  public var launchISVProdID: UInt16 {
    get { bytes.load(UInt16.self, at: 208) }
    set { bytes.store(newValue, at: 208) }
  }

  public var launchISVSVN: UInt16 {
    get { bytes.load(UInt16.self, at: 210) }
    set { bytes.store(newValue, at: 210) }
  }

  /// CET_MASKED_ATTRIBUTES_LE.
  public var launchCETAttributes: UInt8 {
    get { bytes[212] }
    set { bytes[212] = newValue }
  }

  /// MASKEDMISCSELECTLE.
  public var launchMiscSelect: MiscSelect {
    get { MiscSelect(rawValue: bytes.load(UInt32.self, at: 236)) }
    set { bytes.store(newValue.rawValue, at: 236) }
  }

  /// MASKEDATTRIBUTESLE, its first eight bytes.
  public var launchAttributes: AttributeFlags {
    get { AttributeFlags(rawValue: bytes.load(UInt64.self, at: 240)) }
    set { bytes.store(newValue.rawValue, at: 240) }
  }

  public var launchXFRM: XFRM {
    get { XFRM(rawValue: bytes.load(UInt64.self, at: 248)) }
    set { bytes.store(newValue.rawValue, at: 248) }
  }

  /// KEYID; 32 bytes.
  public var keyID: [UInt8] {
    get { Array(bytes[256..<288]) }
    set { bytes.replaceSubrange(256..<288, with: newValue) }
  }

  /// MAC over the first 192 bytes; 16 bytes.
  public var mac: [UInt8] {
    get { Array(bytes[288..<304]) }
    set { bytes.replaceSubrange(288..<304, with: newValue) }
  }

  /// The bytes that the MAC covers.
  public var authenticated: [UInt8] { Array(bytes[..<192]) }

  /// The reserved areas, bits 31 to 1 of VALID not among them.
  public static let reservedRanges: [Range<Int>] = [4..<48, 96..<128, 160..<192, 213..<236]

  /// True where nothing reserved is set, VALID included.
  public var hasCleanReserved: Bool {
    valid & ~1 == 0 && Self.reservedRanges.allSatisfy { bytes[$0].allSatisfy { $0 == 0 } }
  }
}
