/// How far an enclave has come. Flags only rise: there is no way back, and no DEAD state in mainline.
public enum EnclaveState: Hashable, CaseIterable, Sendable {
  /// Opened; CREATE may be tried again after any failure.
  case empty
  case created
  case initialized
}

extension EnclaveState {
  /// CREATE asked: allowed once.
  var allowsCreate: Bool {
    switch self {
    case .empty: true
    case .created, .initialized: false
    }
  }

  /// ADD_PAGES asked: between CREATE and INIT.
  var allowsAddPages: Bool {
    switch self {
    case .created: true
    case .empty, .initialized: false
    }
  }

  /// INIT asked: allowed once, after CREATE.
  var allowsInit: Bool {
    switch self {
    case .created: true
    case .empty, .initialized: false
    }
  }

  /// CREATE succeeded.
  mutating func create() {
    switch self {
    case .empty: self = .created
    case .created, .initialized: preconditionFailure("flags-rise: an enclave is created once")
    }
  }

  /// INIT succeeded.
  mutating func initialize() {
    switch self {
    case .created: self = .initialized
    case .empty, .initialized: preconditionFailure("flags-rise: an enclave is initialised once, after CREATE")
    }
  }
}
