import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// Each behaviour can be seen: switched, it changes what the shortest story about it ends with. A behaviour that has no story and is not listed fails.
@Suite("Behaviours of driver versions") struct BehaviourTests {
  /// Behaviours without a story here. Those of eviction and mappings are seen by `Scripts/reclaim`, `Scripts/review` and the recorded
  /// answers; those of SGX2, poison, fork and ptrace are read by nothing yet. One that gets a story fails, so that it is taken off.
  private static let withoutStory: Set = [
    "signalDuringReclaimKeepsProgress", "blockAcceptsLostPage", "marksLostSlots", "removesFrameAfterFailedEWB",
    "keepsSECSAfterFailedWriteback", "directReclaimGivesUp", "loadDropsBacking", "hasPoisonList", "poisonStopsReclaim",
    "modifyContinuesAtETRACK", "removeMarksPageFirst", "mapChecksRangeAfterInit", "faultBeforeInitIsSIGBUS",
    "faultReturnsWhereEntryExists", "augmentsOnFault", "augmentLoadsSECS", "augmentRetriesVersionArray", "secondFirstTouchRetries",
    "mappingHoldsReference", "failedNotifierLeaksReference", "forkFailureIsReported", "ptraceGivesUp",
  ]

  @Test(arguments: DriverBehaviour.all.map(\.name)) func switchedItIsSeen(_ name: String) throws {
    let behaviour = try #require(DriverBehaviour.named(name))
    guard let story = Self.stories[name] else {
      #expect(Self.withoutStory.contains(name), "\(name) has no story")
      return
    }
    #expect(!Self.withoutStory.contains(name), "\(name) has a story now")
    var (off, on) = (DriverVersion.v6_1_192, DriverVersion.v6_1_192)
    off[keyPath: behaviour.path] = false
    on[keyPath: behaviour.path] = true
    #expect(story.without == story.tell(off), "\(name), off")
    #expect(story.with == story.tell(on), "\(name), on")
    #expect(story.without != story.with)
  }

  private struct Story {
    let without: String
    let with: String
    let tell: (DriverVersion) -> String
    init(_ without: String, _ with: String, _ tell: @escaping (DriverVersion) -> String) {
      (self.without, self.with, self.tell) = (without, with, tell)
    }
  }

  /// Outcome in a word.
  private static func word(_ outcome: CallOutcome?) -> String {
    switch outcome {
    case .success?: "0"
    case .failure(let errno)?: errno.name
    case .leafResult(let result)?: "0x" + String(result.encoded, radix: 16)
    case .uninitialised?: "uninitialised"
    case .killed?, .restart?, nil: "?"
    case .stopped(let finding)?: "\(finding)"
    }
  }

  private static func word(_ answer: Answer) -> String {
    word(answer.outcome) + (answer.pages.map { " \($0) pages" } ?? "")
  }

  private nonisolated(unsafe) static let stories: [String: Story] = [
    "hasDeviceDirectory": Story("0", "ENOENT") { version in
      var bench = Bench(driver: version)
      return word(bench.machine.call(.open(OpenCall(process: bench.process, path: .flat))).outcome)
    },
    "updatesSVNAtOpen": Story("0", "1") { version in
      var bench = Bench(driver: version)
      _ = bench.open()
      return "\(bench.machine.environment.visits(of: .leaf(.EUPDATESVN)))"
    },
    "createValidatesInSoftware": Story("EIO", "EINVAL") { version in
      var bench = Bench(driver: version)
      let enclave = bench.open()
      return word(bench.create(enclave) { $0.secs.ssaFrameSize = 0 })
    },
    "createChecksSizeIsPowerOfTwo": Story("EIO", "EINVAL") { version in
      var bench = Bench(driver: version)
      let enclave = bench.open()
      return word(bench.create(enclave) { $0.secs.size = 0x3000 })
    },
    "createReturnsLeafResult": Story("EIO", "0x4000000d") { version in
      var bench = Bench(driver: version)
      let enclave = bench.open()
      return word(bench.create(enclave) { $0.secs.xfrm = XFRM(rawValue: 1) })
    },
    "createOverwritesAttributesMask": Story("kept", "lost") { version in
      var bench = Bench(driver: version)
      let enclave = bench.open()
      let device = bench.provisionDevice()
      _ = bench.provision(enclave, fd: device)
      _ = bench.create(enclave)
      return bench.enclaveObject(enclave)?.attributesMask.contains(.provisionKey) == true ? "kept" : "lost"
    },
    "addChecksSourceAddress": Story("EINVAL", "EFAULT") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      return word(bench.add(enclave) { ($0.source, $0.length) = (UserAddress(1 << 63), ByteCount(0x800)) })
    },
    "addZeroLengthIsUninitialised": Story("EINVAL", "uninitialised 0 pages") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      return word(bench.add(enclave, page: 1, count: 0))
    },
    "rangeCheckWraps": Story("EINVAL", "EIO 2 pages") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave(size: 0x4000)
      return word(bench.add(enclave, page: 2) { $0.length = ByteCount(0 &- 0x1000) })
    },
    "refusesUnknownAddFlags": Story("0 1 pages", "EINVAL") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      return word(bench.add(enclave) { $0.flags = 2 })
    },
    "capsAddPages": Story("0 300 pages", "0 256 pages") { version in
      var bench = Bench(pages: 512, driver: version)
      let enclave = bench.enclave()
      return word(bench.add(enclave, count: 300))
    },
    "addFailureDestroys": Story("created", "dead") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD), nth: 2)
      _ = bench.add(enclave, count: 3)
      return bench.state(enclave).map { "\($0)" } ?? "gone"
    },
    "leafFailureDependsOnProcessor": Story("1 warnings", "0 warnings") { version in
      var bench = Bench(driver: version, processor: .client)
      let enclave = bench.enclave()
      bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND))
      _ = bench.add(enclave)
      return "\(bench.warnings.count) warnings"
    },
    "lowersChildCountAfterFailedExtend": Story("1", "0") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EEXTEND))
      _ = bench.add(enclave)
      return "\(bench.enclaveObject(enclave)?.secsChildCount ?? 9)"
    },
    "remembersLostEnclaves": Story("ENOTTY", "EIO") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      bench.machine.powerCycle(.s3)
      _ = bench.add(enclave)
      return word(bench.machine.call(bench.ioctlCall(enclave)).outcome)
    },
    "allows256Sections": Story("16 pages", "18 pages") { version in
      let bench = Bench(driver: version, sections: (0..<9).map { _ in EPCSection(pageCount: 2, node: 0) })
      return "\(bench.freePages) pages"
    },
    "allocatesByNode": Story("page 1", "page 5") { version in
      let sections = [EPCSection(pageCount: 4, node: 0), EPCSection(pageCount: 8, node: 1)]
      var bench = Bench(driver: version, sections: sections, nodes: 2, node: 1)
      let enclave = bench.enclave()
      return "page \(bench.enclaveObject(enclave)?.secsPage?.rawValue ?? 99)"
    },
    "loopsWhereNodeHasNoEPC": Story("ENOMEM", "endlessLoop(SGXDriver.Finding.Loop.pageSearch)") { version in
      var bench = Bench(driver: version, sections: [EPCSection(pageCount: 1, node: 1)], nodes: 2, node: 0)
      let enclave = bench.open()
      return word(bench.create(enclave))
    },
    "leakWarningNamesOnlyTheLeaf": Story(
      "EREMOVE returned 14 (0xe) and an EPC page was leaked. SGX may become unusable.", "EREMOVE returned 14 (0xe)"
    ) { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      bench.machine.strike(.leafError(.SGX_ENCLAVE_ACT), at: .leaf(.EREMOVE))
      _ = bench.close(enclave)
      return bench.machine.driver.log.warnings.first?.text ?? ""
    },
    "initChecksReservedMasks": Story("0", "EINVAL") { version in
      var bench = Bench(driver: version)
      let enclave = bench.loaded()
      return word(bench.initialize(enclave) { ($0.sigStruct.attributes, $0.sigStruct.attributeMask) = (.cet, .cet) })
    },
    "initFaultDestroys": Story("EIO created", "EFAULT dead") { version in
      var bench = Bench(driver: version)
      let enclave = bench.loaded()
      bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EINIT))
      let outcome = bench.initialize(enclave)
      return word(outcome) + (bench.state(enclave).map { " \($0)" } ?? "")
    },
    "initCachesLaunchKeyHash": Story("EPERM", "0") { version in
      var bench = Bench(driver: version)
      let enclave = bench.loaded()
      bench.machine.strike(.leafError(.SGX_INVALID_EINITTOKEN), at: .leaf(.EINIT))
      return word(bench.initialize(enclave))
    },
    "keyHashCanFail": Story("0", "ENOMEM") { version in
      var bench = Bench(driver: version)
      let enclave = bench.loaded()
      bench.machine.strike(.noMemory, at: .allocation(.crypto))
      return word(bench.initialize(enclave))
    },
    "knowsAsyncExitNotify": Story("EACCES", "0") { version in
      var bench = Bench(driver: version)
      let enclave = bench.loaded(attributes: [.mode64Bit, .aexNotify])
      return word(bench.initialize(enclave))
    },
    "hasVersionArrays": Story("1 page, page_cnt 0", "2 pages, page_cnt 1") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      let used = 256 - bench.freePages
      return "\(used) page\(used == 1 ? "" : "s"), page_cnt \(bench.enclaveObject(enclave)?.pageCount ?? 9)"
    },
    "reclaims": Story("0 queued", "1 queued") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      _ = bench.add(enclave)
      return "\(bench.machine.driver.pool.queuedCount) queued"
    },
    "hasSGX2Ioctls": Story("ENOTTY", "EINVAL") { version in
      var bench = Bench(driver: version)
      let enclave = bench.enclave()
      let command = EnclaveIoctl.SGX_IOC_ENCLAVE_MODIFY_TYPES.rawValue
      return word(bench.machine.call(bench.ioctlCall(enclave, command: command)).outcome)
    },
  ]
}
