import SGXArchitecture

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
