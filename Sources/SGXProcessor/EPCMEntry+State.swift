import SGXArchitecture
import Simulation

/// The state machine of an EPCM entry, as a reader of the manual draws it.
public enum EPCMEntryState: Hashable, Sendable {
  case invalid
  case secs
  case versionArray
  /// A page of an enclave.
  case child(PageType, PagePermissions, LinearAddress)
}

extension EPCMEntry {
  /// The entry unpacked. Everything but VALID is meaningless in an invalid entry, so that case carries nothing.
  public var state: EPCMEntryState {
    guard isValid else { return .invalid }
    switch type {
    case .secs: return .secs
    case .va: return .versionArray
    case .tcs, .reg, .trim, .ssFirst, .ssRest: return .child(type, permissions, address)
    }
  }
}

extension EPCMEntryState {
  /// The states without what they carry.
  public enum Kind: String, CaseIterable, Sendable { case invalid, secs, versionArray = "version array", child }

  public var kind: Kind {
    switch self {
    case .invalid: .invalid
    case .secs: .secs
    case .versionArray: .versionArray
    case .child: .child
    }
  }

  public enum Event: String, CaseIterable, Sendable {
    case makeSECS = "ECREATE, or a SECS is loaded"
    case makeVersionArray = "EPA, or a version array is loaded"
    case makeChild = "EADD, EAUG, or a child is loaded"
    case clear = "EREMOVE or EWB done"
    case powerCycle = "power cycle"
  }

  /// Every event in every state. A leaf checks first and refuses what does not fit, so that the traps are never met.
  public static let transitions: [StateTransition<Kind, Event>] = [
    StateTransition(.invalid, .makeSECS, .becomes(.secs)),
    StateTransition(.invalid, .makeVersionArray, .becomes(.versionArray)),
    StateTransition(.invalid, .makeChild, .becomes(.child)),
    StateTransition(.invalid, .clear, .trap("epcm-valid-once")),
    StateTransition(.invalid, .powerCycle, .becomes(.invalid)),
    StateTransition(.secs, .makeSECS, .trap("epcm-valid-once")),
    StateTransition(.secs, .makeVersionArray, .trap("epcm-valid-once")),
    StateTransition(.secs, .makeChild, .trap("epcm-valid-once")),
    StateTransition(.secs, .clear, .becomes(.invalid)),
    StateTransition(.secs, .powerCycle, .becomes(.invalid)),
    StateTransition(.versionArray, .makeSECS, .trap("epcm-valid-once")),
    StateTransition(.versionArray, .makeVersionArray, .trap("epcm-valid-once")),
    StateTransition(.versionArray, .makeChild, .trap("epcm-valid-once")),
    StateTransition(.versionArray, .clear, .becomes(.invalid)),
    StateTransition(.versionArray, .powerCycle, .becomes(.invalid)),
    StateTransition(.child, .makeSECS, .trap("epcm-valid-once")),
    StateTransition(.child, .makeVersionArray, .trap("epcm-valid-once")),
    StateTransition(.child, .makeChild, .trap("epcm-valid-once")),
    StateTransition(.child, .clear, .becomes(.invalid)),
    StateTransition(.child, .powerCycle, .becomes(.invalid)),
  ]
}

extension EPCMEntry {
  /// A leaf makes the entry valid, after it has checked that it was not.
  @inline(__always) mutating func validate(as entry: EPCMEntry) {
    switch isValid {
    case false: self = entry
    case true: preconditionFailure("epcm-valid-once: a valid entry is never overwritten")
    }
  }

  /// A leaf clears the entry; returns what it was.
  @inline(__always) mutating func clear() -> EPCMEntry {
    switch isValid {
    case true:
      defer { self = .invalid }
      return self
    case false: preconditionFailure("epcm-valid-once: only a valid entry is cleared")
    }
  }
}
