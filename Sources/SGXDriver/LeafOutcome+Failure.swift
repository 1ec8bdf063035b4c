import SGXProcessor

/// Linux's reading of an outcome (encls.h, encls_failed): a #PF says that the EPC vanished and is no failure of the kernel.
extension LeafOutcome {
  var hasFailed: Bool {
    switch self {
    case .done, .fault(.pageFault, _): false
    case .code, .fault: true
    }
  }

  /// The reading of one version. In v39 the silent fault is #GP on a processor without SGX2, where an erratum raises it for #PF.
  func hasFailed(in version: DriverVersion, on profile: ProcessorProfile) -> Bool {
    guard version.leafFailureDependsOnProcessor, !profile.hasSGX2 else { return hasFailed }
    switch self {
    case .done, .fault(.generalProtection, _): return false
    case .code, .fault: return true
    }
  }
}
