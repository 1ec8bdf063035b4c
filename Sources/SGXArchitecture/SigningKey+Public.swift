import CryptoExtras
import SwiftASN1

/// The public half of a key that enclaves are signed with: RSA, 3072 bits, exponent 3. It is all that MRSIGNER depends on.
public struct SignerKey: Hashable, Sendable {
  /// As SIGSTRUCT.MODULUS holds it: 384 bytes, least significant first.
  public let modulus: [UInt8]

  /// Why a file gives no public key.
  public enum Problem: Error, Hashable, Sendable {
    case key(SigningKey.Problem)
    /// Blocks of PEM, and none of them a key or a certificate.
    case wrongLabels([String])
    /// A certificate that cannot be read, or one of another kind of key.
    case certificate

    public var text: String {
      switch self {
      case .key(let problem): problem.text
      case .wrongLabels(let labels):
        "holds \(labels.map { "'\($0)'" }.joined(separator: ", ")); a key is 'PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE', "
          + "or a private one"
      case .certificate: "not an X.509 certificate of an RSA key"
      }
    }
  }

  public init(_ key: SigningKey) { modulus = key.modulus }

  /// Reads a public key (SubjectPublicKeyInfo or PKCS#1), a certificate (X.509), or the public half of a private key, in PEM. The first
  /// block that is one of them counts.
  public init(pem text: String) throws(Problem) {
    let blocks = PEMText(text).blocks
    guard !blocks.isEmpty else { throw .key(.notPEM) }
    for block in blocks {
      switch block.label {
      case "PUBLIC KEY", "RSA PUBLIC KEY":
        guard let der = block.der, let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der) else { throw .key(.malformedPublic) }
        try self.init(key)
        return
      case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
        guard let der = block.der, let info = Self.keyInfo(ofCertificate: der),
          let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: info)
        else { throw .certificate }
        try self.init(key)
        return
      case "RSA PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
        do throws(SigningKey.Problem) { self.init(try SigningKey(pem: text)) } catch { throw .key(error) }
        return
      default: continue
      }
    }
    throw .wrongLabels(blocks.map(\.label))
  }

  private init(_ key: _RSA.Signing.PublicKey) throws(Problem) {
    do throws(SigningKey.Problem) { modulus = try SigningKey.modulus(of: key) } catch { throw .key(error) }
  }

  /// MRSIGNER of what the key signs.
  public var mrSigner: Digest {
    var hash = RunningSHA256()
    modulus.withUnsafeBytes { hash.update($0) }
    return hash.digest()
  }

  /// SubjectPublicKeyInfo, the seventh part of a certificate's first part; the sixth where there is no version (RFC 5280, section 4.1).
  /// Bytes behind the certificate, which openssl's trusted ones have, are left alone.
  private static func keyInfo(ofCertificate der: [UInt8]) -> [UInt8]? {
    guard let length = Self.length(ofFirstElement: der), let root = try? DER.parse(der[..<length]), let certificate = children(of: root),
      let signed = certificate.first, let parts = children(of: signed)
    else { return nil }
    let hasVersion = parts.first?.identifier.tagClass == .contextSpecific
    let index = hasVersion ? 6 : 5
    return index < parts.count ? Array(parts[index].encodedBytes) : nil
  }

  private static func children(of node: ASN1Node) -> [ASN1Node]? {
    guard node.identifier == .sequence, case .constructed(let nodes) = node.content else { return nil }
    return Array(nodes)
  }

  /// Header and contents of the element that the bytes begin with (X.690, 8.1.3); nil where they end before it does.
  private static func length(ofFirstElement der: [UInt8]) -> Int? {
    guard der.count >= 2 else { return nil }
    guard der[1] >= 0x80 else { return min(2 + Int(der[1]), der.count) }
    let digits = Int(der[1] & 0x7f)
    guard (1...4).contains(digits), der.count >= 2 + digits else { return nil }
    let contents = der[2..<(2 + digits)].reduce(0) { $0 << 8 | Int($1) }
    return 2 + digits + contents <= der.count ? 2 + digits + contents : nil
  }
}
