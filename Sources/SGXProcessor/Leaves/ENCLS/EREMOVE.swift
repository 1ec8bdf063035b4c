import SGXArchitecture

/// EREMOVE (03H): makes a page of EPC invalid, if nothing hangs on it (SDM 3D, EREMOVE, Operation).
@frozen public struct EREMOVE: Leaf {
  public static let name = LeafName.EREMOVE
  /// RCX.
  public var target: EPCAddress

  @inlinable public init(target: EPCAddress) { self.target = target }

  /// Rows that refuse. A page that is not valid is row 4 of the flow and a success, so it is no row here.
  public enum Check: UInt8, LeafCheck {
    case targetAlignment = 1, targetNotEPC, targetInUse
    case childPresent = 6
    case enclaveActive = 8

    public var condition: String {
      switch self {
      case .targetAlignment: "RCX is not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .targetInUse: "another leaf uses the page"
      case .childPresent: "the page is a SECS with pages left"
      case .enclaveActive: "a logical processor is executing in the enclave"
      }
    }
  }

  @inlinable public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    guard target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return .fault(.generalProtection, row: Check.targetAlignment.rawValue)
    }
    guard let page = processor.epc.page(at: target) else {
      return .fault(.pageFault(address: target, write: true), row: Check.targetNotEPC.rawValue)
    }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return .done }
    switch entry.type {
    case .va:
      break
    case .secs:
      guard processor.secsRecord(of: entry).childCount == 0 else {
        return .code(.SGX_CHILD_PRESENT, row: Check.childPresent.rawValue)
      }
      processor.secsRecords[Int(entry.secsIndex)] = nil
    case .trim where !entry.isModified:
      processor.withSECSRecord(entry.secsIndex) { $0.childCount -= 1 }
    case .tcs, .reg, .trim, .ssFirst, .ssRest:
      let isActive = processor.withSECSRecord(entry.secsIndex) { record in
        if record.tracking.threadsInside > 0 { return true }
        record.childCount -= 1
        return false
      }
      if isActive { return .code(.SGX_ENCLAVE_ACT, row: Check.enclaveActive.rawValue) }
    }
    processor.invalidate(page)
    return .done
  }
}
