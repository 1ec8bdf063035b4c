import SGXArchitecture

/// EMODPE (06H of ENCLU): the enclave gives itself rights to one of its pages (SDM 3D, EMODPE, Operation).
public struct EMODPE: ThreadLeaf {
  public static let name = LeafName.EMODPE
  /// RBX: a SECINFO in enclave memory.
  public var secInfo: LinearAddress
  /// RCX.
  public var target: LinearAddress

  public init(secInfo: LinearAddress, target: LinearAddress) {
    self.secInfo = secInfo
    self.target = target
  }

  public enum Check: UInt8, LeafCheck {
    case alignment = 1, outsideRange, secInfoNotEPC, targetNotEPC, secInfoPage, secInfoReserved, targetNotUsable, targetInUse
    case targetElsewhere, writeWithoutRead

    public var condition: String {
      switch self {
      case .alignment: "RBX is not 64-byte aligned or RCX not page-aligned"
      case .outsideRange: "RBX or RCX is outside the enclave's range"
      case .secInfoNotEPC: "RBX does not resolve to EPC"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .secInfoPage: "SECINFO cannot be read"
      case .secInfoReserved: "SECINFO has reserved bits"
      case .targetNotUsable: "the page is not valid, pending, modified, blocked, not REG, or another enclave's"
      case .targetInUse: "another leaf uses the page"
      case .targetElsewhere: "the page belongs at another address"
      case .writeWithoutRead: "W without R would come about"
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
    guard secInfo.rawValue.isMultiple(ofPowerOfTwo: 64), target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return Check.alignment.protection
    }
    guard entry.contains(secInfo), entry.contains(target) else { return Check.outsideRange.protection }
    if case .failure(let fault) = tables.resolve(secInfo, for: .read) { return Check.secInfoNotEPC.fault(fault) }
    let page: PhysPageNumber
    switch tables.resolve(target, for: .read) {
    case .success(let found): page = found
    case .failure(let fault): return Check.targetNotEPC.fault(fault)
    }
    let asked: SecInfo
    switch processor.secInfo(at: secInfo, of: entry, through: tables) {
    case .success(let found): asked = found
    case .failure(let fault): return Check.secInfoPage.fault(fault)
    }
    guard asked.isClean else { return Check.secInfoReserved.protection }
    let found = processor.epcm[page.rawValue]
    guard found.isValid, !found.isPending, !found.isModified, !found.isBlocked, found.type == .reg,
      found.secsIndex == entry.thread.secsIndex
    else { return Check.targetNotUsable.pageFault(target, .write) }
    guard found.address == target else { return Check.targetElsewhere.pageFault(target, .write) }
    let rights = found.permissions.union(asked.permissions)
    guard rights.contains(.read) || !asked.permissions.contains(.write) else { return Check.writeWithoutRead.protection }
    processor.epcm.withElement(page.rawValue) { $0.extend(by: asked.permissions) }
    return .done
  }
}
