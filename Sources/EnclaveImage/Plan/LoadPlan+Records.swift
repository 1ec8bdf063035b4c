import SGXArchitecture

extension LoadPlan {
  /// The records that measuring hashes, one by one.
  public var records: PlanRecords { PlanRecords(self) }

  /// The first record in which loading this and loading the other measure differently; nil where MRENCLAVE is the same.
  public func firstDifference(from other: LoadPlan) -> MeasurementDifference? { MeasurementDifference(records, other.records) }

  /// The same against what an enclave has measured.
  public func firstDifference(from records: some IteratorProtocol<MeasurementRecord>) -> MeasurementDifference? {
    MeasurementDifference(self.records, records)
  }
}

/// The records of a plan, in its loader's order.
public struct PlanRecords: IteratorProtocol, Sendable {
  private let plan: LoadPlan
  private var hasBegun = false
  private var range = 0
  private var page: UInt64 = 0
  /// Pieces of the page handed out; nil before its EADD.
  private var pieces: Int?

  fileprivate init(_ plan: LoadPlan) { self.plan = plan }

  public mutating func next() -> MeasurementRecord? {
    guard hasBegun else {
      hasBegun = true
      return .create(ssaFrameSize: plan.parameters.ssaFrameSize, size: plan.parameters.size)
    }
    while range < plan.ranges.count {
      let current = plan.ranges[range]
      let offset = current.offset(ofPage: page)
      guard let piece = pieces else {
        pieces = 0
        return .add(offset: offset, flags: current.secInfoFlags)
      }
      if let chunk = current.measured.chunk(piece) {
        pieces = piece &+ 1
        return .extend(offset: EnclaveOffset(offset.rawValue &+ UInt64(chunk) &* extendChunkSize), contents: current.page(page))
      }
      pieces = nil
      page &+= 1
      if page == current.pageCount { (range, page) = (range &+ 1, 0) }
    }
    return nil
  }
}

extension MeasuredChunks {
  /// The number of the piece that is measured as the n-th of a page; nil where there are not so many.
  fileprivate func chunk(_ n: Int) -> Int? {
    switch self {
    case .none: nil
    case .all: n < extendChunksPerPage ? n : nil
    case .some(let order): n < order.count ? order[n] : nil
    }
  }
}
