import SGXArchitecture

/// EINCVIRTCHILD (01H of ENCLV): counts one more page that a hypervisor has taken from a guest's enclave (SDM 3D, EINCVIRTCHILD, Operation).
public struct EINCVIRTCHILD: Leaf {
  public static let name = LeafName.EINCVIRTCHILD
  /// RBX: a page of the enclave, or its SECS.
  public var page: EPCAddress
  /// RCX.
  public var secs: EPCAddress

  public init(page: EPCAddress, secs: EPCAddress) {
    self.page = page
    self.secs = secs
  }

  public enum Check: UInt8, LeafCheck {
    case pageAlignment = 1, pageNotEPC, secsNotEPC, pageInUse, pageNotValid, badType, otherSECS
    public var condition: String { VirtualChild.condition(rawValue) }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasENCLV }
  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: page) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    let (index, row, fault) = VirtualChild.secsIndex(page: page, secs: secs, on: processor)
    guard let index else { return .fault(fault, row: row) }
    processor.withSECSRecord(index) { $0.virtualChildCount += 1 }
    return .done
  }
}
