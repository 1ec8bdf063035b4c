import SGXArchitecture
import Simulation

/// EEXTEND (06H): measures 256 bytes of a page of an enclave that is not initialised (SDM 3D, EEXTEND, Operation).
@frozen public struct EEXTEND: Leaf {
  public static let name = LeafName.EEXTEND
  /// RBX.
  public var secs: EPCAddress
  /// RCX.
  public var chunk: EPCAddress

  @inlinable public init(secs: EPCAddress, chunk: EPCAddress) {
    self.secs = secs
    self.chunk = chunk
  }

  public enum Check: UInt8, LeafCheck {
    case secsAlignment = 1, secsNotEPC, chunkAlignment, chunkNotEPC, pageInUse, pageNotValid, badType, otherSECS
    case measurementBusy, initialized

    public var condition: String {
      switch self {
      case .secsAlignment: "RBX is not page-aligned"
      case .secsNotEPC: "RBX does not resolve to EPC"
      case .chunkAlignment: "RCX is not 256-byte aligned"
      case .chunkNotEPC: "RCX does not resolve to EPC"
      case .pageInUse: "another leaf uses the page"
      case .pageNotValid: "the page is not valid"
      case .badType: "the page is not REG, TCS or shadow stack"
      case .otherSECS: "RBX is not the SECS of the page"
      case .measurementBusy: "another leaf extends the measurement"
      case .initialized: "the enclave is initialised"
      }
    }
  }

  @inlinable public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: chunk) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    extend(on: &processor) { record, offset, contents, pageOffset in
      record.measurement.extend(offset: offset, contents: contents, pageOffset: pageOffset)
      record.records?.extend(offset: offset, contents: contents, count: 1)
    }
  }

  /// Tests every row, then lets `body` extend the measurement.
  @inline(__always)
  fileprivate func extend(
    on processor: inout Processor, _ body: (inout SECSRecord, EnclaveOffset, PageContents, Int) -> Void
  ) -> LeafOutcome {
    func protection(_ check: Check) -> LeafOutcome { .fault(.generalProtection, row: check.rawValue) }
    func fault(_ address: EPCAddress, _ check: Check) -> LeafOutcome {
      .fault(.pageFault(address: address, write: false), row: check.rawValue)
    }
    guard secs.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return protection(.secsAlignment) }
    guard let secsPage = processor.epc.page(at: secs) else { return fault(secs, .secsNotEPC) }
    guard chunk.rawValue.isMultiple(ofPowerOfTwo: extendChunkSize) else { return protection(.chunkAlignment) }
    guard let page = processor.epc.page(at: chunk) else { return fault(chunk, .chunkNotEPC) }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid else { return fault(chunk, .pageNotValid) }
    switch entry.type {
    case .reg, .tcs, .ssFirst, .ssRest: break
    case .secs, .va, .trim: return fault(chunk, .badType)
    }
    let contents = processor.epc[page]
    return processor.withSECSRecord(entry.secsIndex) { record in
      guard record.page == secsPage else { return protection(.otherSECS) }
      guard !record.isInitialized else { return protection(.initialized) }
      let pageOffset = chunk.rawValue & (pageSize - 1)
      let offset = entry.address.rawValue - record.baseAddress.rawValue + pageOffset
      body(&record, EnclaveOffset(offset), contents, Int(pageOffset))
      return .done
    }
  }
}

extension Processor {
  /// Sixteen EEXTENDs, one for each chunk of a page, as long as none is refused; returns the first refusal and how many were done.
  ///
  /// Where nothing can strike in between, the rows are tested once for all sixteen: no EEXTEND changes what they test.
  public mutating func executeExtends(
    secs: EPCAddress, page: EPCAddress, in environment: inout Environment
  ) -> (done: Int, refusal: LeafOutcome?) {
    let first = EEXTEND(secs: secs, chunk: page)
    if environment.isQuiet(.leaf(.EEXTEND)), let number = epc.page(at: page) {
      let outcome = first.extend(on: &self) { record, offset, contents, _ in
        record.measurement.extendPage(offset: offset, contents: contents)
        record.records?.extend(offset: offset, contents: contents, count: extendChunksPerPage)
      }
      if outcome.isDone {
        environment.countVisits(UInt64(extendChunksPerPage), of: .leaf(.EEXTEND))
        environment.trace.recordExtends(of: number, chunks: UInt8(extendChunksPerPage))
        return (extendChunksPerPage, nil)
      }
    }
    for chunk in 0..<extendChunksPerPage {
      let address = EPCAddress(page.rawValue + UInt64(chunk) * extendChunkSize)
      let outcome = execute(EEXTEND(secs: secs, chunk: address), in: &environment)
      if !outcome.isDone { return (chunk, outcome) }
    }
    return (extendChunksPerPage, nil)
  }
}
