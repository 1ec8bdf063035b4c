import SGXArchitecture

/// EACCEPT (05H of ENCLU): the enclave agrees to what the kernel did to a page (SDM 3D, EACCEPT, Operation).
public struct EACCEPT: ThreadLeaf {
  public static let name = LeafName.EACCEPT
  /// RBX: a SECINFO in enclave memory.
  public var secInfo: LinearAddress
  /// RCX.
  public var target: LinearAddress

  public init(secInfo: LinearAddress, target: LinearAddress) {
    self.secInfo = secInfo
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case secInfoPlace = 1, secInfoPage, secInfoReserved, targetPlace, targetNotEPC, badCombination, targetNotUsable, targetInUse
    case targetChanged, mismatch, notTracked, badTCS

    public var condition: String {
      switch self {
      case .secInfoPlace: "RBX is not 64-byte aligned or outside the enclave's range"
      case .secInfoPage: "SECINFO cannot be read"
      case .secInfoReserved: "SECINFO has reserved bits"
      case .targetPlace: "RCX is not page-aligned or outside the enclave's range"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .badCombination: "type and state bits of SECINFO are not such as can be accepted"
      case .targetNotUsable: "the page is not valid, blocked, of a type that is not accepted, or another enclave's"
      case .targetInUse: "another leaf uses the page"
      case .targetChanged: "another leaf took the page meanwhile"
      case .mismatch: "the page's address, type, rights, PENDING or MODIFIED are not those of SECINFO"
      case .notTracked: "a thread from before the page was changed may still be inside"
      case .badTCS: "the page is to be a TCS, and its contents are not"
      }
    }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasSGX2 }
  public var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { (secInfo.rawValue, target.rawValue, nil) }
  public var subject: LinearAddress? { target }

  public func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome {
    guard let entry = cpu.entry else { return .fault(.generalProtection, row: CommonRow.outsideEnclave) }
    guard secInfo.rawValue.isMultiple(ofPowerOfTwo: 64), entry.contains(secInfo) else { return Check.secInfoPlace.protection }
    let asked: SecInfo
    switch processor.secInfo(at: secInfo, of: entry, through: tables) {
    case .success(let found): asked = found
    case .failure(let fault): return Check.secInfoPage.fault(fault)
    }
    guard asked.isClean else { return Check.secInfoReserved.protection }
    guard target.rawValue.isMultiple(ofPowerOfTwo: pageSize), entry.contains(target) else { return Check.targetPlace.protection }
    let page: PhysPageNumber
    switch tables.resolve(target, for: .read) {
    case .success(let found): page = found
    case .failure(let fault): return Check.targetNotEPC.fault(fault)
    }
    guard asked.isAcceptable(hasCET: processor.profile.hasCET) else { return Check.badCombination.protection }
    let found = processor.epcm[page.rawValue]
    guard found.isValid, !found.isBlocked, found.type.isChild, found.secsIndex == entry.thread.secsIndex else {
      return Check.targetNotUsable.pageFault(target, .write)
    }
    guard found.address == target, found.agrees(with: asked) else { return Check.mismatch.code(.SGX_PAGE_ATTRIBUTES_MISMATCH) }
    guard processor.isAcceptable(page, found) else { return Check.notTracked.code(.SGX_NOT_TRACKED) }
    if asked.type == .tcs, !processor.holdsGoodTCS(page, of: found) { return Check.badTCS.protection }
    processor.epcm.withElement(page.rawValue) { $0.accept() }
    if found.isStamped { processor.blockEpochs[page.rawValue] = 0 }
    return .done
  }
}

extension SecInfo {
  /// What can be accepted: a REG page that is pending or restricted, a TCS or TRIM that was made so, a pending shadow stack.
  fileprivate func isAcceptable(hasCET: Bool) -> Bool {
    let states = flags & (SecInfo.pending | SecInfo.modified | SecInfo.permissionRestriction)
    switch type {
    case .reg: return states & SecInfo.modified == 0 && states != 0
    case .tcs, .trim: return states == SecInfo.modified
    case .ssFirst, .ssRest: return hasCET && states == SecInfo.pending
    case .secs, .va, nil: return false
    }
  }
}

extension EPCMEntry {
  /// Everything but PR is compared.
  fileprivate func agrees(with asked: SecInfo) -> Bool {
    let compared = ~SecInfo.permissionRestriction
    return secInfo.flags & compared == asked.flags & compared
  }
}

extension Processor {
  /// A SECINFO that a thread has in enclave memory.
  func secInfo(
    at address: LinearAddress, of entry: borrowing EnclaveEntry, through tables: some AddressTranslation
  ) -> Result<SecInfo, CPUFault> {
    usablePage(at: address, for: .read, by: entry.thread.secsIndex, through: tables).map { page in
      let bytes = epc[page].bytes(Int(address.rawValue & (pageSize - 1))..<(Int(address.rawValue & (pageSize - 1)) + SecInfo.size))
      var reserved = SecInfo.Reserved()
      for (index, byte) in bytes[8...].enumerated() { reserved.setByte(index, to: byte) }
      return SecInfo(flags: bytes.load(UInt64.self, at: 0), reserved: reserved)
    }
  }

  /// True where no thread can be inside that knew the page as it was. A page that EAUG made was never known.
  fileprivate func isAcceptable(_ page: PhysPageNumber, _ entry: EPCMEntry) -> Bool {
    let stamp = blockEpochs[page.rawValue]
    return stamp == 0 || secsRecord(of: entry).tracking.isTracked(since: stamp)
  }

  /// Row 12: what the page must hold to be a TCS.
  fileprivate func holdsGoodTCS(_ page: PhysPageNumber, of entry: EPCMEntry) -> Bool {
    let tcs = epc[page]
    func word(_ field: TCS.Field) -> UInt64 { tcs.load(field: field) }
    // Without CET the last two fields are reserved like what follows.
    let reserved = profile.hasCET ? TCS.reservedWithCET : TCS.reserved
    guard tcs.bytes(reserved..<Int(pageSize)).allSatisfy({ $0 == 0 }) else { return false }
    guard !profile.hasCET || word(.prevSSP) == 0 else { return false }
    guard word(.flags) & TCS.dbgOptIn == 0, word(.aep) == 0, word(.state) == TCS.inactive else { return false }
    guard tcs.load(UInt32.self, field: TCS.Field.cssa) < tcs.load(UInt32.self, field: TCS.Field.nssa) else { return false }
    if secsRecord(of: entry).attributes.contains(.mode64Bit) { return true }
    return tcs.load(UInt32.self, field: TCS.Field.fsLimit) & tcs.load(UInt32.self, field: TCS.Field.gsLimit) & 0xfff == 0xfff
  }
}
