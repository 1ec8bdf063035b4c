import SGXArchitecture

/// The state machine of a physical page as the driver sees it.
public enum PhysPageState: Hashable, Sendable {
  case free
  /// Taken from the pool, not yet bound to anything.
  case inFlight
  case inUse(PhysPageOwner)
  /// EREMOVE refused it, or its enclave was released around it: no list will ever hold it again.
  case leaked
}

/// What a page is used for, and by whom.
public enum PhysPageOwner: Hashable, Sendable {
  case secs(EnclaveID)
  case versionArray(EnclaveID)
  case slot(EnclaveID, EnclaveOffset)
}

extension PhysPage {
  public var state: PhysPageState {
    switch role {
    case .free: .free
    case .inFlight: .inFlight
    case .leaked: .leaked
    case .secs: .inUse(.secs(enclave))
    case .versionArray: .inUse(.versionArray(enclave))
    case .slot, .addingSlot, .isolatedSlot, .evictingSlot: .inUse(.slot(enclave, EnclaveOffset(pageIndex: pageIndex)))
    }
  }
}
