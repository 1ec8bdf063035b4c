import SGXArchitecture

/// EAUG (0DH): adds a page of zeros to an enclave that is initialised; it is of no use until EACCEPT (SDM 3D, EAUG, Operation).
public struct EAUG: Leaf {
  public static let name = LeafName.EAUG
  /// RBX.
  public var pageInfoAddress: KernelAddress
  /// SRCPGE must be 0. Without a SECINFO, address 0, the page is REG with R and W.
  public var pageInfo: PageInfo
  /// RCX.
  public var target: EPCAddress

  public init(linearAddress: LinearAddress, secs: EPCAddress, target: EPCAddress) {
    pageInfoAddress = .anyPage
    pageInfo = PageInfo(
      linearAddress: linearAddress, secInfo: SecInfo(flags: 0), secs: secs, sourceAddress: KernelAddress(0),
      secInfoAddress: KernelAddress(0))
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case noSGX2 = 1, operandAlignment, targetNotEPC, pageInfoFields, secsNotEPC, targetInUse, targetValid, badSecInfo
    case shadowStackWithoutCR4, secsInUse, secsNotValid, notInitialized, outsideRange, shadowStackAtEdge

    public var condition: String {
      switch self {
      case .noSGX2: "the processor has no SGX2, so there is no such leaf"
      case .operandAlignment: "RBX is not 32-byte aligned or RCX not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .pageInfoFields: "SECINFO is not 64-byte aligned, SECS or LINADDR not page-aligned, or SRCPGE not zero"
      case .secsNotEPC: "PAGEINFO.SECS does not resolve to EPC"
      case .targetInUse: "another leaf uses the target page"
      case .targetValid: "the target page is valid already"
      case .badSecInfo: "SECINFO is given and is not that of a shadow stack"
      case .shadowStackWithoutCR4: "a shadow-stack type with CR4.CET clear"
      case .secsInUse: "another leaf uses the SECS"
      case .secsNotValid: "the SECS page is not valid or not of type PT_SECS"
      case .notInitialized: "the enclave is not initialised"
      case .outsideRange: "LINADDR is outside the enclave's range"
      case .shadowStackAtEdge: "a shadow stack on the first or last page of the range"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    func protection(_ check: Check) -> LeafOutcome { .fault(.generalProtection, row: check.rawValue) }
    func fault(_ address: EPCAddress, _ check: Check, write: Bool) -> LeafOutcome {
      .fault(.pageFault(address: address, write: write), row: check.rawValue)
    }
    guard processor.profile.hasSGX2 else { return protection(.noSGX2) }
    guard pageInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 32), target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return protection(.operandAlignment)
    }
    guard let page = processor.epc.page(at: target) else { return fault(target, .targetNotEPC, write: true) }
    let aligned = pageInfo.secs.rawValue | pageInfo.linearAddress.rawValue
    guard aligned.isMultiple(ofPowerOfTwo: pageSize), pageInfo.secInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 64),
      pageInfo.sourceAddress.rawValue == 0
    else { return protection(.pageInfoFields) }
    guard let secsPage = processor.epc.page(at: pageInfo.secs) else {
      return fault(pageInfo.secs, .secsNotEPC, write: false)
    }
    if processor.epcm[page.rawValue].isValid { return fault(target, .targetValid, write: true) }
    guard let secInfo = grantedSecInfo(hasCET: processor.profile.hasCET), let type = secInfo.type else {
      return protection(.badSecInfo)
    }
    let secsEntry = processor.epcm[secsPage.rawValue]
    guard secsEntry.isValid, secsEntry.type == .secs else { return fault(pageInfo.secs, .secsNotValid, write: false) }
    var contents = PageContents.zero
    let refused = processor.withSECSRecord(secsEntry.secsIndex) { record -> Check? in
      guard record.isInitialized else { return .notInitialized }
      guard record.contains(pageInfo.linearAddress) else { return .outsideRange }
      if type != .reg {
        let offset = pageInfo.linearAddress.rawValue - record.baseAddress.rawValue
        guard offset != 0, offset != record.size - pageSize else { return .shadowStackAtEdge }
      }
      if type == .ssFirst { contents = token(is64Bit: record.attributes.contains(.mode64Bit)) }
      record.childCount += 1
      return nil
    }
    if let refused { return protection(refused) }
    processor.validate(
      page,
      as: EPCMEntry(
        type: type, secInfo: SecInfo(flags: secInfo.flags | SecInfo.pending), address: pageInfo.linearAddress,
        secsIndex: secsEntry.secsIndex))
    if case .fill(0) = contents {} else { processor.epc[page] = contents }
    return .done
  }

  /// Type and rights of the page; nil where a SECINFO is given that EAUG does not take.
  private func grantedSecInfo(hasCET: Bool) -> SecInfo? {
    guard pageInfo.secInfoAddress.rawValue != 0 else { return SecInfo(type: .reg, permissions: [.read, .write]) }
    let types = [PageType.ssFirst, .ssRest].map { SecInfo(type: $0, permissions: [.read, .write]) }
    return hasCET ? types.first { $0 == pageInfo.secInfo } : nil
  }

  /// A first shadow-stack page: zeros up to the token that names its own end.
  private func token(is64Bit: Bool) -> PageContents {
    var bytes = [UInt8](repeating: 0, count: Int(pageSize))
    bytes.store((pageInfo.linearAddress.rawValue &+ pageSize) | (is64Bit ? 1 : 0), at: Int(pageSize) - 8)
    return PageContents(bytes)
  }
}
