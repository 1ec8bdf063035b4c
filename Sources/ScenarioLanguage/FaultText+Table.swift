import LinuxKernel
import SGXArchitecture
import SGXDriver
import Simulation

extension FaultText {
  /// A fault as `machine:inject` and `--inject` spell it.
  package struct Fault: Sendable {
    package let word: String
    /// What `--inject` says ahead of the site; nil where only a script can say it.
    package let example: String?
    package let sentence: String
    fileprivate let injection: Injection
  }

  /// Every fault, in the order of messages.
  package static let faults: [Fault] = [
    Fault(word: "power", example: "power:S4", sentence: "The EPC loses everything; `kind` is S3, S4 or migration.", injection: .powerCycle(.s3)),
    Fault(word: "nomem", example: "nomem", sentence: "An allocation finds no memory; for the pool: no page.", injection: .noMemory),
    Fault(word: "efault", example: "efault", sentence: "A copy, or a pin, meets an address that is not there.", injection: .badAddress),
    Fault(word: "UD", example: "UD", sentence: "A leaf does nothing and raises #UD.", injection: .leafFault(.invalidOpcode)),
    Fault(word: "GP", example: "GP", sentence: "A leaf does nothing and raises #GP.", injection: .leafFault(.generalProtection)),
    Fault(word: "PF", example: "PF", sentence: "A leaf does nothing and raises #PF.", injection: .leafFault(.pageFault)),
    Fault(
      word: "code", example: "code:SGX_CHILD_PRESENT", sentence: "A leaf does nothing and leaves this code.",
      injection: .leafError(.SGX_CHILD_PRESENT)),
    Fault(
      word: "signal", example: "SIGALRM", sentence: "From here on this signal is pending for the process; scripts say `signal = \"SIGALRM\"`.",
      injection: .signal(SignalNumber(name: "SIGALRM")!)),
    Fault(
      word: "unmap", example: nil, sentence: "Another thread unmaps `length` bytes from `address` on.",
      injection: .unmap(UserAddress(0x1_0000), ByteCount(4096))),
    Fault(word: "other_task", example: "other_task", sentence: "The scheduler goes on with another task that can run.", injection: .runAnotherTask),
  ]

  /// Whether the fault can strike at a site.
  package static func canStrike(_ fault: Fault, at site: Site) -> Bool {
    (try? plan(fault.injection, site: site.name, counted: "nth", n: 1, times: 1)) != nil
  }
}
