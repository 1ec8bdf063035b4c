import SGXArchitecture

/// EINIT's answer, given from outside.
///
/// The recorded answers of the real driver were made over a processor that did not measure and was told what EINIT is to say. A replay
/// of them tells ours the same. Tests of operands, of the SECS and of INIT are made as ever and come first, except that a code
/// about the SIGSTRUCT alone (1 and 8) is given before the SECS is looked at, as in the leaf's order of tests.
public enum SuppliedVerdict: Hashable, Sendable {
  /// Everything that is not looked at is good.
  case success
  case code(LeafError)

  /// A code that the leaf gives before it looks at the SECS.
  var codeBeforeSECS: LeafError? {
    switch self {
    case .code(.SGX_INVALID_SIG_STRUCT): .SGX_INVALID_SIG_STRUCT
    case .code(.SGX_INVALID_SIGNATURE): .SGX_INVALID_SIGNATURE
    case .code, .success: nil
    }
  }
}
