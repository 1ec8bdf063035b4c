import Crypto
import CryptoExtras

/// What a processor package derives its keys from: fuses and registers that software cannot read.
public struct KeyMaterial: Hashable, Sendable {
  /// Key of the derivation; 16 bytes.
  public var root: [UInt8]
  /// CR_CPUSVN; 16 bytes.
  public var cpuSVN: [UInt8]
  /// CR_SGXOWNEREPOCH; 16 bytes.
  public var ownerEpoch: [UInt8]
  /// CR_SEAL_FUSES; 16 bytes.
  public var sealFuses: [UInt8]

  /// Every model has the same: what is derived is then the same in every run.
  public static let model = KeyMaterial(
    root: Array(0..<16), cpuSVN: [UInt8](repeating: 1, count: 16), ownerEpoch: [UInt8](repeating: 2, count: 16),
    sealFuses: [UInt8](repeating: 3, count: 16))
}

/// The key dependencies of EGETKEY, EREPORT and EINIT (SDM 3D, "Key Derivation"), as one block of 656 bytes.
///
/// Intel has not published the derivation itself. Here a key is the AES-128-CMAC of the block under the root key (`Docs/Fidelity.md`).
public struct KeyDependencies: Hashable, Sendable {
  /// KEYNAME (SDM 3D, KEYREQUEST).
  @frozen public enum Name: UInt16, CaseIterable, Sendable {
    case einitToken = 0, provision, provisionSeal, report, seal

    /// The manual's spelling.
    public var name: String {
      switch self {
      case .einitToken: "EINITTOKEN"
      case .provision: "PROVISION"
      case .provisionSeal: "PROVISION_SEAL"
      case .report: "REPORT"
      case .seal: "SEAL"
      }
    }
  }

  private var block = [UInt8](repeating: 0, count: 656)

  public init(_ name: Name) { block.store(name.rawValue, at: 0) }

  package mutating func store<Value: FixedWidthInteger>(_ value: Value, at field: Scalar) { block.store(value, at: field.rawValue) }

  mutating func store(_ byte: UInt8, atOffset offset: Int) { block[offset] = byte }

  package mutating func store(_ value: [UInt8], at field: Area) {
    block.replaceSubrange(field.rawValue..<(field.rawValue + value.count), with: value)
  }

  /// Offsets of the integers.
  package enum Scalar: Int {
    case keyPolicy = 2, isvProdID = 4, isvSVN = 6, configSVN = 8, cetAttributes = 10, cetAttributesMask = 11, miscSelect = 12
    case miscMask = 16, attributes = 32, xfrm = 40, attributeMask = 48, xfrmMask = 56
  }

  /// Offsets of the fields of 16 bytes and more.
  package enum Area: Int {
    case cpuSVN = 64, ownerEpoch = 80, sealFuses = 96, isvFamilyID = 112, isvExtProdID = 128, mrEnclave = 144, mrSigner = 176
    case keyID = 208, configID = 240, padding = 304
  }

  /// The key; 16 bytes.
  public func key(under root: [UInt8]) -> [UInt8] { aesCMAC(of: block, key: root) }
}

/// AES-128-CMAC (RFC 4493); 16 bytes.
package func aesCMAC(of message: [UInt8], key: [UInt8]) -> [UInt8] {
  precondition(key.count == 16, "key-size: an AES-128 key has 16 bytes")
  do {
    var cmac = try AES.CMAC(key: SymmetricKey(data: key))
    message.withUnsafeBytes { cmac.update(bufferPointer: $0) }
    return cmac.finalize().withUnsafeBytes { Array($0) }
  } catch {
    preconditionFailure("key-size: AES-CMAC takes any key of 16 bytes: \(error)")
  }
}
