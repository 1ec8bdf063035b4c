import SGXArchitecture

/// Where a slot's bytes are now.
public enum VirtSlotBacking: Hashable, Sendable {
  /// Its place is taken, its page not yet added; only inside a call that holds the enclave's lock.
  case reserved
  case resident(PhysPageNumber)
  /// Written out; its version lies in this slot. Nil where nothing can be loaded back.
  case evicted(VersionSlot?)
}

extension VirtSlotBacking {
  /// EADD or EAUG succeeded: the page is bound to the slot.
  mutating func fill(with page: PhysPageNumber) {
    switch self {
    case .reserved: self = .resident(page)
    case .resident: preconditionFailure("slot-filled-once: a resident slot is not filled again")
    case .evicted: preconditionFailure("slot-filled-once: an evicted slot is loaded back, not filled")
    }
  }

  /// EWB took the page away, whether it could write it or not.
  mutating func evict(to version: VersionSlot?) {
    switch self {
    case .resident: self = .evicted(version)
    case .reserved, .evicted: preconditionFailure("slot-resident: only a resident page is evicted")
    }
  }

  /// ELDU brought the page back.
  mutating func loadBack(to page: PhysPageNumber) {
    switch self {
    case .evicted: self = .resident(page)
    case .reserved, .resident: preconditionFailure("slot-evicted: only an evicted page is loaded back")
    }
  }
}
