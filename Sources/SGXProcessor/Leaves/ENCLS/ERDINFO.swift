import SGXArchitecture

/// ERDINFO (10H): tells what a page of EPC is (SDM 3D, ERDINFO, Operation).
public struct ERDINFO: OutputLeaf {
  public static let name = LeafName.ERDINFO
  /// RBX: where the answer goes.
  public var infoAddress: KernelAddress
  /// RCX.
  public var target: EPCAddress

  public init(target: EPCAddress) {
    infoAddress = .anyPage
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case infoAlignment = 1, targetAlignment, targetNotEPC, targetInUse, targetNotValid

    public var condition: String {
      switch self {
      case .infoAlignment: "RBX is not 32-byte aligned"
      case .targetAlignment: "RCX is not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .targetInUse: "another leaf uses the page"
      case .targetNotValid: "the page is not valid"
      }
    }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasOversubscription }
  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func produce(on processor: inout Processor) -> (outcome: LeafOutcome, output: RDInfo?) {
    guard infoAddress.rawValue.isMultiple(ofPowerOfTwo: 32) else { return (Check.infoAlignment.protection, nil) }
    guard target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return (Check.targetAlignment.protection, nil) }
    guard let page = processor.epc.page(at: target) else { return (Check.targetNotEPC.code(.SGX_PG_NONEPC), nil) }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return (Check.targetNotValid.code(.SGX_PG_INVLD), nil) }
    var info = RDInfo(status: 0, flags: entry.secInfo.flags | (entry.isBlocked ? RDInfo.blocked : 0), enclaveContext: 0)
    guard entry.type != .va else { return (.done, info) }
    let record = processor.secsRecord(of: entry)
    info.enclaveContext = record.enclaveContext
    if entry.type == .secs {
      if record.childCount != 0 { info.status |= RDInfo.childPresent }
      if record.virtualChildCount != 0 { info.status |= RDInfo.virtualChildPresent }
    }
    return (.done, info)
  }
}
