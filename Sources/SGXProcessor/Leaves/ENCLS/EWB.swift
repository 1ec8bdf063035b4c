import SGXArchitecture

/// EWB (0BH): encrypts a page into ordinary memory, notes its version in a slot, and makes it invalid (SDM 3D, EWB, Operation).
///
/// `Processor.writeBack` returns what it wrote. Executed as any other leaf it writes to a place where nobody looks.
public struct EWB: OutputLeaf {
  public static let name = LeafName.EWB
  /// RBX.
  public var pageInfoAddress: KernelAddress
  /// LINADDR and SECS must be 0; SRCPGE and PCMD are where the page goes.
  public var pageInfo: PageInfo
  /// RCX.
  public var target: EPCAddress
  /// RDX: the slot of a version array, 8 bytes.
  public var versionSlot: EPCAddress

  public init(target: EPCAddress, versionSlot: EPCAddress) {
    pageInfoAddress = .anyPage
    pageInfo = PageInfo(linearAddress: LinearAddress(0), secInfo: SecInfo(flags: 0), secs: EPCAddress(0))
    self.target = target
    self.versionSlot = versionSlot
  }

  /// Rows that refuse. An occupied slot is row 16: it is told by a code, and the page is evicted all the same.
  public enum Check: UInt8, LeafCheck {
    case operandAlignment = 1, targetNotEPC, slotAlignment, slotNotEPC, slotInTarget, addressOrSECSGiven, pageInfoAlignment
    case targetInUse, versionArrayInUse, targetNotValid, notVersionArray, blockingIncorrect, notBlocked, notTracked, childPresent

    public var condition: String {
      switch self {
      case .operandAlignment: "RBX is not 32-byte aligned or RCX not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .slotAlignment: "RDX is not 8-byte aligned"
      case .slotNotEPC: "RDX does not resolve to EPC"
      case .slotInTarget: "RCX and RDX are in the same page"
      case .addressOrSECSGiven: "PAGEINFO.LINADDR or PAGEINFO.SECS is not zero"
      case .pageInfoAlignment: "PCMD is not 128-byte aligned or SRCPGE not page-aligned"
      case .targetInUse: "another leaf uses the page"
      case .versionArrayInUse: "another leaf uses the version array"
      case .targetNotValid: "the page is not valid"
      case .notVersionArray: "the page of the slot is not valid or not of type PT_VA"
      case .blockingIncorrect: "the page was not blocked as EBLOCK does it"
      case .notBlocked: "the page is an enclave's and not blocked"
      case .notTracked: "a thread from before the page was blocked may still be inside"
      case .childPresent: "the page is a SECS with pages left"
      }
    }
  }

  public static let slotOccupiedRow: UInt8 = 16

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func produce(on processor: inout Processor) -> (outcome: LeafOutcome, output: SealedPage?) {
    if let refusal = refusal(by: processor) { return (refusal, nil) }
    let page = processor.epc.page(at: target)!
    let place = VersionSlots.Place(page: processor.epc.page(at: versionSlot)!, address: versionSlot)
    let isOccupied = processor.versions[place] != 0
    let version = processor.pagingKey.takeVersion()
    let sealed = processor.seal(page, version: version)
    processor.versions[place] = version
    processor.forget(page)
    return (isOccupied ? .code(.SGX_VA_SLOT_OCCUPIED, row: Self.slotOccupiedRow) : .done, sealed)
  }

  private func refusal(by processor: borrowing Processor) -> LeafOutcome? {
    func protection(_ check: Check) -> LeafOutcome { .fault(.generalProtection, row: check.rawValue) }
    func fault(_ address: EPCAddress, _ check: Check) -> LeafOutcome {
      .fault(.pageFault(address: address, write: true), row: check.rawValue)
    }
    func code(_ error: LeafError, _ check: Check) -> LeafOutcome { .code(error, row: check.rawValue) }
    guard pageInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 32), target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return protection(.operandAlignment)
    }
    guard let page = processor.epc.page(at: target) else { return fault(target, .targetNotEPC) }
    guard versionSlot.rawValue.isMultiple(ofPowerOfTwo: VersionSlots.slotSize) else { return protection(.slotAlignment) }
    guard let slotPage = processor.epc.page(at: versionSlot) else { return fault(versionSlot, .slotNotEPC) }
    guard page != slotPage else { return protection(.slotInTarget) }
    guard pageInfo.linearAddress.rawValue == 0, pageInfo.secs.rawValue == 0 else { return protection(.addressOrSECSGiven) }
    guard pageInfo.secInfoAddress.rawValue.isMultiple(ofPowerOfTwo: UInt64(PCMD.size)),
      pageInfo.sourceAddress.rawValue.isMultiple(ofPowerOfTwo: pageSize)
    else { return protection(.pageInfoAlignment) }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return fault(target, .targetNotValid) }
    let slotEntry = processor.epcm[slotPage.rawValue]
    guard slotEntry.isValid, slotEntry.type == .va else { return fault(versionSlot, .notVersionArray) }
    switch entry.type {
    case .tcs, .reg, .trim, .ssFirst, .ssRest:
      guard entry.isBlocked else { return code(.SGX_PAGE_NOT_BLOCKED, .notBlocked) }
      guard processor.isTracked(page, of: entry) else { return code(.SGX_NOT_TRACKED, .notTracked) }
    case .secs:
      guard processor.childCount(of: entry) == 0 else { return code(.SGX_CHILD_PRESENT, .childPresent) }
    case .va:
      break
    }
    return nil
  }
}

extension Processor {
  fileprivate func isTracked(_ page: PhysPageNumber, of entry: EPCMEntry) -> Bool {
    secsRecords[Int(entry.secsIndex)]!.tracking.isTracked(since: blockEpochs[page.rawValue])
  }

  fileprivate func childCount(of entry: EPCMEntry) -> UInt64 { secsRecords[Int(entry.secsIndex)]!.childCount }

  /// What leaves the EPC. The page itself is untouched.
  fileprivate mutating func seal(_ page: PhysPageNumber, version: UInt64) -> SealedPage {
    let entry = epcm[page.rawValue]
    let contents: PageContents
    var hidden: SealedPage.HiddenRecord?
    var owner: UInt64 = 0
    switch entry.type {
    case .tcs, .reg, .trim, .ssFirst, .ssRest:
      contents = epc[page]
      owner = secsRecords[Int(entry.secsIndex)]!.enclaveID
    case .va:
      contents = versions[page]
    case .secs:
      let record = secsRecord(of: entry)
      contents = record.image
      hidden = SealedPage.HiddenRecord(record, version: version)
      owner = record.enclaveID
    }
    var pcmd = PCMD(secInfo: entry.secInfo, enclaveID: owner, mac: PageMAC(low: 0, high: 0))
    let header = SealHeader(enclaveID: entry.type.isChild ? owner : 0, linearAddress: entry.address, pcmd: pcmd)
    let (ciphertext, mac) = pagingKey.cipher().seal(contents, header: header, version: version)
    pcmd.mac = mac
    return SealedPage(ciphertext: ciphertext, pcmd: pcmd, linearAddress: entry.address, hidden: hidden)
  }

  /// Makes an evicted page invalid, and what hangs on it.
  fileprivate mutating func forget(_ page: PhysPageNumber) {
    let entry = epcm[page.rawValue]
    switch entry.type {
    case .tcs, .reg, .trim, .ssFirst, .ssRest: withSECSRecord(entry.secsIndex) { $0.childCount -= 1 }
    case .secs: secsRecords[Int(entry.secsIndex)] = nil
    case .va: break
    }
    invalidate(page)
  }
}
