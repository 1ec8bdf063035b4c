import SGXArchitecture
import Simulation

/// The enclave page cache: pages of 4 KiB that only the processor can read. The whole of it costs nothing until used.
public struct EPC: Sendable {
  public let pageCount: UInt32
  @usableFromInline var contents = SparseTable<PageContents>(empty: .zero)

  /// Where the kernel has mapped the first page; a round number outside all user addresses.
  public static let kernelBase: UInt64 = 0xffff_c900_0000_0000

  init(pageCount: UInt32) { self.pageCount = pageCount }

  /// The kernel's address of a page.
  @inlinable public static func address(of page: PhysPageNumber) -> EPCAddress {
    EPCAddress(kernelBase + UInt64(page.rawValue) * pageSize)
  }

  /// The page an operand lies in; nil where it is not EPC.
  @inlinable public func page(at address: EPCAddress) -> PhysPageNumber? {
    let distance = address.rawValue &- Self.kernelBase
    guard distance / pageSize < UInt64(pageCount) else { return nil }
    return PhysPageNumber(UInt32(truncatingIfNeeded: distance / pageSize))
  }

  @inlinable public subscript(page: PhysPageNumber) -> PageContents {
    get { contents[page.rawValue] }
    set { contents[page.rawValue] = newValue }
  }

  mutating func loseEverything() { contents.removeAll() }
}
