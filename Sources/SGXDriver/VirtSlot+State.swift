import SGXArchitecture
import Simulation

/// Where a slot's bytes are now.
public enum VirtSlotBacking: Hashable, Sendable {
  /// Its place is taken, its page not yet added; only inside a call that holds `encl->lock`.
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
    case .resident, .evicted: BenchLaw.broken(.slotFilledOnce)
    }
  }

  /// EWB took the page away, whether it could write it or not.
  mutating func evict(to version: VersionSlot?) {
    switch self {
    case .resident: self = .evicted(version)
    case .reserved, .evicted: BenchLaw.broken(.slotResident)
    }
  }

  /// ELDU brought the page back.
  mutating func loadBack(to page: PhysPageNumber) {
    switch self {
    case .evicted: self = .resident(page)
    case .reserved, .resident: BenchLaw.broken(.slotEvicted)
    }
  }
}

extension VirtSlotBacking {
  /// The states without what they carry.
  public enum Kind: String, CaseIterable, Sendable { case reserved, resident, evicted }

  public var kind: Kind {
    switch self {
    case .reserved: .reserved
    case .resident: .resident
    case .evicted: .evicted
    }
  }

  public enum Event: String, CaseIterable, Sendable {
    case fill = "EADD or EAUG done"
    case evict = "written out"
    case loadBack = "ELDU done"
  }

  /// Every event in every state. A slot comes into being reserved, resident (EAUG) and goes from any of them with its range or enclave.
  public static let transitions: [StateTransition<Kind, Event>] = [
    StateTransition(.reserved, .fill, .becomes(.resident)),
    StateTransition(.reserved, .evict, .breaks(.slotResident)),
    StateTransition(.reserved, .loadBack, .breaks(.slotEvicted)),
    StateTransition(.resident, .fill, .breaks(.slotFilledOnce)),
    StateTransition(.resident, .evict, .becomes(.evicted)),
    StateTransition(.resident, .loadBack, .breaks(.slotEvicted)),
    StateTransition(.evicted, .fill, .breaks(.slotFilledOnce)),
    StateTransition(.evicted, .evict, .breaks(.slotResident)),
    StateTransition(.evicted, .loadBack, .becomes(.resident)),
  ]
}
