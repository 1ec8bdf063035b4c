import SGXArchitecture

/// ECREATE (00H): makes a SECS page and starts the measurement (SDM 3D, ECREATE, Operation).
public struct ECREATE: Leaf {
  public static let name = LeafName.ECREATE
  /// RBX.
  public var pageInfoAddress: KernelAddress
  public var pageInfo: PageInfo
  /// The image at SRCPGE.
  public var source: SECS
  /// RCX.
  public var target: EPCAddress

  public init(source: SECS, target: EPCAddress) {
    pageInfoAddress = .anyPage
    pageInfo = PageInfo(linearAddress: LinearAddress(0), secInfo: SecInfo(type: .secs), secs: EPCAddress(0))
    self.source = source
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case pageInfoAlignment = 1, targetAlignment, targetNotEPC, sourceAlignment, addressOrSECSGiven, badSecInfo
    case targetInUse, targetValid, xfrmLacksLegacy, xfrmIllegal, cetFields, miscSelect, ssaFrameTooSmall
    case baseNotCanonical, sizeTooLarge, sizeNotPowerOfTwo, baseMisaligned, attributes, reservedNotZero, configWithoutKSS

    public var condition: String {
      switch self {
      case .pageInfoAlignment: "RBX is not 32-byte aligned"
      case .targetAlignment: "RCX is not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .sourceAlignment: "SRCPGE is not page-aligned or SECINFO not 64-byte aligned"
      case .addressOrSECSGiven: "PAGEINFO.LINADDR or PAGEINFO.SECS is not zero"
      case .badSecInfo: "SECINFO has reserved bits or its type is not PT_SECS"
      case .targetInUse: "another leaf uses the target page"
      case .targetValid: "the target page is valid already"
      case .xfrmLacksLegacy: "XFRM lacks x87 or SSE"
      case .xfrmIllegal: "XFRM is not legal on this processor"
      case .cetFields: "CET fields are not legal on this processor"
      case .miscSelect: "MISCSELECT asks for what this processor lacks"
      case .ssaFrameTooSmall: "SSAFRAMESIZE is too small for XSAVE, MISC and GPR areas"
      case .baseNotCanonical: "BASEADDR is not canonical, or above 4 GiB in a 32-bit enclave"
      case .sizeTooLarge: "SIZE is above the processor's maximum"
      case .sizeNotPowerOfTwo: "SIZE is below 8192 or no power of two"
      case .baseMisaligned: "BASEADDR is not a multiple of SIZE"
      case .attributes: "ATTRIBUTES has a bit this processor does not allow"
      case .reservedNotZero: "a reserved byte of the SECS is not zero"
      case .configWithoutKSS: "CONFIGID or CONFIGSVN without KSS"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    if let refusal = refusal(by: processor) { return refusal }
    let page = processor.epc.page(at: target)!
    let record = SECSRecord(
      page: page, enclaveID: processor.nextEnclaveID, baseAddress: source.baseAddress, size: source.size,
      ssaFrameSize: source.ssaFrameSize, miscSelect: source.miscSelect, xfrm: source.xfrm,
      cetAttributes: source.cetAttributes, cetLegacyBitmapOffset: source.cetLegacyBitmapOffset, configID: source.configID,
      configSVN: source.configSVN, attributes: source.attributes,
      measurement: Measurement(
        ssaFrameSize: source.ssaFrameSize, size: source.size, cetLegacyBitmapOffset: source.cetLegacyBitmapOffset),
      records: processor.keepsRecords ? RecordJournal(source) : nil, enclaveContext: target.rawValue)
    processor.nextEnclaveID += 1
    let index = processor.keep(record)
    processor.validate(
      page, as: EPCMEntry(type: .secs, permissions: [], address: LinearAddress(0), secsIndex: index))
    return .done
  }

  private func refusal(by processor: Processor) -> LeafOutcome? {
    func protection(_ check: Check) -> LeafOutcome { .fault(.generalProtection, row: check.rawValue) }
    func page(_ check: Check) -> LeafOutcome {
      .fault(.pageFault(address: target, write: true), row: check.rawValue)
    }
    let profile = processor.profile
    guard pageInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 32) else { return protection(.pageInfoAlignment) }
    guard target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return protection(.targetAlignment) }
    guard let frame = processor.epc.page(at: target) else { return page(.targetNotEPC) }
    guard pageInfo.sourceAddress.rawValue.isMultiple(ofPowerOfTwo: pageSize),
      pageInfo.secInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 64)
    else { return protection(.sourceAlignment) }
    guard pageInfo.linearAddress.rawValue == 0, pageInfo.secs.rawValue == 0 else { return protection(.addressOrSECSGiven) }
    guard pageInfo.secInfo.reserved.isZero, pageInfo.secInfo.flags & SecInfo.reservedFlags == 0,
      pageInfo.secInfo.type == .secs
    else { return protection(.badSecInfo) }
    if processor.epcm[frame.rawValue].isValid { return page(.targetValid) }
    guard source.xfrm.rawValue & 3 == 3 else { return protection(.xfrmLacksLegacy) }
    guard source.xfrm.isLegal, source.xfrm.rawValue & ~profile.xfrm.rawValue == 0 else { return protection(.xfrmIllegal) }
    guard source.hasLegalCETFields(on: profile) else { return protection(.cetFields) }
    guard source.miscSelect.isSubset(of: profile.miscSelect) else { return protection(.miscSelect) }
    let frameNeeded = UInt64(source.xfrm.saveAreaSize + source.miscSelect.areaSize + gprAreaSize)
    guard UInt64(source.ssaFrameSize) * pageSize >= frameNeeded else { return protection(.ssaFrameTooSmall) }
    let is64Bit = source.attributes.contains(.mode64Bit)
    guard is64Bit ? source.baseAddress.isCanonical : source.baseAddress.rawValue >> 32 == 0 else {
      return protection(.baseNotCanonical)
    }
    let log2 = is64Bit ? profile.maxSizeLog2 : profile.maxSizeLog2For32Bit
    guard source.size <= 1 << UInt64(log2) else { return protection(.sizeTooLarge) }
    guard source.size >= 8192, source.size.isMultiple(ofPowerOfTwo: source.size) else { return protection(.sizeNotPowerOfTwo) }
    guard source.baseAddress.rawValue.isMultiple(ofPowerOfTwo: source.size) else { return protection(.baseMisaligned) }
    guard source.attributes.isSubset(of: profile.attributes) else { return protection(.attributes) }
    guard source.reservedBytesSet.isEmpty else { return protection(.reservedNotZero) }
    let usesConfig = source.configSVN != 0 || source.configID.contains { $0 != 0 }
    guard !usesConfig || source.attributes.contains(.kss) else { return protection(.configWithoutKSS) }
    return nil
  }
}

extension SECS {
  /// CET_ATTRIBUTES and CET_LEG_BITMAP_OFFSET against ATTRIBUTES.CET (SDM 3D, ECREATE, Operation). Both CET features are taken
  /// to be there when CPUID says that enclaves may use CET.
  func hasLegalCETFields(on profile: ProcessorProfile) -> Bool {
    guard cetAttributes != 0 || cetLegacyBitmapOffset != 0 else { return true }
    guard profile.hasCET, attributes.contains(.cet), cetAttributes & 0xc0 == 0 else { return false }
    guard cetLegacyBitmapOffset.isMultiple(ofPowerOfTwo: pageSize) else { return false }
    let bitmap = LinearAddress(baseAddress.rawValue &+ cetLegacyBitmapOffset)
    return attributes.contains(.mode64Bit) ? bitmap.isCanonical : bitmap.rawValue >> 32 == 0
  }
}
