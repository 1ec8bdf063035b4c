import SGXArchitecture

/// PAGEINFO, the operand block of the leaves that make pages (SDM 3D, "Page Information").
///
/// Software memory is not modelled byte by byte: an address is carried for its alignment, the value it leads to beside it.
@frozen public struct PageInfo: Sendable {
  public var linearAddress: LinearAddress
  /// SRCPGE.
  public var sourceAddress: KernelAddress
  /// SECINFO, or PCMD for EWB, ELDB and ELDU.
  public var secInfoAddress: KernelAddress
  public var secInfo: SecInfo
  /// SECS: the EPC page of the enclave's SECS; 0 where the leaf wants none.
  public var secs: EPCAddress

  @inlinable public init(
    linearAddress: LinearAddress, secInfo: SecInfo, secs: EPCAddress,
    sourceAddress: KernelAddress = .anyPage, secInfoAddress: KernelAddress = .anyPage
  ) {
    self.linearAddress = linearAddress
    self.secInfo = secInfo
    self.secs = secs
    self.sourceAddress = sourceAddress
    self.secInfoAddress = secInfoAddress
  }
}

extension UInt64 {
  @inline(__always) func isMultiple(ofPowerOfTwo size: UInt64) -> Bool { self & (size - 1) == 0 }
}
