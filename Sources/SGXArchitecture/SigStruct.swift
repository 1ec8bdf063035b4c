/// SIGSTRUCT, the 1808 bytes that EINIT takes in RBX (SDM 3D, "Enclave Signature Structure").
///
/// The value is the image itself, and fields are read out of it: any 1808 bytes survive, reserved ones included, so that EINIT can
/// refuse them. A copy shares the bytes until one of the two is written.
///
/// - SigStruct+Field.swift: the layout
/// - SigStruct+Format.swift: what EINIT demands of constants and reserved bytes
/// - SigStruct+Signature.swift: the RSA check
public struct SigStruct: Hashable, Sendable {
  public static let size = 1808

  /// The image, byte for byte; always 1808.
  public private(set) var bytes: [UInt8]

  /// Constants and exponent as EINIT wants them, everything else zero: well formed and not signed.
  public init() {
    bytes = [UInt8](repeating: 0, count: Self.size)
    bytes.store(Self.headerWords.0, at: 0)
    bytes.store(Self.headerWords.1, at: 8)
    bytes.store(Self.header2Words.0, at: 24)
    bytes.store(Self.header2Words.1, at: 32)
    bytes.store(UInt32(3), at: 512)
  }

  /// Takes an image. The only thing that can be wrong with one is its length; its contents are judged by EINIT, or by `malformations`.
  public init(bytes: [UInt8]) throws(WrongSize) {
    guard bytes.count == Self.size else { throw WrongSize(found: bytes.count) }
    self.bytes = bytes
  }

  /// An image that is not 1808 bytes long.
  public struct WrongSize: Error, Hashable, Sendable {
    /// Bytes there are.
    public let found: Int
    /// The field in which a short image ends; nil for a long one.
    public var field: Field? { Field.allCases.first { $0.range.contains(found) } }
  }

  /// One byte of the image.
  public subscript(offset offset: Int) -> UInt8 {
    get { bytes[offset] }
    set { bytes[offset] = newValue }
  }

  /// The bytes of a field; a new value must have as many.
  public subscript(field: Field) -> [UInt8] {
    get { Array(bytes[field.range]) }
    set {
      precondition(newValue.count == field.range.count, "sigstruct-layout: \(field.name) has \(field.range.count) bytes")
      bytes.replaceSubrange(field.range, with: newValue)
    }
  }

  public var vendor: UInt32 {
    get { bytes.load(UInt32.self, at: 16) }
    set { bytes.store(newValue, at: 16) }
  }

  /// Year, month and day as decimal digits in hexadecimal: 0x20240131. EINIT does not look at it.
  public var date: UInt32 {
    get { bytes.load(UInt32.self, at: 20) }
    set { bytes.store(newValue, at: 20) }
  }

  public var swDefined: UInt32 {
    get { bytes.load(UInt32.self, at: 40) }
    set { bytes.store(newValue, at: 40) }
  }

  public var exponent: UInt32 {
    get { bytes.load(UInt32.self, at: 512) }
    set { bytes.store(newValue, at: 512) }
  }

  public var miscSelect: MiscSelect {
    get { MiscSelect(rawValue: bytes.load(UInt32.self, at: 900)) }
    set { bytes.store(newValue.rawValue, at: 900) }
  }

  /// MISCMASK: the bits of MISCSELECT that must agree with the enclave's.
  public var miscMask: MiscSelect {
    get { MiscSelect(rawValue: bytes.load(UInt32.self, at: 904)) }
    set { bytes.store(newValue.rawValue, at: 904) }
  }

  public var cetAttributes: UInt8 {
    get { bytes[908] }
    set { bytes[908] = newValue }
  }

  public var cetAttributesMask: UInt8 {
    get { bytes[909] }
    set { bytes[909] = newValue }
  }

  /// ATTRIBUTES, its first eight bytes.
  public var attributes: AttributeFlags {
    get { AttributeFlags(rawValue: bytes.load(UInt64.self, at: 928)) }
    set { bytes.store(newValue.rawValue, at: 928) }
  }

  /// ATTRIBUTES.XFRM.
  public var xfrm: XFRM {
    get { XFRM(rawValue: bytes.load(UInt64.self, at: 936)) }
    set { bytes.store(newValue.rawValue, at: 936) }
  }

  /// ATTRIBUTEMASK, its first eight bytes: the bits of ATTRIBUTES that must agree with the enclave's.
  public var attributeMask: AttributeFlags {
    get { AttributeFlags(rawValue: bytes.load(UInt64.self, at: 944)) }
    set { bytes.store(newValue.rawValue, at: 944) }
  }

  /// The second eight bytes of ATTRIBUTEMASK, for XFRM.
  public var xfrmMask: XFRM {
    get { XFRM(rawValue: bytes.load(UInt64.self, at: 952)) }
    set { bytes.store(newValue.rawValue, at: 952) }
  }

  /// ENCLAVEHASH: the MRENCLAVE that the enclave must have.
  public var enclaveHash: Digest {
    get { Digest(bytes: self[.enclaveHash]) }
    set { self[.enclaveHash] = newValue.bytes }
  }

  public var isvProdID: UInt16 {
    get { bytes.load(UInt16.self, at: 1024) }
    set { bytes.store(newValue, at: 1024) }
  }

  public var isvSVN: UInt16 {
    get { bytes.load(UInt16.self, at: 1026) }
    set { bytes.store(newValue, at: 1026) }
  }

  /// MRSIGNER: SHA-256 of MODULUS as it is stored.
  public var signer: Digest {
    var hash = RunningSHA256()
    bytes.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[Field.modulus.range])) }
    return hash.digest()
  }

  /// SHA-256 of what is signed: bytes 0 to 127 and 900 to 1027.
  public var signedDigest: Digest {
    var hash = RunningSHA256()
    bytes.withUnsafeBytes { image in
      for range in Self.signedRanges { hash.update(UnsafeRawBufferPointer(rebasing: image[range])) }
    }
    return hash.digest()
  }

  /// The two parts of the image that the signature covers, in order.
  public static let signedRanges = [0..<128, 900..<1028]
}
