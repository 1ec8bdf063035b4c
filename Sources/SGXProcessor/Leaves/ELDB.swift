import SGXArchitecture

/// ELDB (07H): decrypts an evicted page back into EPC and leaves it blocked (SDM 3D, ELDB/ELDU, Operation).
public struct ELDB: LoadingLeaf {
  public static let name = LeafName.ELDB
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
