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

  /// Every event in every state. A leaf checks first and refuses what does not fit, so that no law is broken.
  public static let transitions: [StateTransition<Kind, Event>] = [
    StateTransition(.invalid, .makeSECS, .becomes(.secs)),
    StateTransition(.invalid, .makeVersionArray, .becomes(.versionArray)),
    StateTransition(.invalid, .makeChild, .becomes(.child)),
    StateTransition(.invalid, .clear, .breaks(.epcmValidOnce)),
    StateTransition(.invalid, .powerCycle, .becomes(.invalid)),
    StateTransition(.secs, .makeSECS, .breaks(.epcmValidOnce)),
    StateTransition(.secs, .makeVersionArray, .breaks(.epcmValidOnce)),
    StateTransition(.secs, .makeChild, .breaks(.epcmValidOnce)),
    StateTransition(.secs, .clear, .becomes(.invalid)),
    StateTransition(.secs, .powerCycle, .becomes(.invalid)),
    StateTransition(.versionArray, .makeSECS, .breaks(.epcmValidOnce)),
    StateTransition(.versionArray, .makeVersionArray, .breaks(.epcmValidOnce)),
    StateTransition(.versionArray, .makeChild, .breaks(.epcmValidOnce)),
    StateTransition(.versionArray, .clear, .becomes(.invalid)),
    StateTransition(.versionArray, .powerCycle, .becomes(.invalid)),
    StateTransition(.child, .makeSECS, .breaks(.epcmValidOnce)),
    StateTransition(.child, .makeVersionArray, .breaks(.epcmValidOnce)),
    StateTransition(.child, .makeChild, .breaks(.epcmValidOnce)),
    StateTransition(.child, .clear, .becomes(.invalid)),
    StateTransition(.child, .powerCycle, .becomes(.invalid)),
  ]
}

extension EPCMEntry {
  /// A leaf makes the entry valid, after it has checked that it was not.
  ///
  /// - Returns: whether it is valid now and was not before.
  @inline(__always) mutating func validate(as entry: EPCMEntry) -> Bool {
    switch isValid {
    case false:
      self = entry
      return true
    case true:
      BenchLaw.broken(.epcmValidOnce)
      return false
    }
  }

  /// A leaf clears the entry; returns what it was.
  @inline(__always) mutating func clear() -> EPCMEntry {
    switch isValid {
    case true:
      defer { self = .invalid }
      return self
    case false:
      BenchLaw.broken(.epcmValidOnce)
      return self
    }
  }
}
