import SGXArchitecture
import Simulation

/// What ELDU and ELDB have in common, which is everything but BLOCKED (SDM 3D, ELDB/ELDU, Operation).
public protocol LoadingLeaf: Leaf where Check == LoadingCheck {
  var pageInfoAddress: KernelAddress { get set }
  var pageInfo: PageInfo { get set }
  var sealed: SealedPage { get set }
  var target: EPCAddress { get set }
  var versionSlot: EPCAddress { get set }
}

/// Rows of ELDU and ELDB, in the order in which they are tested.
public enum LoadingCheck: UInt8, LeafCheck {
  case operandAlignment = 1, targetNotEPC, slotAlignment, slotNotEPC, pageInfoAlignment, targetInUse, versionArrayInUse
  case targetValid, notVersionArray, secsAlignment, secsNotEPC, secsInUse, secsNotValid, secsGiven, macMismatch

  public var condition: String {
    switch self {
    case .operandAlignment: "RBX is not 32-byte aligned or RCX not page-aligned"
    case .targetNotEPC: "RCX does not resolve to EPC"
    case .slotAlignment: "RDX is not 8-byte aligned"
    case .slotNotEPC: "RDX does not resolve to EPC"
    case .pageInfoAlignment: "PCMD is not 128-byte aligned or SRCPGE not page-aligned"
    case .targetInUse: "another leaf uses the target page"
    case .versionArrayInUse: "another leaf uses the version array"
    case .targetValid: "the target page is valid already"
    case .notVersionArray: "the page of the slot is not valid or not of type PT_VA"
    case .secsAlignment: "a page of an enclave, and PAGEINFO.SECS is not page-aligned"
    case .secsNotEPC: "a page of an enclave, and PAGEINFO.SECS does not resolve to EPC"
    case .secsInUse: "another leaf uses the SECS"
    case .secsNotValid: "a page of an enclave, and the SECS page is not valid or not of type PT_SECS"
    case .secsGiven: "no page of an enclave, and PAGEINFO.SECS is not zero"
    case .macMismatch: "the page is not the one whose version the slot holds, or not what it was"
    }
  }
}

extension LoadingLeaf {
  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  /// ELDB leaves the page blocked, ELDU does not.
  private var blocks: Bool { Self.name == .ELDB }

  func load(into processor: inout Processor) -> LeafOutcome {
    func protection(_ check: Check) -> LeafOutcome { .fault(.generalProtection, row: check.rawValue) }
    func fault(_ address: EPCAddress, _ check: Check, write: Bool = true) -> LeafOutcome {
      .fault(.pageFault(address: address, write: write), row: check.rawValue)
    }
    guard pageInfoAddress.rawValue.isMultiple(ofPowerOfTwo: 32), target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return protection(.operandAlignment)
    }
    guard let page = processor.epc.page(at: target) else { return fault(target, .targetNotEPC) }
    guard versionSlot.rawValue.isMultiple(ofPowerOfTwo: VersionSlots.slotSize) else { return protection(.slotAlignment) }
    guard let slotPage = processor.epc.page(at: versionSlot) else { return fault(versionSlot, .slotNotEPC) }
    guard pageInfo.secInfoAddress.rawValue.isMultiple(ofPowerOfTwo: UInt64(PCMD.size)),
      pageInfo.sourceAddress.rawValue.isMultiple(ofPowerOfTwo: pageSize)
    else { return protection(.pageInfoAlignment) }
    if processor.epcm[page.rawValue].isValid { return fault(target, .targetValid) }
    let slotEntry = processor.epcm[slotPage.rawValue]
    guard slotEntry.isValid, slotEntry.type == .va else { return fault(versionSlot, .notVersionArray) }
    var secsIndex: UInt32?
    if sealed.pcmd.secInfo.isChild(hasCET: processor.profile.hasCET) {
      guard pageInfo.secs.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return protection(.secsAlignment) }
      guard let secsPage = processor.epc.page(at: pageInfo.secs) else {
        return fault(pageInfo.secs, .secsNotEPC, write: false)
      }
      let secsEntry = processor.epcm[secsPage.rawValue]
      guard secsEntry.isValid, secsEntry.type == .secs else { return fault(pageInfo.secs, .secsNotValid, write: false) }
      secsIndex = secsEntry.secsIndex
    } else if pageInfo.secs.rawValue != 0 {
      return protection(.secsGiven)
    }
    let place = VersionSlots.Place(page: slotPage, address: versionSlot)
    // EWB seals no page of a type that does not exist.
    guard let type = sealed.pcmd.secInfo.type,
      let contents = decrypted(by: &processor, version: processor.versions[place], secsIndex: secsIndex)
    else {
      return .code(.SGX_MAC_COMPARE_FAIL, row: Check.macMismatch.rawValue)
    }
    processor.versions[place] = 0
    commit(contents, of: type, to: page, secsIndex: secsIndex, in: &processor)
    return .done
  }

  /// The page, if it is what was evicted with this version. An empty slot holds 0, which no page has.
  private func decrypted(by processor: inout Processor, version: UInt64, secsIndex: UInt32?) -> PageContents? {
    let owner = secsIndex.map { processor.secsRecords[Int($0)]!.enclaveID } ?? 0
    let header = SealHeader(enclaveID: owner, linearAddress: pageInfo.linearAddress, pcmd: sealed.pcmd)
    guard
      let contents = processor.pagingKey.cipher().open(
        sealed.ciphertext, mac: sealed.pcmd.mac, header: header, version: version)
    else { return nil }
    if sealed.pcmd.secInfo.type == .secs {
      guard let hidden = sealed.hidden, hidden.version == version, hidden.record.image.bytes() == contents.bytes() else {
        return nil
      }
    }
    return contents
  }

  private func commit(
    _ contents: PageContents, of type: PageType, to page: PhysPageNumber, secsIndex: UInt32?, in processor: inout Processor
  ) {
    let secInfo = sealed.pcmd.secInfo
    switch type {
    case .tcs, .reg, .trim, .ssFirst, .ssRest:
      processor.withSECSRecord(secsIndex!) { $0.childCount += 1 }
      let entry = EPCMEntry(type: type, secInfo: secInfo, address: pageInfo.linearAddress, secsIndex: secsIndex!)
      processor.validate(page, as: entry)
      processor.epc[page] = contents
      if blocks { processor.block(page, of: entry) }
    case .va:
      processor.validate(page, as: EPCMEntry(type: .va, secInfo: secInfo, address: LinearAddress(0), secsIndex: .max))
      processor.versions[page] = contents
    case .secs:
      let index = processor.keep(sealed.hidden!.record.moved(to: page))
      processor.validate(page, as: EPCMEntry(type: .secs, secInfo: secInfo, address: LinearAddress(0), secsIndex: index))
    }
  }
}

extension SecInfo {
  /// True for the types that belong to an enclave; shadow stacks are a type only where the processor has CET.
  fileprivate func isChild(hasCET: Bool) -> Bool {
    switch type {
    case .tcs, .reg, .trim: true
    case .ssFirst, .ssRest: hasCET
    case .secs, .va, nil: false
    }
  }
}
