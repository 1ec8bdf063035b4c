import SGXArchitecture

/// EBLOCK (09H): no new translation of the page is made from now on, which is the first step of evicting it (SDM 3D, EBLOCK, Operation).
public struct EBLOCK: Leaf {
  public static let name = LeafName.EBLOCK
  /// RCX.
  public var target: EPCAddress

  public init(target: EPCAddress) { self.target = target }

  public enum Check: UInt8, LeafCheck {
    case targetAlignment = 1, targetNotEPC, targetInUse, targetNotValid, isSECS, notBlockable, alreadyBlocked

    public var condition: String {
      switch self {
      case .targetAlignment: "RCX is not page-aligned"
      case .targetNotEPC: "RCX does not resolve to EPC"
      case .targetInUse: "another leaf uses the page"
      case .targetNotValid: "the page is not valid"
      case .isSECS: "the page is a SECS"
      case .notBlockable: "the page is no page of an enclave"
      case .alreadyBlocked: "the page is blocked already"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: target) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    func code(_ error: LeafError, _ check: Check) -> LeafOutcome { .code(error, row: check.rawValue) }
    guard target.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return .fault(.generalProtection, row: Check.targetAlignment.rawValue)
    }
    guard let page = processor.epc.page(at: target) else {
      return .fault(.pageFault(address: target, write: false), row: Check.targetNotEPC.rawValue)
    }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return code(.SGX_PG_INVLD, .targetNotValid) }
    switch entry.type {
    case .secs: return code(.SGX_PG_IS_SECS, .isSECS)
    case .va: return code(.SGX_NOTBLOCKABLE, .notBlockable)
    case .tcs, .reg, .trim, .ssFirst, .ssRest: break
    }
    guard !entry.isBlocked else { return code(.SGX_BLKSTATE, .alreadyBlocked) }
    processor.block(page, of: entry)
    return .done
  }
}

extension Processor {
  /// Sets BLOCKED and stamps the page with its enclave's epoch, so that EWB can tell whether old threads have left.
  mutating func block(_ page: PhysPageNumber, of entry: EPCMEntry) {
    epcm.withElement(page.rawValue) { $0.word |= EPCMEntry.blockedBit }
    blockEpochs[page.rawValue] = withSECSRecord(entry.secsIndex) { $0.tracking.epoch }
  }
}
