import SGXArchitecture
import Simulation

/// What version array pages hold: 512 versions of 8 bytes each (SDM 3D, "Version Array"). An array that nobody has written costs nothing.
struct VersionSlots: Sendable {
  static let slotSize: UInt64 = 8
  static let slotsPerPage = Int(pageSize / slotSize)

  /// By page; an empty list stands for 512 zeros.
  private var pages = SparseTable<[UInt64]>(empty: [])

  /// Address of a slot in EPC: the page, and which of its 512.
  struct Place {
    let page: PhysPageNumber
    let slot: Int
    init(page: PhysPageNumber, address: EPCAddress) {
      self.page = page
      slot = Int(address.rawValue & (pageSize - 1)) / Int(VersionSlots.slotSize)
    }
  }

  subscript(place: Place) -> UInt64 {
    get {
      let versions = pages[place.page.rawValue]
      return versions.isEmpty ? 0 : versions[place.slot]
    }
    set {
      pages.withElement(place.page.rawValue) { versions in
        if versions.isEmpty { versions = [UInt64](repeating: 0, count: Self.slotsPerPage) }
        versions[place.slot] = newValue
      }
    }
  }

  /// The page as EWB reads it and as the leaf that loads it writes it.
  subscript(page: PhysPageNumber) -> PageContents {
    get {
      let versions = pages[page.rawValue]
      guard !versions.isEmpty else { return .zero }
      var bytes = [UInt8](repeating: 0, count: Int(pageSize))
      for (slot, version) in versions.enumerated() { bytes.store(version, at: slot * Int(Self.slotSize)) }
      return PageContents(bytes)
    }
    set {
      let bytes = newValue.bytes()
      pages[page.rawValue] = (0..<Self.slotsPerPage).map { bytes.load(UInt64.self, at: $0 * Int(Self.slotSize)) }
    }
  }

  mutating func clear(_ page: PhysPageNumber) {
    if !pages[page.rawValue].isEmpty { pages[page.rawValue] = [] }
  }

  mutating func removeAll() { pages.removeAll() }

  /// Slots in use, in ascending order.
  func forEachUsed(_ body: (PhysPageNumber, Int, UInt64) -> Void) {
    pages.forEachTouched { page, versions in
      for (slot, version) in versions.enumerated() where version != 0 { body(PhysPageNumber(page), slot, version) }
    }
  }
}
