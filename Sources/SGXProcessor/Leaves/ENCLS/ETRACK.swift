import SGXArchitecture

/// ETRACK (0CH): begins a cycle in which the processor waits for the threads now inside an enclave to leave (SDM 3D, ETRACK, Operation).
public struct ETRACK: Leaf {
  public static let name = LeafName.ETRACK
  /// RCX.
  public var secs: EPCAddress

  public init(secs: EPCAddress) { self.secs = secs }

  public enum Check: UInt8, LeafCheck {
    case secsAlignment = 1, secsNotEPC, trackingBusy, secsNotValid, notSECS, previousCycle

    public var condition: String {
      switch self {
      case .secsAlignment: "RCX is not page-aligned"
      case .secsNotEPC: "RCX does not resolve to EPC"
      case .trackingBusy: "another leaf tracks the enclave"
      case .secsNotValid: "the page is not valid"
      case .notSECS: "the page is not of type PT_SECS"
      case .previousCycle: "a thread from before the last cycle is still inside"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: secs) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    func fault(_ check: Check) -> LeafOutcome { .fault(.pageFault(address: secs, write: false), row: check.rawValue) }
    guard secs.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return .fault(.generalProtection, row: Check.secsAlignment.rawValue)
    }
    guard let page = processor.epc.page(at: secs) else { return fault(.secsNotEPC) }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return fault(.secsNotValid) }
    guard entry.type == .secs else { return fault(.notSECS) }
    let hasBegun = processor.withSECSRecord(entry.secsIndex) { $0.tracking.beginCycle() }
    return hasBegun ? .done : .code(.SGX_PREV_TRK_INCMPL, row: Check.previousCycle.rawValue)
  }
}
