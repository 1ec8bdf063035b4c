import SGXArchitecture

/// ELDU (08H): decrypts an evicted page back into EPC, unblocked (SDM 3D, ELDB/ELDU, Operation).
public struct ELDU: LoadingLeaf {
  public static let name = LeafName.ELDU
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
  public func perform(on processor: inout Processor) -> LeafOutcome { load(into: &processor) }
}
