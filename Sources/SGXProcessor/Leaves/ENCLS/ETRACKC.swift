import SGXArchitecture

/// ETRACKC (11H): ETRACK, asked by any page of the enclave, with codes in place of faults (SDM 3D, ETRACKC, Operation).
public struct ETRACKC: Leaf {
  public static let name = LeafName.ETRACKC
  /// RCX: a page of the enclave, or its SECS.
  public var target: EPCAddress

  public init(target: EPCAddress) { self.target = target }

  public enum Check: UInt8, LeafCheck {
    case targetAlignment = 1, targetNotEPC, targetInUse, targetNotValid, notRequired, trackingBusy, previousCycle

    public var condition: String {
      switch self {
      case .targetAlignment: "RCX is not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .targetInUse: "another leaf uses the page"
      case .targetNotValid: "the page is not valid"
      case .notRequired: "the page is a version array, which nobody tracks"
      case .trackingBusy: "another leaf tracks the enclave"
      case .previousCycle: "a thread from before the last cycle is still inside"
      }
    }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasOversubscription }
  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    guard target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return Check.targetAlignment.protection }
    guard let page = processor.epc.page(at: target) else { return Check.targetNotEPC.pageFault(target) }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return Check.targetNotValid.code(.SGX_PG_INVLD) }
    guard entry.type != .va else { return Check.notRequired.code(.SGX_TRACK_NOT_REQUIRED) }
    let hasBegun = processor.withSECSRecord(entry.secsIndex) { $0.tracking.beginCycle() }
    return hasBegun ? .done : Check.previousCycle.code(.SGX_PREV_TRK_INCMPL)
  }
}
