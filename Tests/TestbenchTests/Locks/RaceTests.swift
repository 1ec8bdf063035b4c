import LinuxKernel
import SGXArchitecture
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// Orders that Linux's locks forbid, tried in every way there is; the answers are those that the locks imply.
@Suite("Races that locks forbid") struct RaceTests {
  /// 511 pages beside the SECS, all but two evicted: the next page needs a version array of its own, and two pages can be reclaimed.
  private static func atThe512th(_ version: DriverVersion) -> (Bench, FileDescriptor) {
    var bench = Bench(pages: 600, driver: version, checks: .never)
    let descriptor = bench.enclave()
    let added = bench.add(descriptor, count: 511)
    #expect(added == .done(511))
    while bench.machine.driver.pool.queuedCount > 16 { _ = bench.machine.reclaim(.batches(1)) }
    while bench.machine.driver.pool.queuedCount > 2, let page = bench.machine.driver.pool.oldestQueued { bench.machine.driver.pool.dequeue(page) }
    return (bench, descriptor)
  }

  /// The page that EADD refuses: a TCS whose reserved bytes are not zero.
  private static func refusedCall(_ bench: inout Bench, _ descriptor: FileDescriptor) -> Testbench.Operation {
    let isWritten = bench.machine.write([UInt8](repeating: 0xff, count: Int(pageSize)), at: bench.source, in: bench.process)
    #expect(isWritten)
    return bench.addCall(descriptor, page: 511) { $0.secInfo = SecInfo(type: .tcs) }
  }

  @Test(arguments: [DriverVersion.named("5.11")!, .v6_1_192, .reviewed])
  func whoAddsThe512thPageInVainAndWhoEvictsMeanwhile(_ version: DriverVersion) {
    var (bench, descriptor) = Self.atThe512th(version)
    let call = Self.refusedCall(&bench, descriptor)
    let add = bench.machine.begin(call)
    let reclaim = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    let slots = bench.machine.driver[EnclaveID(0)].slots.count
    var interleavings = Interleavings()
    var waits = 0
    interleavings.explore(bench.machine) { machine in
      waits += machine.blockedTasks.count
    } atEnd: { machine in
      #expect(machine.finding == nil)
      #expect(machine.tasks[add.place].outcome == .failure(.EIO))
      #expect(machine.tasks[reclaim.place].outcome == .success)
      #expect(machine.tasks[reclaim.place].call.report.freed == 2)
      let enclave = machine.driver[EnclaveID(0)]
      #expect(enclave.slots.count == slots)
      #expect(enclave.pageCount == 512)
      #expect(enclave.versionArrays.count == 1)
      #expect(enclave.versionArrays.arrays[0].usedCount == UInt16(enclave.slots.evictedCount))
      #expect(machine.driver.kernel.tasks.allHeld.isEmpty)
      #expect(machine.driver.kernel.tasks.faults.isEmpty)
    }
    #expect(interleavings.moments > 100)
    #expect(interleavings.ends >= 1)
    #expect(waits > 0, "each waits for the other's lock in some order")
  }

  /// Not merged, and with every law after every step.
  @Test(arguments: 0..<24 as Range<UInt64>) func theSameByChance(_ seed: UInt64) {
    var bench = Bench(pages: 600, checks: .everyStep, seed: seed)
    let descriptor = bench.enclave()
    let added = bench.add(descriptor, count: 511)
    #expect(added == .done(511))
    let call = Self.refusedCall(&bench, descriptor)
    let add = bench.machine.begin(call)
    _ = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    bench.runAll(seed: seed)
    #expect(bench.machine.finding == nil)
    #expect(bench.machine.tasks[add.place].outcome == .failure(.EIO))
    bench.machine.checkLaws()
    #expect(bench.brokenLaws.isEmpty)
  }

  /// From EADD to the last EEXTEND of a page no leaf of the reclaimer comes between, in no order.
  @Test(arguments: 0..<40 as Range<UInt64>) func nothingStrikesBetweenEADDAndEEXTEND(_ seed: UInt64) {
    var bench = Bench(pages: 64, checks: .never, wholeTrace: true, seed: seed)
    let descriptor = bench.enclave()
    _ = bench.add(descriptor, count: 6)
    let events = bench.machine.environment.trace.events.count
    let add = bench.machine.begin(bench.addCall(descriptor, page: 6, count: 4))
    for _ in 0..<2 { _ = bench.machine.begin(.reclaim(ReclaimCall(.batches(1)))) }
    bench.runAll(seed: seed)
    #expect(bench.machine.tasks[add.place].outcome == .success)
    var left = 0
    var evictionsBeside = 0
    for event in bench.machine.environment.trace.events[events...] {
      switch event {
      case .leaf(.EADD, _, .done): left = 16
      case .extended(_, let chunks): left -= Int(chunks)
      case .leaf(.EBLOCK, _, _), .leaf(.EWB, _, _):
        #expect(left == 0, "seed \(seed)")
        evictionsBeside += 1
      default: break
      }
    }
    #expect(left == 0)
    #expect(evictionsBeside >= 12, "the reclaimer was at work beside it")
  }

  /// The same in every order: wherever a page is between its EADD and its last EEXTEND, whoever can go on blocks and writes no page of that
  /// enclave in its next step, and who wants to comes to wait.
  @Test(arguments: [DriverVersion.named("5.11")!, .v6_1_192, .reviewed])
  func inNoOrderDoesAnythingStrikeBetweenEADDAndEEXTEND(_ version: DriverVersion) {
    var bench = Bench(pages: 64, driver: version, checks: .never)
    let descriptor = bench.enclave()
    let added = bench.add(descriptor, count: 2)
    #expect(added == .done(2))
    let add = bench.machine.begin(bench.addCall(descriptor, page: 2, count: 2))
    let reclaim = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    var (halfAdded, waits) = (0, 0)
    var freed: Set<UInt64> = []
    var interleavings = Interleavings()
    interleavings.explore(bench.machine) { machine in
      guard let page = machine.pageInAdding, machine.tasks[add.place].outcome == nil else { return }
      halfAdded += 1
      #expect(!machine.processor.epcm[page.rawValue].isBlocked && !machine.driver.pool[page].isQueued)
      waits += machine.blockedTasks.count
      guard machine.runnableTasks.contains(reclaim) else { return }
      var next = machine
      next.step(reclaim)
      #expect(next.driver.evictions == machine.driver.evictions && next.blockedPages == machine.blockedPages)
    } atEnd: { machine in
      #expect(machine.finding == nil)
      #expect(machine.tasks.map(\.outcome) == [.success, .success])
      #expect(machine.driver[EnclaveID(0)].slots.count == 4)
      #expect(machine.driver.kernel.tasks.allHeld.isEmpty && machine.driver.kernel.tasks.faults.isEmpty)
      freed.insert(machine.tasks[reclaim.place].call.report.freed ?? 0)
    }
    #expect(halfAdded > 200 && waits > 0)
    #expect(freed == [2, 3, 4], "the batch came before, between and after the two new pages")
  }

  /// A fault that meets a page in the middle of being added waits for it, and then finds it whole or not at all.
  @Test func aFaultMeetsNoHalfAddedPage() {
    for isRefused in [false, true] {
      var bench = Bench(pages: 64, checks: .never)
      let descriptor = bench.enclave()
      _ = bench.add(descriptor, page: 1)
      _ = bench.mmap(descriptor)
      if isRefused { bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD)) }
      let add = bench.machine.begin(bench.addCall(descriptor) { $0.flags = 0 })
      let access = bench.machine.begin(bench.accessCall(page: 0))
      var outcomes: Set<AccessOutcome> = []
      var interleavings = Interleavings()
      interleavings.explore(bench.machine) { machine in
        let process = machine.driver.processes[0]
        let isResident = if case .resident? = machine.driver[EnclaveID(0)].slots[0]?.backing { true } else { false }
        #expect(!process.hasEntry(at: UserAddress(Bench.base)) || isResident)
      } atEnd: { machine in
        #expect(machine.tasks[add.place].outcome == (isRefused ? .failure(.EIO) : .success))
        outcomes.insert(machine.tasks[access.place].call.access!)
      }
      #expect(outcomes == (isRefused ? [.busError] : [.busError, .mapped]))
    }
  }

  /// An entry that went before EBLOCK does not come back before EWB, and no fault maps a page that is blocked.
  @Test func noEntryLeadsToABlockedPage() {
    var bench = Bench(pages: 64, checks: .never)
    let descriptor = bench.enclave()
    _ = bench.add(descriptor, count: 2)
    _ = bench.mmap(descriptor)
    let reclaim = bench.machine.begin(.reclaim(ReclaimCall(.batches(1))))
    let access = bench.machine.begin(bench.accessCall(page: 1))
    var interleavings = Interleavings()
    interleavings.explore(bench.machine) { machine in
      let process = machine.driver.processes[0]
      for page in 0..<2 as Range<UInt64> where process.hasEntry(at: UserAddress(Bench.base + page * pageSize)) {
        guard case .resident(let frame)? = machine.driver[EnclaveID(0)].slots[page]?.backing else {
          Issue.record("an entry leads nowhere")
          continue
        }
        #expect(!machine.processor.epcm[frame.rawValue].isBlocked)
      }
    } atEnd: { machine in
      #expect(machine.tasks[reclaim.place].outcome == .success)
      #expect(machine.finding == nil)
    }
    #expect(interleavings.moments > 20)
  }

  /// The second ioctl is told so and does not wait, wherever the first stands.
  @Test func twoIoctlsOfOneEnclaveDoNotMeet() {
    var bench = Bench(pages: 64, checks: .never)
    let descriptor = bench.loaded()
    let add = bench.machine.begin(bench.addCall(descriptor, page: 2))
    let initialise = bench.machine.begin(bench.initCall(descriptor))
    var seen: Set<String> = []
    var interleavings = Interleavings()
    interleavings.explore(bench.machine, look: { #expect($0.blockedTasks.isEmpty) }) { machine in
      seen.insert([add, initialise].map { machine.tasks[$0.place].outcome!.text }.joined(separator: " "))
    }
    #expect(seen == ["success EBUSY", "success success", "EBUSY success", "EINVAL success"])
  }

  /// Who unmaps waits for a fault and for the page step of ADD_PAGES, and they for it; nobody waits for ever.
  @Test(arguments: 0..<60 as Range<UInt64>) func mappingsChangeUnderNobodysFeet(_ seed: UInt64) {
    var bench = Bench(pages: 96, checks: .everyStep, seed: seed)
    let descriptor = bench.loaded()
    _ = bench.add(descriptor, page: 1, count: 10)
    _ = bench.mmap(descriptor)
    _ = bench.initialize(descriptor)
    let other = bench.enclave()
    let at = { (page: UInt64) in UserAddress(Bench.base + page * pageSize) }
    let length = ByteCount(4 * pageSize)
    let request = MmapRequest(address: at(4), length: length, protection: [.read])
    for operation: Testbench.Operation in [
      .munmap(MunmapCall(process: bench.process, address: at(4), length: length)),
      .mmap(MmapCall(process: bench.process, descriptor: descriptor, request: request)),
      .mprotect(MprotectCall(process: bench.process, address: at(0), length: ByteCount(12 * pageSize), protection: [.read])),
      bench.accessCall(page: 5), bench.accessCall(page: 5), bench.accessCall(page: 20), bench.accessCall(page: 20), bench.addCall(other, count: 3),
      .reclaim(ReclaimCall(.batches(2))), .reclaim(ReclaimCall(.batches(1))),
    ] { _ = bench.machine.begin(operation) }
    bench.runAll(seed: seed)
    #expect(bench.machine.finding == nil)
    bench.machine.checkLaws()
    #expect(bench.brokenLaws.isEmpty, "\(bench.machine.breaches)")
  }
}

extension Bench {
  /// Steps whoever chance says until nobody can go on.
  mutating func runAll(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .schedule)
    while machine.finding == nil {
      let runnable = machine.runnableTasks
      guard !runnable.isEmpty else { break }
      machine.step(runnable[Int(random.next(below: UInt64(runnable.count)))])
    }
  }
}

extension Machine {
  /// The page that is between its EADD and the last of its EEXTENDs; nil where none is.
  fileprivate var pageInAdding: PhysPageNumber? { frames.first { driver.pool[$0].role == .addingSlot } }

  /// Pages that EBLOCK has struck and that are still in EPC.
  fileprivate var blockedPages: [PhysPageNumber] { frames.filter { processor.epcm[$0.rawValue].isBlocked } }

  private var frames: [PhysPageNumber] { (0..<64).map { PhysPageNumber($0) } }
}
