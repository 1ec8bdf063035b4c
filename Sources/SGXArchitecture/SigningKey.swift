import CryptoExtras

/// A private RSA key that can sign enclaves: 3072 bits, exponent 3.
public struct SigningKey: Sendable {
  private let key: _RSA.Signing.PrivateKey
  /// As SIGSTRUCT.MODULUS holds it: 384 bytes, least significant first.
  public let modulus: [UInt8]

  /// Why a key cannot be used.
  public enum Problem: Error, Hashable, Sendable {
    /// There is no BEGIN line.
    case notPEM
    /// A PEM block of this label, which is not a private RSA key in PKCS#1 or PKCS#8.
    case wrongLabel(String)
    /// It is protected by a pass phrase.
    case encrypted
    /// The block does not hold an RSA key whose numbers belong together.
    case malformed
    /// The block does not hold a public RSA key.
    case malformedPublic
    case wrongSize(bits: Int)
    /// The public exponent is not 3; nil where it has more than 64 bits.
    case wrongExponent(UInt64?)

    public var text: String {
      switch self {
      case .notPEM: "not a PEM file: no line begins with -----BEGIN"
      case .wrongLabel(let label): "holds '\(label)'; a key is 'RSA PRIVATE KEY' (PKCS#1) or 'PRIVATE KEY' (PKCS#8)"
      case .encrypted: "the key is protected by a pass phrase; store it without one"
      case .malformed: "not a private RSA key, or its numbers do not belong together"
      case .malformedPublic: "not a public RSA key"
      case .wrongSize(let bits): "an RSA key of \(bits) bits; SIGSTRUCT takes 3072"
      case .wrongExponent(let exponent): "the public exponent is \(exponent.map(String.init) ?? "longer than 64 bits"); SIGSTRUCT takes 3"
      }
    }
  }

  /// Reads a key in PEM, PKCS#1 or PKCS#8. The first block that is a private key counts, as with openssl.
  public init(pem text: String) throws(Problem) {
    let blocks = PEMText(text).blocks
    guard let first = blocks.first else { throw .notPEM }
    let block = blocks.first { ["RSA PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"].contains($0.label) } ?? first
    guard block.label != "ENCRYPTED PRIVATE KEY", !block.isEncrypted else { throw .encrypted }
    guard block.label == "RSA PRIVATE KEY" || block.label == "PRIVATE KEY" else { throw .wrongLabel(block.label) }
    // "Unsafe" allows 1024 bits and up, which the next lines refuse with the size.
    guard let der = block.der, let key = try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der) else { throw .malformed }
    try self.init(key)
  }

  init(_ key: _RSA.Signing.PrivateKey) throws(Problem) {
    modulus = try Self.modulus(of: key.publicKey)
    self.key = key
  }

  /// The modulus as SIGSTRUCT holds it, of a key that SIGSTRUCT takes.
  static func modulus(of key: _RSA.Signing.PublicKey) throws(Problem) -> [UInt8] {
    guard key.keySizeInBits == 3072 else { throw .wrongSize(bits: key.keySizeInBits) }
    guard let primitives = try? key.getKeyPrimitives() else { throw .malformed }
    let exponent = [UInt8](primitives.publicExponent)
    guard exponent.drop(while: { $0 == 0 }).elementsEqual([3]) else {
      throw .wrongExponent(exponent.count > 8 ? nil : exponent.reduce(0) { $0 << 8 | UInt64($1) })
    }
    return [UInt8](primitives.modulus).reversed()
  }

  /// The signature of a message, most significant byte first, as RSASSA-PKCS1-v1_5 makes it: the same every time.
  func signature(of message: [UInt8]) -> [UInt8] {
    do {
      return [UInt8](try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
    } catch {
      preconditionFailure("key-signs: a key that was read can sign: \(error)")
    }
  }
}

extension SigStruct {
  /// Signs the structure as it stands: sets MODULUS, EXPONENT, SIGNATURE, Q1 and Q2, and nothing else.
  public mutating func sign(with key: SigningKey) {
    put(key.signature(of: signedBytes), by: SignerKey(key))
  }

  /// Sets what belongs to a signature that is right: MODULUS, EXPONENT, SIGNATURE, Q1 and Q2.
  ///
  /// - Parameter signature: most significant byte first, as signers give it.
  mutating func put(_ signature: [UInt8], by key: SignerKey) {
    self[.modulus] = key.modulus
    exponent = 3
    self[.signature] = signature.reversed()
    let quotients = quotients
    self[.q1] = quotients.q1.littleEndian(count: 384)
    self[.q2] = quotients.q2.littleEndian(count: 384)
  }

  /// What the signature covers; 256 bytes.
  public var signedBytes: [UInt8] { Self.signedRanges.flatMap { bytes[$0] } }
}
