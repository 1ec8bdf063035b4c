import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Behaviours two at a time: whatever a driver with both would do, the model does it without breaking a law of its own.
@Suite("Pairs of behaviours") struct BehaviourPairTests {
  private static let bases: [DriverVersion] = [.v39, .v6_1_192, .reviewed]

  /// Each behaviour with every later one, switched away from what the base does.
  @Test(arguments: DriverBehaviour.all.indices) func aDriverWithBothBreaksNoLawOfTheBench(_ first: Int) {
    let rows = DriverBehaviour.all
    for second in (first + 1)..<rows.count {
      for (number, base) in Self.bases.enumerated() {
        var version = base
        version[keyPath: rows[first].path].toggle()
        version[keyPath: rows[second].path].toggle()
        var history = SmallHistory(version, seed: UInt64(first * 100_000 + second * 100 + number))
        history.run(calls: 14)
        let breaches = history.bench.machine.breaches.filter { $0.invariant.kind == .bench }
        #expect(breaches.isEmpty, "\(version.spelling): \(breaches)")
      }
    }
  }

  /// A test of histories that get nowhere proves nothing.
  @Test func theHistoriesGetSomewhere() {
    var seen: [String: Int] = [:]
    for seed in 0..<120 as Range<UInt64> {
      var history = SmallHistory(Self.bases[Int(seed % 3)], seed: seed)
      history.run(calls: 24)
      for event in history.bench.machine.environment.trace.events {
        switch event {
        case .slotFilled: seen["filled", default: 0] += 1
        case .slotEvicted: seen["evicted", default: 0] += 1
        case .slotLoaded: seen["loaded", default: 0] += 1
        case .injected: seen["injected", default: 0] += 1
        case .leaf(.EAUG, _, .done): seen["augmented", default: 0] += 1
        case .leaf(.EINIT, _, .done): seen["initialised", default: 0] += 1
        default: break
        }
      }
      if history.bench.machine.driver.enclaves.contains(where: { $0?.state == .dead }) { seen["dead", default: 0] += 1 }
    }
    for kind in ["filled", "evicted", "loaded", "injected", "augmented", "initialised", "dead"] {
      #expect(seen[kind, default: 0] >= 5, "\(kind): \(seen)")
    }
  }

  /// What cannot go together is refused by name, in every spelling that switches behaviours.
  @Test func whatNoDriverCanHaveIsRefusedByName() throws {
    for spelling in ["6.1.192-hasVersionArrays", "v39+reclaims", "reviewed+reclaims-hasVersionArrays"] {
      let error = #expect(throws: DriverVersion.UnknownName.self) { try DriverVersion.resolve(spelling) }
      #expect(error?.text.contains("'reclaims' cannot be on where 'hasVersionArrays' is off") == true)
    }
    #expect(try DriverVersion.resolve("6.1.192-hasVersionArrays-reclaims").conflict == nil)
    #expect(try DriverVersion.resolve("v39+hasVersionArrays+reclaims").conflict == nil)
  }

  /// For those who set the properties themselves: a machine of such a version reclaims nothing.
  @Test func aConflictInSwiftIsADriverWithoutReclaimer() {
    var version = DriverVersion.v6_1_192
    version.hasVersionArrays = false
    #expect(version.conflict != nil)
    var bench = Bench(pages: 16, driver: version)
    let enclave = bench.enclave()
    let added = bench.add(enclave, count: 20)
    #expect(added == .failed(.ENOMEM, pages: 15))
    #expect(bench.brokenLaws.isEmpty)
  }

  /// v39 16/24: EIO destroys an enclave of which the reclaimer holds pages; those are its own to free.
  @Test func anEnclaveIsTakenApartUnderTheReclaimer() {
    for steps in 1...12 {
      var version = DriverVersion.v6_1_192
      version.addFailureDestroys = true
      var bench = Bench(pages: 32, driver: version)
      let enclave = bench.enclave()
      _ = bench.add(enclave, count: 3)
      let batch = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
      for _ in 0..<steps where !bench.machine.isFinished(batch) { bench.machine.step(batch) }
      bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EADD))
      let add = bench.machine.begin(bench.addCall(enclave, page: 8))
      while !bench.machine.isFinished(add) { bench.machine.step(add) }
      while !bench.machine.isFinished(batch) { bench.machine.step(batch) }
      bench.machine.forgetFinishedTasks()
      #expect(bench.state(enclave) == .dead)
      #expect(bench.freePages == 32, "after \(steps) steps of the batch")
      let closed = bench.close(enclave)
      #expect(closed == .success)
      #expect(bench.freePages == 32)
      #expect(bench.brokenLaws.isEmpty)
    }
  }
}

/// A short random life of three enclaves on two nodes: calls of several threads, accesses, eviction, faults anywhere.
private struct SmallHistory {
  var bench: Bench
  private var random: RandomStream
  private let device: FileDescriptor

  init(_ version: DriverVersion, seed: UInt64) {
    bench = Bench(
      driver: version, wholeTrace: true, seed: seed,
      sections: [EPCSection(pageCount: 20, node: 0), EPCSection(pageCount: 16, node: 1)], nodes: 3, node: Int(seed % 3))
    random = RandomStream(seed: seed, purpose: .script)
    device = bench.provisionDevice()
    for _ in 0..<3 {
      let descriptor = bench.open()
      _ = bench.create(descriptor, size: 0x2_0000)
    }
    bench.machine.processor.suppliedVerdict = .success
    // Half of the lives begin with an enclave that is in use.
    if seed % 2 == 0, bench.machine.finding == nil {
      let first = FileDescriptor(4)
      _ = bench.add(first, count: 3)
      _ = bench.initialize(first)
      _ = bench.mmap(first, count: 32)
    }
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: seed % 2 == 0), of: SignalNumber(14)!) }
  }

  mutating func run(calls: Int) {
    for _ in 0..<calls where bench.machine.finding == nil {
      if random.next(below: 3) == 0 { plan() }
      if random.next(below: 40) == 0 { bench.machine.powerCycle(.s3) }
      _ = bench.machine.begin(call())
      for _ in 0..<random.next(below: 120) {
        let runnable = bench.machine.runnableTasks
        guard !runnable.isEmpty, bench.machine.finding == nil else { break }
        bench.machine.step(runnable[Int(random.next(below: UInt64(runnable.count)))])
      }
      bench.machine.forgetFinishedTasks()
    }
    bench.machine.cancelInjections()
    _ = bench.machine.runTasks()
    bench.machine.checkLaws()
  }

  private mutating func call() -> Testbench.Operation {
    let descriptor = FileDescriptor(4 + Int32(random.next(below: 3)))
    switch random.next(below: 14) {
    case 0: return .open(OpenCall(process: bench.process))
    case 1: return bench.createCall(descriptor, size: 0x2_0000)
    case 2: return random.next(below: 3) == 0 ? bench.closeCall(descriptor) : bench.ioctlCall(descriptor)
    case 3: return bench.initCall(descriptor)
    case 4: return bench.provisionCall(descriptor, fd: device)
    case 5, 6:
      let request = MmapRequest(address: UserAddress(Bench.base), length: ByteCount(32 * pageSize), protection: [.read, .write])
      return .mmap(MmapCall(process: bench.process, descriptor: descriptor, request: request))
    case 7, 8: return bench.accessCall(page: random.next(below: 34), .write)
    case 9: return .reclaim(ReclaimCall(.batches(1)))
    default: return bench.addCall(descriptor, page: random.next(below: 30), count: random.next(below: 12))
    }
  }

  private mutating func plan() {
    let faults: [Injection] = [
      .leafFault(.generalProtection), .leafFault(.pageFault), .leafError(.SGX_ENCLAVE_ACT), .noMemory, .badAddress,
      .leafError(.SGX_UNMASKED_EVENT), .signal(SignalNumber(14)!),
    ]
    let fault = faults[Int(random.next(below: UInt64(faults.count)))]
    let sites = Site.all.filter { fault.sites.contains($0) }
    let site = sites[Int(random.next(below: UInt64(sites.count)))]
    bench.machine.strike(fault, at: site, nth: 1 + random.next(below: 6))
  }
}
