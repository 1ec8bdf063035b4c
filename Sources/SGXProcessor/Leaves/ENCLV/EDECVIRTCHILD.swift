import SGXArchitecture

/// EDECVIRTCHILD (00H of ENCLV): counts one page less, which EINCVIRTCHILD had counted (SDM 3D, EDECVIRTCHILD, Operation).
public struct EDECVIRTCHILD: Leaf {
  public static let name = LeafName.EDECVIRTCHILD
  /// RBX: a page of the enclave, or its SECS.
  public var page: EPCAddress
  /// RCX.
  public var secs: EPCAddress

  public init(page: EPCAddress, secs: EPCAddress) {
    self.page = page
    self.secs = secs
  }

  public enum Check: UInt8, LeafCheck {
    case pageAlignment = 1, pageNotEPC, secsNotEPC, pageInUse, pageNotValid, badType, otherSECS, nothingCounted
    public var condition: String { self == .nothingCounted ? "the count is 0" : VirtualChild.condition(rawValue) }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasENCLV }
  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: page) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    let (index, row, fault) = VirtualChild.secsIndex(page: page, secs: secs, on: processor)
    guard let index else { return .fault(fault, row: row) }
    let hasCounted = processor.withSECSRecord(index) { record in
      guard record.virtualChildCount > 0 else { return false }
      record.virtualChildCount -= 1
      return true
    }
    return hasCounted ? .done : Check.nothingCounted.code(.SGX_INVALID_COUNTER)
  }
}
