import SGXArchitecture

/// A version array page (`struct sgx_va_page`): room for the versions of 512 evicted pages.
public struct VersionArray: Hashable, Sendable {
  public let page: PhysPageNumber
  /// Versions of one page (SGX_VA_SLOT_COUNT).
  public static let slotCount: UInt64 = 512
}
