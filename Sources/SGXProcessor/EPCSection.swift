/// A contiguous piece of EPC, as one sub-leaf of CPUID.12H from 2 on enumerates it, and the node of memory it belongs to.
@frozen public struct EPCSection: Hashable, Sendable {
  /// Pages, at least 1.
  public var pageCount: UInt32
  /// NUMA node, counted from 0 (the firmware's SRAT says so to the kernel).
  public var node: Int

  public init(pageCount: UInt32, node: Int) {
    self.pageCount = pageCount
    self.node = node
  }
}
