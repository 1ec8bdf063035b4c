import SGXArchitecture

/// EDBGRD (04H): reads 8 bytes of an enclave that has DEBUG set, or tells whether a version slot is in use (SDM 3D, EDBGRD, Operation).
public struct EDBGRD: OutputLeaf {
  public static let name = LeafName.EDBGRD
  /// RCX.
  public var address: EPCAddress

  public init(address: EPCAddress) { self.address = address }

  public enum Check: UInt8, LeafCheck {
    case alignment = 1, notEPC, pageInUse, notValid, badType, notDebuggable, beyondTCS, notDebug

    public var condition: String {
      switch self {
      case .alignment: "RCX is not 8-byte aligned"
      case .notEPC: "RCX does not resolve to EPC"
      case .pageInUse: "another leaf uses the page"
      case .notValid: "the page is not valid"
      case .badType: "the page is of a type that is not shown"
      case .notDebuggable: "the page is pending or modified"
      case .beyondTCS: "the address is past the fields of a TCS"
      case .notDebug: "the enclave does not have DEBUG set"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: address) }

  public func produce(on processor: inout Processor) -> (outcome: LeafOutcome, output: UInt64?) {
    guard address.rawValue.isMultiple(ofPowerOfTwo: 8) else { return (Check.alignment.protection, nil) }
    guard let page = processor.epc.page(at: address) else { return (Check.notEPC.pageFault(address), nil) }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return (Check.notValid.pageFault(address), nil) }
    let offset = Int(address.rawValue & (pageSize - 1))
    switch entry.type {
    case .secs, .trim:
      return (Check.badType.pageFault(address), nil)
    case .va:
      let isEmpty = processor.versions[VersionSlots.Place(page: page, address: address)] == 0
      return (.done, isEmpty ? 0 : .max)
    case .reg, .tcs, .ssFirst, .ssRest:
      guard !entry.isPending, !entry.isModified else { return (Check.notDebuggable.code(.SGX_PAGE_NOT_DEBUGGABLE), nil) }
      if entry.type == .tcs, offset >= processor.profile.tcsLimit { return (Check.beyondTCS.protection, nil) }
      guard processor.secsRecord(of: entry).attributes.contains(.debug) else { return (Check.notDebug.protection, nil) }
      return (.done, processor.epc[page].load(UInt64.self, at: offset))
    }
  }
}

extension ProcessorProfile {
  /// SGX_TCS_LIMIT, which is not published: where the fields end (a choice: `Docs/Fidelity.md`).
  var tcsLimit: Int { hasCET ? TCS.reservedWithCET : TCS.reserved }
}
