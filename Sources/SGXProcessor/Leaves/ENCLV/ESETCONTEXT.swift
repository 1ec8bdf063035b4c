import SGXArchitecture

/// ESETCONTEXT (02H of ENCLV): a hypervisor's word about an enclave, which ERDINFO reads (SDM 3D, ESETCONTEXT, Operation).
public struct ESETCONTEXT: Leaf {
  public static let name = LeafName.ESETCONTEXT
  /// RCX.
  public var secs: EPCAddress
  /// RDX: where the word is.
  public var contextAddress: KernelAddress
  public var context: UInt64

  public init(secs: EPCAddress, context: UInt64) {
    self.secs = secs
    contextAddress = .anyPage
    self.context = context
  }

  public enum Check: UInt8, LeafCheck {
    case secsAlignment = 1, secsNotEPC, contextAlignment, secsInUse, secsNotValid, notSECS

    public var condition: String {
      switch self {
      case .secsAlignment: "RCX is not page-aligned"
      case .secsNotEPC: "RCX does not resolve to EPC"
      case .contextAlignment: "RDX is not 8-byte aligned"
      case .secsInUse: "another leaf uses the page"
      case .secsNotValid: "the page is not valid"
      case .notSECS: "the page is not of type PT_SECS"
      }
    }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasENCLV }
  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: secs) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    guard secs.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return Check.secsAlignment.protection }
    guard let page = processor.epc.page(at: secs) else { return Check.secsNotEPC.pageFault(secs) }
    guard contextAddress.rawValue.isMultiple(ofPowerOfTwo: 8) else { return Check.contextAlignment.protection }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return Check.secsNotValid.pageFault(secs) }
    guard entry.type == .secs else { return Check.notSECS.pageFault(secs) }
    processor.withSECSRecord(entry.secsIndex) { $0.enclaveContext = context }
    return .done
  }
}
