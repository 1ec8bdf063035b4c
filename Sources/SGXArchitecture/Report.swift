/// REPORT, the 432 bytes that EREPORT writes (SDM 3D, "REPORT Structure").
public struct Report: Hashable, Sendable {
  public static let size = 432

  public enum Field: StructureField {
    case cpuSVN, miscSelect, cetAttributes, isvExtProdID, attributes, xfrm, mrEnclave, mrSigner, configID, isvProdID, isvSVN, configSVN
    case isvFamilyID, reportData, keyID, mac

    public static var structureSize: Int { Report.size }

    public var row: (offset: Int, size: Int, name: String) {
      switch self {
      case .cpuSVN: (0, 16, "CPUSVN")
      case .miscSelect: (16, 4, "MISCSELECT")
      case .cetAttributes: (20, 1, "CET_ATTRIBUTES")
      case .isvExtProdID: (32, 16, "ISVEXTPRODID")
      case .attributes: (48, 8, "ATTRIBUTES")
      case .xfrm: (56, 8, "XFRM")
      case .mrEnclave: (64, 32, "MRENCLAVE")
      case .mrSigner: (128, 32, "MRSIGNER")
      case .configID: (192, 64, "CONFIGID")
      case .isvProdID: (256, 2, "ISVPRODID")
      case .isvSVN: (258, 2, "ISVSVN")
      case .configSVN: (260, 2, "CONFIGSVN")
      case .isvFamilyID: (304, 16, "ISVFAMILYID")
      case .reportData: (320, 64, "REPORTDATA")
      case .keyID: (384, 32, "KEYID")
      case .mac: (416, 16, "MAC")
      }
    }
  }

  /// The image; always 432 bytes.
  public private(set) var bytes: [UInt8]

  /// Takes an image of 432 bytes; nil for any other length.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = bytes
  }

  /// What an enclave says of itself, without a MAC.
  public init(_ claims: EnclaveClaims, cpuSVN: [UInt8], reportData: [UInt8], keyID: [UInt8]) {
    bytes = [UInt8](repeating: 0, count: Self.size)
    self[.cpuSVN] = cpuSVN
    bytes.store(claims.miscSelect.rawValue, field: Field.miscSelect)
    bytes.store(claims.cetAttributes, field: Field.cetAttributes)
    self[.isvExtProdID] = claims.isvExtProdID
    bytes.store(claims.attributes.rawValue, field: Field.attributes)
    bytes.store(claims.xfrm.rawValue, field: Field.xfrm)
    self[.mrEnclave] = claims.mrEnclave.bytes
    self[.mrSigner] = claims.mrSigner.bytes
    self[.configID] = claims.configID
    bytes.store(claims.isvProdID, field: Field.isvProdID)
    bytes.store(claims.isvSVN, field: Field.isvSVN)
    bytes.store(claims.configSVN, field: Field.configSVN)
    self[.isvFamilyID] = claims.isvFamilyID
    self[.reportData] = reportData
    self[.keyID] = keyID
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

  /// The MAC that the holder of the target's report key expects; KEYID and MAC are outside of it.
  package func expectedMAC(under key: [UInt8]) -> [UInt8] { aesCMAC(of: Array(bytes[..<Field.keyID.offset]), key: key) }

  /// True where the MAC was made under this key, which the target gets from EGETKEY with this report's KEYID.
  public func isGenuine(under key: [UInt8]) -> Bool { key.count == 16 && self[.mac] == expectedMAC(under: key) }
}
