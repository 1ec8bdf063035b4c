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
      preconditionFailure("one-list: only a free page is handed out")
    }
  }

  /// Whoever took the page says what it is for.
  mutating func bind(to role: PhysPage.Role) {
    switch self {
    case .inFlight: self = role
    case .free, .secs, .versionArray, .slot, .leaked, .addingSlot, .isolatedSlot, .evictingSlot:
      preconditionFailure("page-bound-once: a page is bound when it has just been handed out")
    }
  }

  /// The page may be evicted from now on, or again.
  mutating func settle() {
    switch self {
    case .slot, .addingSlot, .isolatedSlot: self = .slot
    case .free, .inFlight, .secs, .versionArray, .leaked, .evictingSlot:
      preconditionFailure("reclaim-queue: only the page of a slot is reclaimable, and not while it is written out")
    }
  }

  /// The reclaimer has taken the page off its queue.
  mutating func isolate() {
    switch self {
    case .slot: self = .isolatedSlot
    case .free, .inFlight, .secs, .versionArray, .leaked, .addingSlot, .isolatedSlot, .evictingSlot:
      preconditionFailure("reclaim-queue: only a reclaimable page is isolated")
    }
  }

  /// The reclaimer has marked the page: nobody gets at it any more.
  mutating func mark() {
    switch self {
    case .isolatedSlot: self = .evictingSlot
    case .free, .inFlight, .secs, .versionArray, .slot, .leaked, .addingSlot, .evictingSlot:
      preconditionFailure("reclaim-queue: only an isolated page is marked")
    }
  }

  /// The page goes back to the pool.
  mutating func release() {
    switch self {
    case .inFlight, .secs, .versionArray, .slot, .addingSlot, .isolatedSlot, .evictingSlot: self = .free
    case .free, .leaked: preconditionFailure("one-list: a page is freed once, and a leaked one never")
    }
  }

  /// The page is kept out of use for ever.
  mutating func leak() {
    switch self {
    case .inFlight, .secs, .versionArray, .slot, .addingSlot, .isolatedSlot, .evictingSlot: self = .leaked
    case .free, .leaked: preconditionFailure("one-list: a page is leaked once, and a free one never")
    }
  }

  /// Every event in every state, said from where each event can come; everywhere else it is a trap.
  package static let transitions: [StateTransition<PhysPage.Role, Event>] = allCases.flatMap { role in
    Event.allCases.map { StateTransition(role, $0, outcome(of: $0, in: role)) }
  }

  private static func outcome(of event: Event, in role: PhysPage.Role) -> TransitionOutcome<PhysPage.Role> {
    let used: [PhysPage.Role] = [.inFlight, .secs, .versionArray, .slot, .addingSlot, .isolatedSlot, .evictingSlot]
    let (from, to, law): ([PhysPage.Role], PhysPage.Role, String) =
      switch event {
      case .allocate: ([.free], .inFlight, "one-list")
      case .bindSECS: ([.inFlight], .secs, "page-bound-once")
      case .bindVersionArray: ([.inFlight], .versionArray, "page-bound-once")
      case .bindAdding: ([.inFlight], .addingSlot, "page-bound-once")
      case .bindSlot: ([.inFlight], .slot, "page-bound-once")
      case .settle: ([.slot, .addingSlot, .isolatedSlot], .slot, "reclaim-queue")
      case .isolate: ([.slot], .isolatedSlot, "reclaim-queue")
      case .mark: ([.isolatedSlot], .evictingSlot, "reclaim-queue")
      case .free: (used, .free, "one-list")
      case .leak: (used, .leaked, "one-list")
      }
    return from.contains(role) ? .becomes(to) : .trap(law)
  }
}
