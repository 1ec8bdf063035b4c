import BigInt

/// Signing in two steps, with the key elsewhere: the 256 signed bytes go to whoever holds it, and the signature comes back.
extension SigStruct {
  /// Bytes that the signature covers.
  public static let signedSize = 256

  /// A structure of which only the signed part is known; everything else is as in a new one.
  public init(signedBytes: [UInt8]) throws(WrongSize) {
    guard signedBytes.count == Self.signedSize else { throw WrongSize(found: signedBytes.count) }
    var image = Self().bytes
    var next = 0
    for range in Self.signedRanges {
      image.replaceSubrange(range, with: signedBytes[next..<(next + range.count)])
      next += range.count
    }
    try self.init(bytes: image)
  }

  /// Why a signature that came from outside is not this structure's.
  public enum WrongSignature: Error, Hashable, Sendable {
    /// It has not 384 bytes.
    case size(Int)
    /// It is one by this key, least significant byte first.
    case reversed
    /// It was made by another key, or with another padding: nothing can be read out of it.
    case otherKey
    /// It is a PKCS#1 v1.5 signature by this key, with another hash than SHA-256.
    case otherHash
    /// It is a signature by this key, of other bytes: SHA-256 of those, and of these.
    case otherBytes(signed: Digest, wanted: Digest)

    public var text: String {
      switch self {
      case .size(let count): "\(count) bytes; a signature by a key of 3072 bits has 384"
      case .reversed: "a signature with its least significant byte first; signers give the most significant first, so turn it round"
      case .otherKey: "not a signature by this key (PKCS#1 v1.5; a PSS signature is none)"
      case .otherHash: "a signature by this key, with another hash than SHA-256"
      case .otherBytes(let signed, let wanted): "signs bytes whose SHA-256 is \(signed.hex); these have \(wanted.hex)"
      }
    }
  }

  /// Takes a signature that somebody else made of `signedBytes`: sets MODULUS, EXPONENT, SIGNATURE, Q1 and Q2 as `sign` would. A wrong
  /// one changes nothing.
  ///
  /// - Parameter signature: 384 bytes, most significant first, as RSASSA-PKCS1-v1_5 makes them (RFC 8017, section 8.2).
  public mutating func attach(_ signature: [UInt8], by key: SignerKey) throws(WrongSignature) {
    guard signature.count == 384 else { throw .size(signature.count) }
    let wanted = Self.encodedMessage(of: signedDigest)
    let decoded = Self.decode(signature, by: key)
    guard decoded == wanted else {
      if let turned = Self.decode(signature.reversed(), by: key), turned.reversed().starts(with: Self.padding) { throw .reversed }
      throw Self.reason(decoded.map { $0.reversed() }, signedDigest)
    }
    put(signature, by: key)
  }

  /// SIGNATURE^3 mod MODULUS in 384 bytes, least significant first; nil where SIGNATURE is no number below MODULUS.
  private static func decode(_ signature: [UInt8], by key: SignerKey) -> [UInt8]? {
    let modulus = BigUInt(littleEndian: key.modulus[...])
    let number = BigUInt(littleEndian: signature.reversed()[...])
    guard number < modulus else { return nil }
    return (number * number % modulus * number % modulus).littleEndian(count: 384)
  }

  /// What a decoded signature says instead of what was wanted.
  private static func reason(_ decoded: [UInt8]?, _ wanted: Digest) -> WrongSignature {
    guard let decoded, decoded.starts(with: [0x00, 0x01, 0xff, 0xff]) else { return .otherKey }
    guard decoded.starts(with: padding) else { return .otherHash }
    return .otherBytes(signed: Digest(bytes: Array(decoded[padding.count...])), wanted: wanted)
  }
}
