/// RDINFO, 32 bytes: what ERDINFO tells of a page of EPC (SDM 3D, "RDINFO").
public struct RDInfo: Hashable, Sendable {
  public enum Field: StructureField {
    case status, flags, enclaveContext

    public static var structureSize: Int { 32 }

    public var row: (offset: Int, size: Int, name: String) {
      switch self {
      case .status: (0, 8, "STATUS")
      case .flags: (8, 8, "FLAGS")
      case .enclaveContext: (16, 8, "ENCLAVECONTEXT")
      }
    }
  }

  /// STATUS bits.
  public static let childPresent: UInt64 = 1 << 0
  public static let virtualChildPresent: UInt64 = 1 << 1
  /// FLAGS bit of a blocked page; its place is a choice (`Docs/Fidelity.md`).
  public static let blocked: UInt64 = 1 << 63

  public var status: UInt64
  /// Rights, state bits and type as in SECINFO.
  public var flags: UInt64
  public var enclaveContext: UInt64

  public init(status: UInt64, flags: UInt64, enclaveContext: UInt64) {
    self.status = status
    self.flags = flags
    self.enclaveContext = enclaveContext
  }

  /// The image, byte for byte.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Field.structureSize)
    bytes.store(status, field: Field.status)
    bytes.store(flags, field: Field.flags)
    bytes.store(enclaveContext, field: Field.enclaveContext)
    return bytes
  }
}
