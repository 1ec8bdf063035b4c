import SGXArchitecture

/// What a loader does with an image: ECREATE with these parameters, then the ranges in this order, each page added and at once
/// measured where it says so, then EINIT.
///
/// - PageRange.swift: what a range is
/// - LoadPlanBuilder.swift: makes one, and checks it
/// - LoadPlan+Measure.swift: MRENCLAVE
/// - LoadPlan+Stream.swift: the records as a file
public struct LoadPlan: Sendable {
  public let parameters: EnclaveParameters
  /// No two overlap, and all lie within the enclave.
  public let ranges: [PageRange]

  /// Pages that EADD adds.
  public var pagesAdded: UInt64 { ranges.reduce(0) { $0 &+ $1.pageCount } }

  /// Pages of which at least a part is measured.
  public var pagesMeasured: UInt64 { ranges.reduce(0) { $0 &+ ($1.measured == .none ? 0 : $1.pageCount) } }

  /// Pages that are taken out again before EINIT.
  public var pagesRemoved: UInt64 { ranges.reduce(0) { $0 &+ ($1.isRemovedBeforeInit ? $1.pageCount : 0) } }

  /// TCS pages that are still there at EINIT: threads that can be in the enclave at once from its beginning.
  public var threads: UInt64 { ranges.reduce(0) { $0 &+ ($1.isTCS && !$1.isRemovedBeforeInit ? $1.pageCount : 0) } }
}

/// What ECREATE is given, apart from the base address, which the loader chooses.
public struct EnclaveParameters: Hashable, Sendable {
  /// SECS.SIZE in bytes, a power of two.
  public var size: UInt64
  /// Pages of an SSA frame.
  public var ssaFrameSize: UInt32
  public var attributes: AttributeFlags
  public var xfrm: XFRM
  public var miscSelect: MiscSelect

  public init(
    size: UInt64, ssaFrameSize: UInt32 = 1, attributes: AttributeFlags = .mode64Bit, xfrm: XFRM = .legacy, miscSelect: MiscSelect = []
  ) {
    self.size = size
    self.ssaFrameSize = ssaFrameSize
    self.attributes = attributes
    self.xfrm = xfrm
    self.miscSelect = miscSelect
  }

  /// The SECS for a base address.
  public func secs(baseAddress: LinearAddress) -> SECS {
    SECS(
      size: size, baseAddress: baseAddress, ssaFrameSize: ssaFrameSize, miscSelect: miscSelect, attributes: attributes, xfrm: xfrm)
  }
}
