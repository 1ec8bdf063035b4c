import LinuxKernel
import SGXArchitecture
import SGXDriver
import Simulation

extension InjectionPoint {
  static let initialize: [InjectionPoint] = [
    InjectionPoint(
      "I1", "the argument or the SIGSTRUCT cannot be read", "EFAULT",
      evidence: "an INIT that says EFAULT after user_copy:argument or user_copy:sigstruct failed"
    ) { $0.initialize != nil && $0.answered(.EFAULT) && ($0.couldNotCopy(.argument) || $0.couldNotCopy(.sigstruct)) },
    InjectionPoint(
      "I2", "no memory for the copy of the SIGSTRUCT", "ENOMEM",
      evidence: "an INIT that says ENOMEM after allocation:sigstruct_buffer was struck"
    ) { $0.initialize != nil && $0.answered(.ENOMEM) && $0.lacked(.sigstructBuffer) },
    InjectionPoint(
      "I3", "the vendor is neither 0 nor Intel", "EINVAL", evidence: "an INIT of a created enclave that says EINVAL to such a vendor"
    ) { evidence in
      guard let vendor = evidence.initialize?.request.sigStruct.vendor else { return false }
      return evidence.isRefusedByDriver(.EINVAL) && vendor != 0 && vendor != SigStruct.intelVendor
    },
    InjectionPoint(
      "I4", "the enclave has an attribute that needs the provisioning right", "EACCES", evidence: "an INIT that says EACCES"
    ) { $0.initialize != nil && $0.answered(.EACCES) },
    InjectionPoint(
      "I5", "SIGSTRUCT demands reserved bits under its own masks (5.11 and later)", "EINVAL",
      evidence: "an INIT of a created enclave that says EINVAL although the vendor is good"
    ) { evidence in
      guard let vendor = evidence.initialize?.request.sigStruct.vendor else { return false }
      return evidence.isRefusedByDriver(.EINVAL) && (vendor == 0 || vendor == SigStruct.intelVendor)
    },
    InjectionPoint(
      "I6", "the hash of the signer's key cannot be made (before 6.16)", "ENOMEM",
      evidence: "an INIT that says ENOMEM after allocation:crypto was struck"
    ) { $0.initialize != nil && $0.answered(.ENOMEM) && $0.lacked(.crypto) },
    InjectionPoint(
      "I7", "an event stops EINIT n times, n below 1000", "0 after n / 20 sleeps of 20 ms",
      evidence: "an INIT that says 0 after n answers of SGX_UNMASKED_EVENT, n from 20 to 999, and n / 20 sleeps"
    ) { evidence in
      let n = evidence.unmaskedEvents
      return evidence.initialize != nil && evidence.succeeded && (20..<1000).contains(n) && evidence.sleeps == n / 20
    },
    InjectionPoint(
      "I8", "an event stops EINIT for ever", "EPERM after 50 sleeps", 
      evidence: "an INIT that says EPERM after 1000 answers of SGX_UNMASKED_EVENT and 50 sleeps"
    ) { $0.initialize != nil && $0.answered(.EPERM) && $0.unmaskedEvents == 1000 && $0.sleeps == 50 },
    InjectionPoint(
      "I9", "a signal during a sleep", "a restart or EINTR", evidence: "an INIT that asks for a restart after a sleep"
    ) { $0.initialize != nil && $0.asksForRestart && $0.sleeps > 0 },
    InjectionPoint(
      "I10", "EINIT answers with another code", "EPERM", evidence: "an INIT that says EPERM after a code of EINIT that is no SGX_UNMASKED_EVENT"
    ) { evidence in
      evidence.initialize != nil && evidence.answered(.EPERM)
        && evidence.times(.EINIT) { $0 != .done && !$0.isFault && $0 != .unmaskedEvent } > 0
    },
    InjectionPoint(
      "I11", "EINIT faults with #PF: the EPC was lost", "EIO, silent", evidence: "an INIT that fails after a #PF of EINIT and did not warn"
    ) { $0.initialize != nil && !$0.succeeded && $0.faulted(.EINIT, .pageFault) && !$0.hasWarned(.EINIT) },
    InjectionPoint(
      "I12", "EINIT faults otherwise", "EIO and a warning", evidence: "an INIT that fails after a fault of EINIT other than #PF, warned of"
    ) { evidence in
      evidence.initialize != nil && !evidence.succeeded && evidence.times(.EINIT) { $0.isFault && $0 != .pageFault } > 0
        && evidence.hasWarned(.EINIT)
    },
  ]
}

extension LeafResult {
  static let unmaskedEvent = LeafResult(encoded: LeafError.SGX_UNMASKED_EVENT.rawValue)
}

extension CallEvidence {
  fileprivate var unmaskedEvents: Int { times(.EINIT) { $0 == .unmaskedEvent } }
  fileprivate var sleeps: Int { events.count { if case .slept = $0 { true } else { false } } }

  /// The driver itself said no to an enclave in the right state: EINIT was not executed.
  fileprivate func isRefusedByDriver(_ errno: Errno) -> Bool {
    call.stateBefore == .created && answered(errno) && !ran(.EINIT)
  }
}
