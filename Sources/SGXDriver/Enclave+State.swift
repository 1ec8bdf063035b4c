import Simulation

/// How far an enclave has come. Flags only rise: there is no way back.
public enum EnclaveState: String, Hashable, CaseIterable, Sendable {
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
    case .created, .initialized, .dead: BenchLaw.broken(.flagsRise)
    }
  }

  /// INIT succeeded.
  mutating func initialize() {
    switch self {
    case .created: self = .initialized
    case .empty, .initialized, .dead: BenchLaw.broken(.flagsRise)
    }
  }

  /// A failure destroyed the enclave (v39, sgx_encl_destroy).
  mutating func destroy() {
    switch self {
    case .created: self = .dead
    case .empty, .initialized, .dead: BenchLaw.broken(.flagsRise)
    }
  }
}

extension EnclaveState {
  public enum Event: String, CaseIterable, Sendable {
    case createAsked = "CREATE asked"
    case createDone = "CREATE done"
    case addPagesAsked = "ADD_PAGES asked"
    case initAsked = "INIT asked"
    case initDone = "INIT done"
    case destroyed = "EIO destroys (v39)"
  }

  /// Every event in every state. Beside this stands the IOCTL bit, which refuses any second ioctl with EBUSY.
  public static let transitions: [StateTransition<EnclaveState, Event>] = [
    StateTransition(.empty, .createAsked, .becomes(.empty)),
    StateTransition(.empty, .createDone, .becomes(.created)),
    StateTransition(.empty, .addPagesAsked, .refused("EINVAL")),
    StateTransition(.empty, .initAsked, .refused("EINVAL")),
    StateTransition(.empty, .initDone, .breaks(.flagsRise)),
    StateTransition(.empty, .destroyed, .breaks(.flagsRise)),
    StateTransition(.created, .createAsked, .refused("EINVAL")),
    StateTransition(.created, .createDone, .breaks(.flagsRise)),
    StateTransition(.created, .addPagesAsked, .becomes(.created)),
    StateTransition(.created, .initAsked, .becomes(.created)),
    StateTransition(.created, .initDone, .becomes(.initialized)),
    StateTransition(.created, .destroyed, .becomes(.dead)),
    StateTransition(.initialized, .createAsked, .refused("EINVAL")),
    StateTransition(.initialized, .createDone, .breaks(.flagsRise)),
    StateTransition(.initialized, .addPagesAsked, .refused("EINVAL")),
    StateTransition(.initialized, .initAsked, .refused("EINVAL")),
    StateTransition(.initialized, .initDone, .breaks(.flagsRise)),
    StateTransition(.initialized, .destroyed, .breaks(.flagsRise)),
    StateTransition(.dead, .createAsked, .refused("EFAULT")),
    StateTransition(.dead, .createDone, .breaks(.flagsRise)),
    StateTransition(.dead, .addPagesAsked, .refused("EFAULT")),
    StateTransition(.dead, .initAsked, .refused("EFAULT")),
    StateTransition(.dead, .initDone, .breaks(.flagsRise)),
    StateTransition(.dead, .destroyed, .breaks(.flagsRise)),
  ]
}
