import SGXArchitecture

/// EUPDATESVN (18H): takes over the security version of a microcode update, while nothing is in EPC (SDM 3D, EUPDATESVN; the order of
/// its checks is this model's).
public struct EUPDATESVN: Leaf {
  public static let name = LeafName.EUPDATESVN

  public init() {}

  public enum Check: UInt8, LeafCheck {
    case unsupported = 1, epcInUse, nothingNew

    public var condition: String {
      switch self {
      case .unsupported: "the processor has no such leaf"
      case .epcInUse: "a page of EPC is valid"
      case .nothingNew: "the security version is that of the microcode already"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { nil }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    guard processor.profile.hasEUPDATESVN else { return .fault(.generalProtection, row: Check.unsupported.rawValue) }
    guard processor.validPageCount == 0 else { return .code(.SGX_EPC_NOT_READY, row: Check.epcInUse.rawValue) }
    guard processor.securityVersion < processor.microcodeVersion else { return .code(.SGX_NO_UPDATE, row: Check.nothingNew.rawValue) }
    processor.securityVersion = processor.microcodeVersion
    processor.pagingKey.renew()
    processor.reportKeyID = Processor.reportKeyID(from: &processor.reportChance)
    return .done
  }
}
