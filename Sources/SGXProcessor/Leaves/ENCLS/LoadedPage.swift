import SGXArchitecture
import Simulation

/// ELDB (07H), ELDU (08H), ELDBC (12H) and ELDUC (13H): decrypt an evicted page back into EPC (SDM 3D, ELDB/ELDU/ELDBC/ELDUC, Operation).
/// They are one leaf: B leaves the page blocked, and C answers with a code where two leaves meet.
public struct LoadedPage<Variant: LoadingVariant>: LoadingLeaf {
  public static var name: LeafName { Variant.name }
  /// RBX.
  public var pageInfoAddress: KernelAddress
  public var pageInfo: PageInfo
  /// What PAGEINFO leads to at SRCPGE and PCMD.
  public var sealed: SealedPage
  /// RCX.
  public var target: EPCAddress
  /// RDX.
  public var versionSlot: EPCAddress

  /// - Parameters:
  ///   - linearAddress: where the page was when it was evicted; 0 for a SECS or a version array.
  ///   - secs: SECS of the owner; 0 for a SECS or a version array.
  public init(
    sealed: SealedPage, linearAddress: LinearAddress, secs: EPCAddress, target: EPCAddress, versionSlot: EPCAddress
  ) {
    pageInfoAddress = .anyPage
    pageInfo = PageInfo(linearAddress: linearAddress, secInfo: SecInfo(flags: 0), secs: secs)
    self.sealed = sealed
    self.target = target
    self.versionSlot = versionSlot
  }

  public typealias Check = LoadingCheck

  public static func exists(on profile: ProcessorProfile) -> Bool { !Variant.needsOversubscription || profile.hasOversubscription }
  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }
}

public typealias ELDB = LoadedPage<LoadingBlocked>
public typealias ELDU = LoadedPage<LoadingUnblocked>
public typealias ELDBC = LoadedPage<LoadingBlockedWithConflicts>
public typealias ELDUC = LoadedPage<LoadingUnblockedWithConflicts>

/// Which of the four it is.
public protocol LoadingVariant: Sendable {
  static var name: LeafName { get }
  static var blocks: Bool { get }
  static var needsOversubscription: Bool { get }
}

public enum LoadingBlocked: LoadingVariant {
  public static let name = LeafName.ELDB
  public static let blocks = true
  public static let needsOversubscription = false
}

public enum LoadingUnblocked: LoadingVariant {
  public static let name = LeafName.ELDU
  public static let blocks = false
  public static let needsOversubscription = false
}

public enum LoadingBlockedWithConflicts: LoadingVariant {
  public static let name = LeafName.ELDBC
  public static let blocks = true
  public static let needsOversubscription = true
}

public enum LoadingUnblockedWithConflicts: LoadingVariant {
  public static let name = LeafName.ELDUC
  public static let blocks = false
  public static let needsOversubscription = true
}

/// The operands that the four have in common, for who does not care which it is.
public protocol LoadingLeaf: Leaf where Check == LoadingCheck {
  var pageInfoAddress: KernelAddress { get set }
  var pageInfo: PageInfo { get set }
  var sealed: SealedPage { get set }
  var target: EPCAddress { get set }
  var versionSlot: EPCAddress { get set }
}

extension LoadedPage {
  public func perform(on processor: inout Processor) -> LeafOutcome {
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
      if Variant.blocks { processor.block(page, of: entry) }
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
