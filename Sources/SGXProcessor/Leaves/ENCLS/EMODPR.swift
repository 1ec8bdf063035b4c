import SGXArchitecture

/// EMODPR (0EH): takes rights from a page of an initialised enclave, which must agree by EACCEPT (SDM 3D, EMODPR, Operation).
public struct EMODPR: Leaf {
  public static let name = LeafName.EMODPR
  /// RBX.
  public var secInfoAddress: KernelAddress
  public var secInfo: SecInfo
  /// RCX.
  public var target: EPCAddress

  public init(_ permissions: PagePermissions, target: EPCAddress) {
    secInfoAddress = .anyPage
    secInfo = SecInfo(type: .reg, permissions: permissions)
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case secInfoAlignment = 1, targetAlignment, targetNotEPC, badSecInfo, targetInUse, targetNotValid, modificationBusy, notModifiable
    case badType, notInitialized

    public var condition: String {
      switch self {
      case .secInfoAlignment: "RBX is not 64-byte aligned"
      case .targetAlignment: "RCX is not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .badSecInfo: "SECINFO has reserved bits, or W without R"
      case .targetInUse: "another leaf uses the page"
      case .targetNotValid: "the page is not valid"
      case .modificationBusy: "another leaf changes the page's rights or type"
      case .notModifiable: "the page is pending or modified"
      case .badType: "the page is not REG"
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
    guard secInfo.isClean, secInfo.permissions.contains(.read) || !secInfo.permissions.contains(.write) else {
      return Check.badSecInfo.protection
    }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return Check.targetNotValid.pageFault(target) }
    guard !entry.isPending, !entry.isModified else { return Check.notModifiable.code(.SGX_PAGE_NOT_MODIFIABLE) }
    guard entry.type == .reg else { return Check.badType.pageFault(target) }
    guard processor.secsRecord(of: entry).isInitialized else { return Check.notInitialized.protection }
    processor.epcm.withElement(page.rawValue) { $0.restrict(to: secInfo.permissions) }
    processor.stamp(page, of: entry)
    return .done
  }
}

extension SecInfo {
  /// True where nothing is set that the manual reserves.
  var isClean: Bool { reserved.isZero && flags & SecInfo.reservedFlags == 0 }
}

extension Processor {
  /// Notes the enclave's epoch with a page, so that EWB and EACCEPT can tell whether old threads have left.
  mutating func stamp(_ page: PhysPageNumber, of entry: EPCMEntry) {
    blockEpochs[page.rawValue] = withSECSRecord(entry.secsIndex) { $0.tracking.epoch }
  }
}
