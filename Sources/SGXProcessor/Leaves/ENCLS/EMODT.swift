import SGXArchitecture

/// EMODT (0FH): makes a page a TCS, or trims it; the enclave must agree by EACCEPT (SDM 3D, EMODT, Operation).
public struct EMODT: Leaf {
  public static let name = LeafName.EMODT
  /// RBX.
  public var secInfoAddress: KernelAddress
  public var secInfo: SecInfo
  /// RCX.
  public var target: EPCAddress

  public init(_ type: PageType, target: EPCAddress) {
    secInfoAddress = .anyPage
    secInfo = SecInfo(type: type)
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case secInfoAlignment = 1, targetAlignment, targetNotEPC, badSecInfo, targetInUse, targetNotValid, modificationBusy, badChange
    case notModifiable, notInitialized

    public var condition: String {
      switch self {
      case .secInfoAlignment: "RBX is not 64-byte aligned"
      case .targetAlignment: "RCX is not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .badSecInfo: "SECINFO has reserved bits, or a type other than TCS and TRIM"
      case .targetInUse: "another leaf uses the page"
      case .targetNotValid: "the page is not valid"
      case .modificationBusy: "another leaf changes the page's rights or type"
      case .badChange: "a page of this type does not become one of that"
      case .notModifiable: "the page is pending or modified"
      case .notInitialized: "the enclave is not initialised"
      }
    }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasSGX2 }
  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    guard secInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 64) else { return Check.secInfoAlignment.protection }
    guard target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return Check.targetAlignment.protection }
    guard let page = processor.epc.page(at: target) else { return Check.targetNotEPC.pageFault(target) }
    guard secInfo.isClean, let type = secInfo.type, type == .tcs || type == .trim else { return Check.badSecInfo.protection }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return Check.targetNotValid.pageFault(target) }
    guard entry.type.canBecome(type) else { return Check.badChange.pageFault(target) }
    guard !entry.isPending, !entry.isModified else { return Check.notModifiable.code(.SGX_PAGE_NOT_MODIFIABLE) }
    guard processor.secsRecord(of: entry).isInitialized else { return Check.notInitialized.protection }
    processor.epcm.withElement(page.rawValue) { $0.retype(to: type) }
    processor.stamp(page, of: entry)
    return .done
  }
}

extension PageType {
  /// The changes that EMODT makes.
  func canBecome(_ type: PageType) -> Bool {
    switch self {
    case .reg: type == .tcs || type == .trim
    case .tcs, .ssFirst, .ssRest: type == .trim
    case .secs, .va, .trim: false
    }
  }
}
