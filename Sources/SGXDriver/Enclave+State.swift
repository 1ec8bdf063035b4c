/// How far an enclave has come. Flags only rise: there is no way back.
public enum EnclaveState: Hashable, CaseIterable, Sendable {
  /// Opened; CREATE may be tried again after any failure.
  case empty
  case created
  case initialized
  /// Destroyed by a failure: every ioctl says EFAULT. Only v39 has it; mainline enclaves fail operation by operation.
  case dead
}

extension EnclaveState {
  /// CREATE asked: allowed once.
  var allowsCreate: Bool {
    switch self {
    case .empty: true
    case .created, .initialized, .dead: false
    }
  }

  /// ADD_PAGES asked: between CREATE and INIT.
  var allowsAddPages: Bool {
    switch self {
    case .created: true
    case .empty, .initialized, .dead: false
    }
  }

  /// INIT asked: allowed once, after CREATE.
  var allowsInit: Bool {
    switch self {
    case .created: true
    case .empty, .initialized, .dead: false
    }
  }

  /// CREATE succeeded.
  mutating func create() {
    switch self {
    case .empty: self = .created
    case .created, .initialized, .dead: preconditionFailure("flags-rise: an enclave is created once")
    }
  }

  /// INIT succeeded.
  mutating func initialize() {
    switch self {
    case .created: self = .initialized
    case .empty, .initialized, .dead: preconditionFailure("flags-rise: an enclave is initialised once, after CREATE")
    }
  }

  /// A failure destroyed the enclave (v39, sgx_encl_destroy).
  mutating func destroy() {
    switch self {
    case .created: self = .dead
    case .empty, .initialized, .dead: preconditionFailure("flags-rise: what is destroyed was created and not initialised")
    }
  }
}
