import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Many small histories: calls of several threads, interleaved by chance, with faults anywhere. No bench law may break, and on
/// the reviewed driver none at all.
@Suite("Random histories") struct RandomRunTests {
  /// A history and the chance it is drawn from; neither the machine's faults nor its schedule move with it.
  private struct History {
    var bench: Bench
    var random: RandomStream
    let device: FileDescriptor

    init(_ version: DriverVersion, seed: UInt64) {
      bench = Bench(pages: 48, driver: version, checks: .everyStep, wholeTrace: true, seed: seed)
      random = RandomStream(seed: seed, purpose: .script)
      for _ in 0..<3 { _ = bench.enclave() }
      device = bench.provisionDevice()
      bench.machine.processor.suppliedVerdict = .success
      let alarm = SignalNumber(14)!
      bench.machine.withProcess(bench.process) {
        $0.signals.setDisposition(.handler(restarts: seed % 2 == 0), of: alarm)
      }
    }

    mutating func run(calls: Int) {
      for _ in 0..<calls where bench.machine.finding == nil && bench.machine.driver.processes[0].isAlive {
        if random.next(below: 5) == 0 { plan() }
        if random.next(below: 60) == 0 { bench.machine.powerCycle(.s4) }
        bench.changeSource(page: 1) { space, page in
          // What an injection has unmapped is mapped again, or every later call would end there.
          _ = space.map(at: page, length: ByteCount(pageSize), protection: [.read, .write])
        }
        _ = bench.machine.begin(call())
        for _ in 0..<random.next(below: 160) {
          let runnable = bench.machine.runnableTasks
          guard !runnable.isEmpty, bench.machine.finding == nil else { break }
          bench.machine.step(runnable[Int(random.next(below: UInt64(runnable.count)))])
        }
        bench.machine.forgetFinishedTasks()
      }
      bench.machine.cancelInjections()
      _ = bench.machine.runTasks()
    }

    private mutating func call() -> Testbench.Operation {
      let descriptor = FileDescriptor(3 + Int32(random.next(below: 3)))
      switch random.next(below: 11) {
      case 0: return .open(OpenCall(process: bench.process))
      case 1, 2: return bench.createCall(descriptor, size: random.next(below: 6) == 0 ? 0x3000 : 0x1_0000)
      case 3: return random.next(below: 2) == 0 ? bench.closeCall(descriptor) : bench.ioctlCall(descriptor)
      case 4:
        return random.next(below: 2) == 0 ? bench.initCall(descriptor) : bench.provisionCall(descriptor, fd: device)
      default:
        let page = random.next(below: 20)
        let count = random.next(below: 4)
        let isTCS = random.next(below: 5) == 0
        return bench.addCall(descriptor, page: page, count: count) {
          if isTCS { $0.secInfo = SecInfo(type: .tcs) }
          $0.flags = page % 3 == 0 ? 0 : 1
          if page == 7 { $0.argument = .readOnly }
        }
      }
    }

    private mutating func plan() {
      let faults: [Injection] = [
        .powerCycle(.s3), .leafFault(.generalProtection), .leafFault(.pageFault), .leafError(.SGX_ENCLAVE_ACT), .noMemory,
        .leafError(.SGX_UNMASKED_EVENT),
        .badAddress, .signal(SignalNumber(14)!), .unmap(bench.source, ByteCount(pageSize)), .runAnotherTask,
      ]
      // A process that is killed ends its history, so that comes seldom.
      let isFatal = random.next(below: 80) == 0
      let fault = isFatal ? .signal(.kill) : faults[Int(random.next(below: UInt64(faults.count)))]
      let sites = Site.all.filter { fault.sites.contains($0) }
      let site = sites[Int(random.next(below: UInt64(sites.count)))]
      // An empty pool where pages could be evicted ends the run, and early ends say little.
      if fault == .noMemory, site == .allocation(.physPage) { return }
      bench.machine.strike(fault, at: site, nth: 1 + random.next(below: 12))
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>) func theReviewedDriverBreaksNoLaw(_ seed: UInt64) {
    var history = History(.reviewed, seed: seed)
    history.run(calls: 150)
    let breaches = history.bench.machine.breaches
    #expect(breaches.isEmpty, "seed \(seed): \(breaches)")
  }

  @Test(arguments: 0..<60 as Range<UInt64>) func linuxBreaksOnlyItsOwn(_ seed: UInt64) {
    var history = History(.v6_1_192, seed: seed)
    history.run(calls: 150)
    let allowed: Set<Invariant> = [.childCount, .releaseComplete, .quiet, .freeIsInvalid]
    let breaches = history.bench.machine.breaches.filter { !allowed.contains($0.invariant) }
    #expect(breaches.isEmpty, "seed \(seed): \(breaches)")
  }

  /// A random test that never gets anywhere proves nothing.
  @Test func theHistoriesGetSomewhere() {
    var events: [String: Int] = [:]
    for seed in 0..<60 as Range<UInt64> {
      var history = History(.v6_1_192, seed: seed)
      history.run(calls: 150)
      for event in history.bench.machine.environment.trace.events { events[Self.kind(event), default: 0] += 1 }
      if history.bench.machine.finding != nil { events["ended early", default: 0] += 1 }
      for breach in history.bench.machine.breaches { events[breach.invariant.rawValue, default: 0] += 1 }
    }
    for kind in [
      "slot filled", "injected", "power cycled", "restarted", "leaked", "warned", "refused by a leaf", "released", "child-count",
      "initialised",
    ] {
      #expect(events[kind, default: 0] >= 5, "\(kind): \(events)")
    }
    #expect(events["ended early", default: 0] < 30)
  }

  private static func kind(_ event: Event) -> String {
    switch event {
    case .slotFilled: "slot filled"
    case .slotReleased: "released"
    case .injected: "injected"
    case .powerCycled: "power cycled"
    case .restarted: "restarted"
    case .pageLeaked: "leaked"
    case .warned: "warned"
    case .leaf(.EINIT, _, .done): "initialised"
    case .leaf(_, _, let result): result == .done ? "leaf" : "refused by a leaf"
    default: "other"
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>) func theSameHistoryIsTheSameTrace(_ seed: UInt64) {
    var first = History(.v6_1_192, seed: seed)
    var second = History(.v6_1_192, seed: seed)
    first.run(calls: 40)
    second.run(calls: 40)
    #expect(first.bench.machine.environment.trace.events == second.bench.machine.environment.trace.events)
    #expect(first.bench.machine.logicalState == second.bench.machine.logicalState)
  }
}
