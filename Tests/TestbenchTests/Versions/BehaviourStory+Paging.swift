import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

extension BehaviourStory {
  /// Stories of mappings, page faults, eviction and the SGX2 ioctls.
  static var paging: [String: BehaviourStory] {
    [
      "hasVersionArrays": BehaviourStory("1 page, page_cnt 0", "2 pages, page_cnt 1") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        let used = 256 - bench.freePages
        return "\(used) page\(used == 1 ? "" : "s"), page_cnt \(bench.enclaveObject(enclave)?.pageCount ?? 9)"
      },
      "reclaims": BehaviourStory("0 queued", "1 queued") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        _ = bench.add(enclave)
        return "\(bench.machine.driver.pool.queuedCount) queued"
      },
      "hasSGX2Ioctls": BehaviourStory("ENOTTY", "EINVAL") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        let command = EnclaveIoctl.SGX_IOC_ENCLAVE_MODIFY_TYPES.rawValue
        return word(bench.machine.call(bench.ioctlCall(enclave, command: command)).outcome)
      },
      "signalDuringReclaimKeepsProgress": BehaviourStory("EINTR 6 pages", "0 6 pages") { version in
        // Six pages fit beside the SECS and its version array; the seventh is asked for twice, at the loop's head and in the allocator.
        var bench = Bench(pages: 8, driver: version)
        let enclave = bench.enclave()
        bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: false), of: SignalNumber(14)!) }
        bench.machine.strike(.signal(SignalNumber(14)!), at: .signalPoll, nth: 8)
        return word(bench.add(enclave, count: 20))
      },
      "blockAcceptsLostPage": BehaviourStory("[EBLOCK]", "[]") { version in
        var bench = mapped(version)
        bench.machine.powerCycle(.s3)
        _ = bench.machine.reclaim(.batches(1))
        return "[\(bench.warnings.map(\.name).joined(separator: ", "))]"
      },
      "marksLostSlots": BehaviourStory("nullPointer(SGXDriver.Finding.NullPointer.loadWithoutVersionArray)", "SIGBUS") { version in
        var bench = mapped(version)
        bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EWB))
        _ = bench.machine.reclaim(.batches(1))
        return bench.touch(0)
      },
      "removesFrameAfterFailedEWB": BehaviourStory("free and valid", "free") { version in
        var bench = mapped(version)
        bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EWB))
        _ = bench.machine.reclaim(.batches(1))
        return bench.brokenLaws.contains(.freeIsInvalid) ? "free and valid" : "free"
      },
      "keepsSECSAfterFailedWriteback": BehaviourStory("gone", "resident") { version in
        var bench = Bench(driver: version)
        let enclave = bench.loaded()
        _ = bench.initialize(enclave)
        bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EWB))
        _ = bench.machine.reclaim(.batches(1))
        return bench.enclaveObject(enclave)?.secsPage == nil ? "gone" : "resident"
      },
      "directReclaimGivesUp": BehaviourStory("endlessLoop(SGXDriver.Finding.Loop.directReclaim)", "ENOMEM 6 pages") { version in
        var bench = Bench(pages: 8, driver: version)
        let enclave = bench.enclave()
        bench.machine.strike(.noMemory, at: .allocation(.backing), times: nil)
        return word(bench.add(enclave, count: 20))
      },
      "loadDropsBacking": BehaviourStory("SIGBUS, then NOPAGE", "SIGBUS, then SIGBUS") { version in
        var bench = mapped(version)
        _ = bench.machine.reclaim(.batches(1))
        bench.machine.strike(.leafError(.SGX_MAC_COMPARE_FAIL), at: .leaf(.ELDU))
        let refused = bench.touch(0)
        return "\(refused), then \(bench.touch(0))"
      },
      "mapChecksRangeAfterInit": BehaviourStory("0", "EACCES") { version in
        var bench = Bench(driver: version)
        let enclave = bench.loaded()
        _ = bench.initialize(enclave)
        return word(bench.mmap(enclave, page: 1024, count: 1))
      },
      "faultBeforeInitIsSIGBUS": BehaviourStory("NOPAGE", "SIGBUS") { version in
        var bench = mapped(version)
        return bench.touch(0)
      },
      "augmentsOnFault": BehaviourStory("SIGBUS", "NOPAGE") { version in
        var bench = mapped(version, isInitialized: true)
        return bench.touch(9)
      },
      "augmentLoadsSECS": BehaviourStory("nullPointer(SGXDriver.Finding.NullPointer.augmentWithoutSECS)", "NOPAGE") { version in
        var bench = mapped(version, isInitialized: true)
        _ = bench.machine.reclaim(.batches(1))
        return bench.touch(9)
      },
      "augmentRetriesVersionArray": BehaviourStory("SIGBUS", "NOPAGE-RETRY") { version in
        // SECS, version array, 511 pages; one page is free, and the 512th needs two.
        var bench = Bench(pages: 514, driver: version)
        let enclave = bench.loaded()
        _ = bench.add(enclave, page: 1, count: 510)
        _ = bench.initialize(enclave)
        _ = bench.mmap(enclave)
        return bench.touch(600)
      },
      "secondFirstTouchRetries": BehaviourStory("SIGBUS", "NOPAGE-RETRY") { version in
        var bench = mapped(version, isInitialized: true)
        let tasks = (0..<2).map { _ in bench.machine.begin(bench.accessCall(page: 9)) }
        for task in tasks { bench.machine.step(task) }
        for task in tasks { while !bench.machine.isFinished(task) { bench.machine.step(task) } }
        return bench.machine.take(tasks[1]).call.access?.rawValue ?? "?"
      },
      "mappingHoldsReference": BehaviourStory("1 reference", "2 references") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        _ = bench.mmap(enclave)
        let count = bench.enclaveObject(enclave)?.references ?? 9
        return "\(count) reference\(count == 1 ? "" : "s")"
      },
      "failedNotifierLeaksReference": BehaviourStory("released", "leaked") { version in
        var bench = Bench(driver: version)
        let enclave = bench.enclave()
        bench.machine.strike(.noMemory, at: .allocation(.notifier))
        _ = bench.mmap(enclave)
        _ = bench.close(enclave)
        return bench.machine.driver.enclaves.contains { $0 != nil } ? "leaked" : "released"
      },
    ]
  }

  /// An enclave with a page, mapped.
  private static func mapped(_ version: DriverVersion, isInitialized: Bool = false) -> Bench {
    var bench = Bench(driver: version)
    let enclave = bench.loaded()
    if isInitialized { _ = bench.initialize(enclave) }
    _ = bench.mmap(enclave)
    return bench
  }
}

extension Bench {
  /// How an access to a page ends, in a word.
  fileprivate mutating func touch(_ page: UInt64) -> String {
    let task = machine.call(accessCall(page: page))
    return task.call.access?.rawValue ?? BehaviourStory.word(task.outcome)
  }
}
