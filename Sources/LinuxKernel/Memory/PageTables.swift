import SGXArchitecture

/// Page-table entries of a process's device mappings, 512 a table as on x86; a table without an entry does not exist.
///
/// An entry does not say which frame it leads to: the driver removes it before the frame goes elsewhere, so the driver knows.
struct PageTables: Sendable {
  private var tables: [UInt64: Table] = [:]

  private struct Table {
    var present = InlineArray<8, UInt64>(repeating: 0)
    var accessed = InlineArray<8, UInt64>(repeating: 0)
    var count = 0
  }

  /// Bytes that one table covers: 2 MiB.
  private static let span: UInt64 = 512 * pageSize

  func isPresent(_ address: UserAddress) -> Bool {
    guard !tables.isEmpty, let table = tables[address.rawValue / Self.span] else { return false }
    let place = Place(address)
    return table.present[place.word] & place.bit != 0
  }

  func isAccessed(_ address: UserAddress) -> Bool {
    guard let table = tables[address.rawValue / Self.span] else { return false }
    let place = Place(address)
    return table.accessed[place.word] & place.bit != 0
  }

  /// Adds an entry. It is born accessed, because the protection of a mapping contains that bit (vmf_insert_pfn); one that is there
  /// already stays as it is.
  mutating func insert(_ address: UserAddress) {
    let place = Place(address)
    change(address) { table in
      guard table.present[place.word] & place.bit == 0 else { return }
      table.present[place.word] |= place.bit
      table.accessed[place.word] |= place.bit
      table.count += 1
    }
  }

  /// The processor marks an entry that it used.
  mutating func setAccessed(_ address: UserAddress) {
    let place = Place(address)
    change(address) { $0.accessed[place.word] |= $0.present[place.word] & place.bit }
  }

  /// Clears the accessed bit and says what it was.
  mutating func testAndClearAccessed(_ address: UserAddress) -> Bool {
    guard isAccessed(address) else { return false }
    let place = Place(address)
    change(address) { $0.accessed[place.word] &= ~place.bit }
    return true
  }

  mutating func remove(_ address: UserAddress) {
    guard isPresent(address) else { return }
    let place = Place(address)
    change(address) { table in
      table.present[place.word] &= ~place.bit
      table.accessed[place.word] &= ~place.bit
      table.count -= 1
    }
  }

  /// Removes every entry of a range of whole pages.
  mutating func remove(_ range: Range<UserAddress>) {
    guard !tables.isEmpty, range.lowerBound < range.upperBound else { return }
    let first = range.lowerBound.rawValue / Self.span
    let last = (range.upperBound.rawValue - 1) / Self.span
    // A huge hole costs no more than the tables there are.
    let keys = last - first < UInt64(tables.count) ? Array(first...last) : tables.keys.filter { (first...last).contains($0) }
    for key in keys where tables[key] != nil {
      let start = max(range.lowerBound.rawValue, key * Self.span)
      let end = min(range.upperBound.rawValue, (key + 1) * Self.span)
      if end - start == Self.span {
        tables[key] = nil
      } else {
        for page in stride(from: start, to: end, by: Int(pageSize)) { remove(UserAddress(page)) }
      }
    }
  }

  /// Entries in all.
  var count: Int { tables.values.reduce(0) { $0 + $1.count } }

  /// Calls `body` for each entry's address, in no order.
  func forEach(_ body: (UserAddress) -> Void) {
    for (key, table) in tables {
      for page in UInt64(0)..<512 {
        let address = UserAddress(key * Self.span + page * pageSize)
        let place = Place(address)
        if table.present[place.word] & place.bit != 0 { body(address) }
      }
    }
  }

  private mutating func change(_ address: UserAddress, _ body: (inout Table) -> Void) {
    let key = address.rawValue / Self.span
    var table = tables[key] ?? Table()
    body(&table)
    tables[key] = table.count == 0 ? nil : table
  }

  private struct Place {
    let word: Int
    let bit: UInt64
    init(_ address: UserAddress) {
      let page = address.rawValue / pageSize % 512
      word = Int(page / 64)
      bit = 1 << (page % 64)
    }
  }
}
