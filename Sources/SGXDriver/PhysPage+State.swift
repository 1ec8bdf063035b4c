import SGXArchitecture
import Simulation

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

extension PhysPage.Role {
  package enum Event: String, CaseIterable, Sendable {
    case allocate
    case bindSECS = "bound as SECS"
    case bindVersionArray = "bound as version array"
    case bindAdding = "bound to a slot by EADD"
    case bindSlot = "bound to a slot by a page fault"
    case settle = "made reclaimable"
    case isolate = "isolated by the reclaimer"
    case mark = "marked by the reclaimer"
    case free
    case leak
  }

  /// The pool hands the page out.
  mutating func allocate() {
    switch self {
    case .free: self = .inFlight
    case .inFlight, .secs, .versionArray, .slot, .leaked, .addingSlot, .isolatedSlot, .evictingSlot:
      BenchLaw.broken(.oneList)
    }
  }

  /// Whoever took the page says what it is for.
  mutating func bind(to role: PhysPage.Role) {
    switch self {
    case .inFlight: self = role
    case .free, .secs, .versionArray, .slot, .leaked, .addingSlot, .isolatedSlot, .evictingSlot:
      BenchLaw.broken(.pageBoundOnce)
    }
  }

  /// The page may be evicted from now on, or again.
  mutating func settle() {
    switch self {
    case .slot, .addingSlot, .isolatedSlot: self = .slot
    case .free, .inFlight, .secs, .versionArray, .leaked, .evictingSlot:
      BenchLaw.broken(.reclaimQueue)
    }
  }

  /// The reclaimer has taken the page off its queue.
  mutating func isolate() {
    switch self {
    case .slot: self = .isolatedSlot
    case .free, .inFlight, .secs, .versionArray, .leaked, .addingSlot, .isolatedSlot, .evictingSlot:
      BenchLaw.broken(.reclaimQueue)
    }
  }

  /// The reclaimer has marked the page: nobody gets at it any more.
  mutating func mark() {
    switch self {
    case .isolatedSlot: self = .evictingSlot
    case .free, .inFlight, .secs, .versionArray, .slot, .leaked, .addingSlot, .evictingSlot:
      BenchLaw.broken(.reclaimQueue)
    }
  }

  /// The page goes back to the pool.
  mutating func release() {
    switch self {
    case .inFlight, .secs, .versionArray, .slot, .addingSlot, .isolatedSlot, .evictingSlot: self = .free
    case .free, .leaked: BenchLaw.broken(.oneList)
    }
  }

  /// The page is kept out of use for ever.
  mutating func leak() {
    switch self {
    case .inFlight, .secs, .versionArray, .slot, .addingSlot, .isolatedSlot, .evictingSlot: self = .leaked
    case .free, .leaked: BenchLaw.broken(.oneList)
    }
  }

  /// Every event in every state, said from where each event can come; everywhere else it breaks a law.
  package static let transitions: [StateTransition<PhysPage.Role, Event>] = allCases.flatMap { role in
    Event.allCases.map { StateTransition(role, $0, outcome(of: $0, in: role)) }
  }

  private static func outcome(of event: Event, in role: PhysPage.Role) -> TransitionOutcome<PhysPage.Role> {
    let used: [PhysPage.Role] = [.inFlight, .secs, .versionArray, .slot, .addingSlot, .isolatedSlot, .evictingSlot]
    let (from, to, law): ([PhysPage.Role], PhysPage.Role, BenchLaw) =
      switch event {
      case .allocate: ([.free], .inFlight, .oneList)
      case .bindSECS: ([.inFlight], .secs, .pageBoundOnce)
      case .bindVersionArray: ([.inFlight], .versionArray, .pageBoundOnce)
      case .bindAdding: ([.inFlight], .addingSlot, .pageBoundOnce)
      case .bindSlot: ([.inFlight], .slot, .pageBoundOnce)
      case .settle: ([.slot, .addingSlot, .isolatedSlot], .slot, .reclaimQueue)
      case .isolate: ([.slot], .isolatedSlot, .reclaimQueue)
      case .mark: ([.isolatedSlot], .evictingSlot, .reclaimQueue)
      case .free: (used, .free, .oneList)
      case .leak: (used, .leaked, .oneList)
      }
    return from.contains(role) ? .becomes(to) : .breaks(law)
  }
}
