import SGXArchitecture

/// EPA (0AH): makes a version array page (SDM 3D, EPA, Operation).
public struct EPA: Leaf {
  public static let name = LeafName.EPA
  /// RBX; must be PT_VA, 3.
  public var type: UInt64
  /// RCX.
  public var target: EPCAddress

  public init(target: EPCAddress) {
    type = UInt64(PageType.va.rawValue)
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case badType = 1, targetAlignment, targetNotEPC, targetInUse, targetValid

    public var condition: String {
      switch self {
      case .badType: "RBX is not PT_VA"
      case .targetAlignment: "RCX is not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .targetInUse: "another leaf uses the target page"
      case .targetValid: "the target page is valid already"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    func protection(_ check: Check) -> LeafOutcome { .fault(.generalProtection, row: check.rawValue) }
    func fault(_ check: Check) -> LeafOutcome { .fault(.pageFault(address: target, write: true), row: check.rawValue) }
    guard type == UInt64(PageType.va.rawValue) else { return protection(.badType) }
    guard target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return protection(.targetAlignment) }
    guard let page = processor.epc.page(at: target) else { return fault(.targetNotEPC) }
    if processor.epcm[page.rawValue].isValid { return fault(.targetValid) }
    processor.validate(page, as: EPCMEntry(type: .va, permissions: [], address: LinearAddress(0), secsIndex: .max))
    return .done
  }
}
