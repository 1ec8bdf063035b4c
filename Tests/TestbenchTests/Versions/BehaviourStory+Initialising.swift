import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

extension BehaviourStory {
  /// Stories of INIT and PROVISION.
  static var initialising: [String: BehaviourStory] {
    [
      "initChecksReservedMasks": BehaviourStory("0", "EINVAL") { version in
        var bench = Bench(driver: version)
        let enclave = bench.loaded()
        return word(bench.initialize(enclave) { ($0.sigStruct.attributes, $0.sigStruct.attributeMask) = (.cet, .cet) })
      },
      "initFaultDestroys": BehaviourStory("EIO created", "EFAULT dead") { version in
        var bench = Bench(driver: version)
        let enclave = bench.loaded()
        bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EINIT))
        let outcome = bench.initialize(enclave)
        return word(outcome) + (bench.state(enclave).map { " \($0)" } ?? "")
      },
      "initCachesLaunchKeyHash": BehaviourStory("EPERM", "0") { version in
        var bench = Bench(driver: version)
        let enclave = bench.loaded()
        bench.machine.strike(.leafError(.SGX_INVALID_EINITTOKEN), at: .leaf(.EINIT))
        return word(bench.initialize(enclave))
      },
      "keyHashCanFail": BehaviourStory("0", "ENOMEM") { version in
        var bench = Bench(driver: version)
        let enclave = bench.loaded()
        bench.machine.strike(.noMemory, at: .allocation(.crypto))
        return word(bench.initialize(enclave))
      },
      "knowsAsyncExitNotify": BehaviourStory("EACCES", "0") { version in
        var bench = Bench(driver: version)
        let enclave = bench.loaded(attributes: [.mode64Bit, .aexNotify])
        return word(bench.initialize(enclave))
      },
    ]
  }
}
