import SGXArchitecture

/// EACCEPTCOPY (07H of ENCLU): the enclave accepts a pending page and fills it from another of its own (SDM 3D, EACCEPTCOPY, Operation).
public struct EACCEPTCOPY: ThreadLeaf {
  public static let name = LeafName.EACCEPTCOPY
  /// RBX: a SECINFO in enclave memory.
  public var secInfo: LinearAddress
  /// RCX.
  public var target: LinearAddress
  /// RDX.
  public var source: LinearAddress

  public init(secInfo: LinearAddress, target: LinearAddress, source: LinearAddress) {
    self.secInfo = secInfo
    self.target = target
    self.source = source
  }

  public enum Check: UInt8, LeafCheck {
    case secInfoAlignment = 1, pageAlignment, outsideRange, secInfoNotEPC, targetNotEPC, sourceNotEPC, secInfoPage, badSecInfo, sourcePage
    case targetNotUsable, targetInUse, targetMismatch

    public var condition: String {
      switch self {
      case .secInfoAlignment: "RBX is not 64-byte aligned"
      case .pageAlignment: "RCX or RDX is not page-aligned"
      case .outsideRange: "RBX, RCX or RDX is outside the enclave's range"
      case .secInfoNotEPC: "RBX does not resolve to EPC"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .sourceNotEPC: "RDX does not resolve to EPC"
      case .secInfoPage: "SECINFO cannot be read"
      case .badSecInfo: "SECINFO has reserved bits, W without R, or a type other than REG"
      case .sourcePage: "the source page cannot be read"
      case .targetNotUsable: "the page is not valid, not pending, modified, blocked, not REG, or another enclave's"
      case .targetInUse: "another leaf uses the page"
      case .targetMismatch: "the page's rights are not RW, or it belongs at another address"
      }
    }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasSGX2 }
  public var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { (secInfo.rawValue, target.rawValue, source.rawValue) }
  public var subject: LinearAddress? { target }

  public func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome {
    guard let entry = cpu.entry else { return .fault(.generalProtection, row: CommonRow.outsideEnclave) }
    guard secInfo.rawValue.isMultiple(ofPowerOfTwo: 64) else { return Check.secInfoAlignment.protection }
    guard (target.rawValue | source.rawValue).isMultiple(ofPowerOfTwo: pageSize) else { return Check.pageAlignment.protection }
    guard entry.contains(secInfo), entry.contains(target), entry.contains(source) else { return Check.outsideRange.protection }
    if case .failure(let fault) = tables.resolve(secInfo, for: .read) { return Check.secInfoNotEPC.fault(fault) }
    let targetPage: PhysPageNumber
    switch tables.resolve(target, for: .write) {
    case .success(let found): targetPage = found
    case .failure(let fault): return Check.targetNotEPC.fault(fault)
    }
    if case .failure(let fault) = tables.resolve(source, for: .read) { return Check.sourceNotEPC.fault(fault) }
    let asked: SecInfo
    switch processor.secInfo(at: secInfo, of: entry, through: tables) {
    case .success(let found): asked = found
    case .failure(let fault): return Check.secInfoPage.fault(fault)
    }
    guard asked.isClean, asked.type == .reg, asked.permissions.contains(.read) || !asked.permissions.contains(.write) else {
      return Check.badSecInfo.protection
    }
    let sourcePage: PhysPageNumber
    switch processor.usablePage(at: source, for: .read, by: entry.thread.secsIndex, through: tables) {
    case .success(let found): sourcePage = found
    case .failure(let fault): return Check.sourcePage.fault(fault)
    }
    let found = processor.epcm[targetPage.rawValue]
    guard found.isValid, found.isPending, !found.isModified, !found.isBlocked, found.type == .reg,
      found.secsIndex == entry.thread.secsIndex
    else { return Check.targetNotUsable.code(.SGX_PAGE_ATTRIBUTES_MISMATCH) }
    guard found.permissions == [.read, .write], found.address == target else {
      return Check.targetMismatch.code(.SGX_PAGE_ATTRIBUTES_MISMATCH)
    }
    processor.epc[targetPage] = processor.epc[sourcePage]
    processor.epcm.withElement(targetPage.rawValue) { $0.accept(with: asked.permissions) }
    return .done
  }
}
