import SGXArchitecture

/// Where a slot's bytes are now.
public enum VirtSlotBacking: Hashable, Sendable {
  /// Its place is taken, its page not yet added; only inside a call that holds the enclave's lock.
  case reserved
  case resident(PhysPageNumber)
}

extension VirtSlotBacking {
  /// EADD succeeded: the page is bound to the slot.
  mutating func fill(with page: PhysPageNumber) {
    switch self {
    case .reserved: self = .resident(page)
    case .resident: preconditionFailure("slot-filled-once: a resident slot is not filled again")
    }
  }
}
