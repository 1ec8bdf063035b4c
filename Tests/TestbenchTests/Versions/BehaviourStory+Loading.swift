import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

extension BehaviourStory {
  /// Stories of open, CREATE, ADD_PAGES and the allocator of EPC.
  static var loading: [String: BehaviourStory] {
    [
      "hasDeviceDirectory": BehaviourStory("0", "ENOENT") { version in
        var bench = Bench(driver: version)
        return word(bench.machine.call(.open(OpenCall(process: bench.process, path: .flat))).outcome)
      },
      "updatesSVNAtOpen": BehaviourStory("0", "1") { version in
        var bench = Bench(driver: version)
        _ = bench.open()
        return "\(bench.machine.environment.visits(of: .leaf(.EUPDATESVN)))"
      },
      "createValidatesInSoftware": BehaviourStory("EIO", "EINVAL") { version in
        var bench = Bench(driver: version)
        let enclave = bench.open()
        return word(bench.create(enclave) { $0.secs.ssaFrameSize = 0 })
      },
      "createChecksSizeIsPowerOfTwo": BehaviourStory("EIO", "EINVAL") { version in
        var bench = Bench(driver: version)
        let enclave = bench.open()
        return word(bench.create(enclave) { $0.secs.size = 0x3000 })
      },
      "createReturnsLeafResult": BehaviourStory("EIO", "0x4000000d") { version in
        var bench = Bench(driver: version)
        let enclave = bench.open()
        return word(bench.create(enclave) { $0.secs.xfrm = XFRM(rawValue: 1) })
      },
      "createOverwritesAttributesMask": BehaviourStory("kept", "lost") { version in
        var bench = Bench(driver: version)
        let enclave = bench.open()
        let device = bench.provisionDevice()
        _ = bench.provision(enclave, fd: device)
        _ = bench.create(enclave)
        return bench.enclaveObject(enclave)?.attributesMask.contains(.provisionKey) == true ? "kept" : "lost"
      },
      "addChecksSourceAddress": BehaviourStory("EINVAL", "EFAULT") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        return word(bench.add(enclave) { ($0.source, $0.length) = (UserAddress(1 << 63), ByteCount(0x800)) })
      },
      "addZeroLengthIsUninitialised": BehaviourStory("EINVAL", "uninitialised 0 pages") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        return word(bench.add(enclave, page: 1, count: 0))
      },
      "rangeCheckWraps": BehaviourStory("EINVAL", "EIO 2 pages") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave(size: 0x4000)
        return word(bench.add(enclave, page: 2) { $0.length = ByteCount(0 &- 0x1000) })
      },
      "refusesUnknownAddFlags": BehaviourStory("0 1 pages", "EINVAL") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        return word(bench.add(enclave) { $0.flags = 2 })
      },
      "capsAddPages": BehaviourStory("0 300 pages", "0 256 pages") { version in
        var bench = Bench(pages: 512, driver: version)
        let enclave = bench.enclave()
        return word(bench.add(enclave, count: 300))
      },
      "addFailureDestroys": BehaviourStory("created", "dead") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD), nth: 2)
        _ = bench.add(enclave, count: 3)
        return bench.state(enclave).map { "\($0)" } ?? "gone"
      },
      "leafFailureDependsOnProcessor": BehaviourStory("1 warnings", "0 warnings") { version in
        var bench = Bench(driver: version, processor: .client)
        let enclave = bench.enclave()
        bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND))
        _ = bench.add(enclave)
        return "\(bench.warnings.count) warnings"
      },
      "lowersChildCountAfterFailedExtend": BehaviourStory("1", "0") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EEXTEND))
        _ = bench.add(enclave)
        return "\(bench.enclaveObject(enclave)?.secsChildCount ?? 9)"
      },
      "remembersLostEnclaves": BehaviourStory("ENOTTY", "EIO") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        bench.machine.powerCycle(.s3)
        _ = bench.add(enclave)
        return word(bench.machine.call(bench.ioctlCall(enclave)).outcome)
      },
      "allows256Sections": BehaviourStory("16 pages", "18 pages") { version in
        let bench = Bench(driver: version, sections: (0..<9).map { _ in EPCSection(pageCount: 2, node: 0) })
        return "\(bench.freePages) pages"
      },
      "allocatesByNode": BehaviourStory("page 1", "page 5") { version in
        let sections = [EPCSection(pageCount: 4, node: 0), EPCSection(pageCount: 8, node: 1)]
        var bench = Bench(driver: version, sections: sections, nodes: 2, node: 1)
        let enclave = bench.enclave()
        return "page \(bench.enclaveObject(enclave)?.secsPage?.rawValue ?? 99)"
      },
      "loopsWhereNodeHasNoEPC": BehaviourStory("ENOMEM", "endlessLoop(SGXDriver.Finding.Loop.pageSearch)") { version in
        var bench = Bench(driver: version, sections: [EPCSection(pageCount: 1, node: 1)], nodes: 2, node: 0)
        let enclave = bench.open()
        return word(bench.create(enclave))
      },
      "leakWarningNamesOnlyTheLeaf": BehaviourStory(
        "EREMOVE returned 14 (0xe) and an EPC page was leaked. SGX may become unusable.", "EREMOVE returned 14 (0xe)"
      ) { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        bench.machine.strike(.leafError(.SGX_ENCLAVE_ACT), at: .leaf(.EREMOVE))
        _ = bench.close(enclave)
        return bench.machine.driver.log.warnings.first?.text ?? ""
      },
    ]
  }
}
