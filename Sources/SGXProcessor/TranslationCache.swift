import SGXArchitecture

/// The TLB of a logical processor in enclave mode. Entry and exit empty it, which is why ETRACK waits for them.
struct TranslationCache: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    let page: PhysPageNumber
    /// Rights by the page table, and by the EPCM.
    let tableRights: PagePermissions
    let epcmRights: PagePermissions
  }

  /// Translations held at most, as many as a second-level TLB has; with one more all are forgotten.
  static let capacity = 1536

  private var entries: [UInt64: Entry] = [:]

  subscript(address: LinearAddress) -> Entry? { entries[address.rawValue / pageSize] }

  mutating func insert(_ entry: Entry, for address: LinearAddress) {
    if entries.count == Self.capacity { entries.removeAll(keepingCapacity: true) }
    entries[address.rawValue / pageSize] = entry
  }

  mutating func remove(_ address: LinearAddress) { entries[address.rawValue / pageSize] = nil }

  mutating func removeAll() { if !entries.isEmpty { entries.removeAll(keepingCapacity: true) } }
}
