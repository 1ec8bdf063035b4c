import SGXArchitecture

/// EDBGWR (05H): writes 8 bytes of an enclave that has DEBUG set; of a TCS only FLAGS (SDM 3D, EDBGWR, Operation).
public struct EDBGWR: Leaf {
  public static let name = LeafName.EDBGWR
  /// RBX.
  public var data: UInt64
  /// RCX.
  public var address: EPCAddress

  public init(data: UInt64, address: EPCAddress) {
    self.data = data
    self.address = address
  }

  public enum Check: UInt8, LeafCheck {
    case alignment = 1, notEPC, pageInUse, notValid, badType, notDebuggable, notFlags, notDebug

    public var condition: String {
      switch self {
      case .alignment: "RCX is not 8-byte aligned"
      case .notEPC: "RCX does not resolve to EPC"
      case .pageInUse: "another leaf uses the page"
      case .notValid: "the page is not valid"
      case .badType: "the page is of a type that is not written"
      case .notDebuggable: "the page is pending or modified"
      case .notFlags: "the address is in a TCS and not FLAGS"
      case .notDebug: "the enclave does not have DEBUG set"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: address) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    guard address.rawValue.isMultiple(ofPowerOfTwo: 8) else { return Check.alignment.protection }
    guard let page = processor.epc.page(at: address) else { return Check.notEPC.pageFault(address, write: true) }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return Check.notValid.pageFault(address, write: true) }
    let offset = Int(address.rawValue & (pageSize - 1))
    switch entry.type {
    case .secs, .va, .trim:
      return Check.badType.pageFault(address, write: true)
    case .reg, .tcs, .ssFirst, .ssRest:
      guard !entry.isPending, !entry.isModified else { return Check.notDebuggable.code(.SGX_PAGE_NOT_DEBUGGABLE) }
      if entry.type == .tcs, offset != TCS.flags { return Check.notFlags.protection }
      guard processor.secsRecord(of: entry).attributes.contains(.debug) else { return Check.notDebug.protection }
      processor.epc[page].withMutableBytes { $0.store(data, at: offset) }
      return .done
    }
  }
}
