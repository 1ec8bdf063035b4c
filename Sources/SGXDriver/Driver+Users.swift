import SGXArchitecture
import SGXProcessor
import Simulation

extension DriverVersion {
  /// EPC sections that are used (SGX_MAX_EPC_SECTIONS).
  var sectionsMax: Int { allows256Sections ? 256 : 8 }
}

extension Driver {
  /// Counts one more user of SGX; the first has EUPDATESVN run, where the processor has it (main.c, sgx_inc_usage_count and
  /// sgx_update_svn, 6.19). A mutex is held all along, so it is one step.
  mutating func enterUse(_ processor: inout Processor, _ environment: inout Environment) throws(CallStop) {
    guard version.updatesSVNAtOpen else { return }
    kernel.tasks.noteBegun(.svn)
    if userCount == 0, processor.profile.hasEUPDATESVN { try updateSVN(&processor, &environment) }
    userCount += 1
  }

  /// One user less: its enclave is released, or its open failed after all.
  mutating func leaveUse() {
    guard version.updatesSVNAtOpen else { return }
    guard userCount > 0 else { return BenchLaw.broken(.useCounted) }
    userCount -= 1
  }

  /// RDRAND_RETRY_LOOPS: how often too little entropy is put up with.
  private static let entropyTriesMax = 10

  private mutating func updateSVN(_ processor: inout Processor, _ environment: inout Environment) throws(CallStop) {
    for _ in 0..<Self.entropyTriesMax {
      let outcome = processor.execute(EUPDATESVN(), in: &environment)
      switch outcome {
      case .done, .code(.SGX_NO_UPDATE, _): return
      case .code(.SGX_INSUFFICIENT_ENTROPY, _): continue
      case .code, .fault:
        // A #PF is no exception here: the leaf has no page that could have vanished.
        log.warnOnce(.EUPDATESVN, value: outcome.encoded.encoded, in: &environment)
        throw .errno(.EIO)
      }
    }
    throw .errno(.EAGAIN)
  }
}
