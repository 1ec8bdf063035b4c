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
    case wrongSize(bits: Int)
    /// The public exponent is not 3; nil where it has more than 64 bits.
    case wrongExponent(UInt64?)

    public var text: String {
      switch self {
      case .notPEM: "not a PEM file: no line begins with -----BEGIN"
      case .wrongLabel(let label): "holds '\(label)'; a key is 'RSA PRIVATE KEY' (PKCS#1) or 'PRIVATE KEY' (PKCS#8)"
      case .encrypted: "the key is protected by a pass phrase; store it without one"
      case .malformed: "not a private RSA key, or its numbers do not belong together"
      case .wrongSize(let bits): "an RSA key of \(bits) bits; SIGSTRUCT takes 3072"
      case .wrongExponent(let exponent): "the public exponent is \(exponent.map(String.init) ?? "longer than 64 bits"); SIGSTRUCT takes 3"
      }
    }
  }

  /// Reads a key in PEM, PKCS#1 or PKCS#8.
  public init(pem text: String) throws(Problem) {
    guard let label = Self.label(of: text) else { throw .notPEM }
    guard label != "ENCRYPTED PRIVATE KEY" else { throw .encrypted }
    guard label == "RSA PRIVATE KEY" || label == "PRIVATE KEY" else { throw .wrongLabel(label) }
    guard !text.split(whereSeparator: \.isNewline).contains(where: { $0.hasPrefix("Proc-Type:") && $0.hasSuffix("ENCRYPTED") }) else {
      throw .encrypted
    }
    let key: _RSA.Signing.PrivateKey
    // "Unsafe" allows 1024 bits and up, which the next lines refuse with the size.
    do { key = try _RSA.Signing.PrivateKey(unsafePEMRepresentation: text) } catch { throw .malformed }
    try self.init(key)
  }

  init(_ key: _RSA.Signing.PrivateKey) throws(Problem) {
    guard key.keySizeInBits == 3072 else { throw .wrongSize(bits: key.keySizeInBits) }
    guard let primitives = try? key.publicKey.getKeyPrimitives() else { throw .malformed }
    let exponent = [UInt8](primitives.publicExponent)
    guard exponent.drop(while: { $0 == 0 }).elementsEqual([3]) else {
      throw .wrongExponent(exponent.count > 8 ? nil : exponent.reduce(0) { $0 << 8 | UInt64($1) })
    }
    self.key = key
    modulus = [UInt8](primitives.modulus).reversed()
  }

  /// The label of the first PEM block.
  private static func label(of text: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("-----BEGIN ") && line.hasSuffix("-----") {
      return String(line.dropFirst(11).dropLast(5))
    }
    return nil
  }

  /// The signature of a message, most significant byte first, as RSASSA-PKCS1-v1_5 makes it: the same every time.
  func signature(of message: [UInt8]) -> [UInt8] {
    do {
      return [UInt8](try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
    } catch {
      preconditionFailure("a key that was read can sign: \(error)")
    }
  }
}

extension SigStruct {
  /// Signs the structure as it stands: sets MODULUS, EXPONENT, SIGNATURE, Q1 and Q2, and nothing else.
  public mutating func sign(with key: SigningKey) {
    self[.modulus] = key.modulus
    exponent = 3
    self[.signature] = key.signature(of: signedBytes).reversed()
    let quotients = quotients
    self[.q1] = quotients.q1.littleEndian(count: 384)
    self[.q2] = quotients.q2.littleEndian(count: 384)
  }

  /// What the signature covers; 256 bytes.
  var signedBytes: [UInt8] { Self.signedRanges.flatMap { bytes[$0] } }
}
