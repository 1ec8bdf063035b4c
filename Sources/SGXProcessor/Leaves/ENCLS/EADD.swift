import SGXArchitecture

/// EADD (01H): copies a page into an enclave that is not initialised and measures its place and type (SDM 3D, EADD, Operation).
@frozen public struct EADD: Leaf {
  public static let name = LeafName.EADD
  /// RBX.
  public var pageInfoAddress: KernelAddress
  public var pageInfo: PageInfo
  /// The page at SRCPGE.
  public var source: PageContents
  /// RCX.
  public var target: EPCAddress

  @inlinable public init(pageInfo: PageInfo, source: PageContents, target: EPCAddress) {
    pageInfoAddress = .anyPage
    self.pageInfo = pageInfo
    self.source = source
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case operandAlignment = 1, targetNotEPC, pageInfoAlignment, secsNotEPC, badSecInfo, shadowStackWithoutCR4
    case targetInUse, targetValid, secsInUse, secsNotValid, badContents, outsideRange, measurementBusy, initialized

    public var condition: String {
      switch self {
      case .operandAlignment: "RBX is not 32-byte aligned or RCX not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .pageInfoAlignment: "SRCPGE, SECS or LINADDR is not page-aligned, or SECINFO not 64-byte aligned"
      case .secsNotEPC: "PAGEINFO.SECS does not resolve to EPC"
      case .badSecInfo: "SECINFO has reserved bits or a type that EADD does not make"
      case .shadowStackWithoutCR4: "a shadow-stack type with CR4.CET clear"
      case .targetInUse: "another leaf uses the target page"
      case .targetValid: "the target page is valid already"
      case .secsInUse: "another leaf uses the SECS"
      case .secsNotValid: "the SECS page is not valid or not of type PT_SECS"
      case .badContents: "contents or rights do not suit the type"
      case .outsideRange: "LINADDR is outside the enclave's range"
      case .measurementBusy: "another leaf extends the measurement"
      case .initialized: "the enclave is initialised"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    func protection(_ check: Check) -> LeafOutcome { .fault(.generalProtection, row: check.rawValue) }
    func fault(_ address: EPCAddress, _ check: Check, write: Bool) -> LeafOutcome {
      .fault(.pageFault(address: address, write: write), row: check.rawValue)
    }
    guard pageInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 32), target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return protection(.operandAlignment)
    }
    guard let page = processor.epc.page(at: target) else { return fault(target, .targetNotEPC, write: true) }
    let secsAddress = pageInfo.secs
    let aligned = pageInfo.sourceAddress.rawValue | secsAddress.rawValue | pageInfo.linearAddress.rawValue
    guard aligned.isMultiple(ofPowerOfTwo: pageSize), pageInfo.secInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 64) else {
      return protection(.pageInfoAlignment)
    }
    guard let secsPage = processor.epc.page(at: secsAddress) else { return fault(secsAddress, .secsNotEPC, write: false) }
    guard let type = addedType(hasCET: processor.profile.hasCET) else { return protection(.badSecInfo) }
    if processor.epcm[page.rawValue].isValid { return fault(target, .targetValid, write: true) }
    let secsEntry = processor.epcm[secsPage.rawValue]
    guard secsEntry.isValid, secsEntry.type == .secs else { return fault(secsAddress, .secsNotValid, write: false) }

    let index = secsEntry.secsIndex
    var contents = source
    var secInfo = pageInfo.secInfo
    let hasCET = processor.profile.hasCET
    let refused = processor.withSECSRecord(index) { record -> Check? in
      // Fields alone, page for page: whoever is given the whole record makes the compiler copy it, which costs more than the rest.
      // An address below the base wraps round and lies beyond any size.
      let offset = EnclaveOffset(pageInfo.linearAddress.rawValue &- record.baseAddress.rawValue)
      guard suits(
        type, offset: offset, size: record.size, is64Bit: record.attributes.contains(.mode64Bit), hasCET: hasCET, contents: &contents,
        secInfo: &secInfo)
      else { return .badContents }
      guard offset.rawValue < record.size else { return .outsideRange }
      guard !record.attributes.contains(.initialized) else { return .initialized }
      record.measurement.add(offset: offset, secInfo: secInfo)
      record.records?.add(offset: offset, secInfo: secInfo)
      record.childCount += 1
      return nil
    }
    if let refused { return protection(refused) }
    processor.validate(
      page,
      as: EPCMEntry(type: type, permissions: secInfo.permissions, address: pageInfo.linearAddress, secsIndex: index))
    if case .fill(0) = contents {} else { processor.epc[page] = contents }
    return .done
  }

  /// The type, if SECINFO is one that EADD takes. PENDING, MODIFIED and PR count as reserved here (a choice: `Docs/Fidelity.md`).
  @inline(__always)
  private func addedType(hasCET: Bool) -> PageType? {
    let states = SecInfo.pending | SecInfo.modified | SecInfo.permissionRestriction
    guard pageInfo.secInfo.reserved.isZero, pageInfo.secInfo.flags & (SecInfo.reservedFlags | states) == 0,
      let type = pageInfo.secInfo.type
    else { return nil }
    switch type {
    case .reg, .tcs: return type
    case .ssFirst, .ssRest: return hasCET ? type : nil
    case .secs, .va, .trim: return nil
    }
  }

  /// Row 11: what the page must look like for its type; a TCS is cleaned on its way in.
  private func suits(
    _ type: PageType, offset: EnclaveOffset, size: UInt64, is64Bit: Bool, hasCET: Bool, contents: inout PageContents,
    secInfo: inout SecInfo
  ) -> Bool {
    switch type {
    case .reg:
      return secInfo.permissions.contains(.read) || !secInfo.permissions.contains(.write)
    case .tcs:
      secInfo = SecInfo(type: .tcs)
      return TCS.admit(&contents, is64Bit: is64Bit, hasCET: hasCET)
    case .ssFirst, .ssRest:
      return isGoodShadowStack(type, offset: offset, size: size, is64Bit: is64Bit)
    case .secs, .va, .trim:
      return false
    }
  }

  private func isGoodShadowStack(_ type: PageType, offset: EnclaveOffset, size: UInt64, is64Bit: Bool) -> Bool {
    guard offset.rawValue != 0, offset.rawValue != size - pageSize else { return false }
    guard pageInfo.secInfo.permissions == [.read, .write] else { return false }
    let bytes = source.bytes()
    guard bytes.dropLast(8).allSatisfy({ $0 == 0 }) else { return false }
    let token = bytes.load(UInt64.self, at: Int(pageSize) - 8)
    guard type == .ssFirst else { return token == 0 }
    let mode: UInt64 = is64Bit ? 1 : 0
    return token == (pageInfo.linearAddress.rawValue &+ pageSize) | mode
  }
}

extension TCS {
  /// Checks a TCS image as EADD does and clears what the processor owns: STATE, FLAGS.DBGOPTIN, CSSA, AEP.
  static func admit(_ contents: inout PageContents, is64Bit: Bool, hasCET: Bool) -> Bool {
    if case .fill(0) = contents { return is64Bit }
    var bytes = contents.bytes()
    // With CET, PREVSSP is looked at like the reserved bytes that follow it.
    guard bytes[(hasCET ? TCS.prevSSP : TCS.reserved)...].allSatisfy({ $0 == 0 }) else { return false }
    if !is64Bit {
      let limits = bytes.load(UInt32.self, at: TCS.fsLimit) & bytes.load(UInt32.self, at: TCS.gsLimit)
      guard limits & 0xfff == 0xfff else { return false }
    }
    let before = bytes
    bytes.store(UInt64(0), at: TCS.state)
    bytes.store(bytes.load(UInt64.self, at: TCS.flags) & ~TCS.dbgOptIn, at: TCS.flags)
    bytes.store(UInt32(0), at: TCS.cssa)
    bytes.store(UInt64(0), at: TCS.aep)
    if bytes != before { contents = PageContents(bytes) }
    return true
  }
}
