import LinuxKernel
import SGXArchitecture
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// What is held at each boundary is what the table of steps says, and every row of it is reached.
@Suite("Table of steps") struct StepTableTests {
  @Test func theTableSaysWhatIsHeld() {
    var watch = BoundaryWatch()
    for situation in Situation.allCases {
      var bench = situation.bench
      for operation in situation.begin(&bench) { _ = bench.machine.begin(operation) }
      var random = RandomStream(seed: 7, purpose: .script)
      watch.look(&bench, situation)
      while let next = bench.machine.runnableTasks.randomElement(by: &random), bench.machine.finding == nil {
        bench.machine.step(next)
        watch.look(&bench, situation)
      }
      #expect(bench.machine.finding == nil, "\(situation)")
      #expect(bench.machine.blockedTasks.isEmpty, "\(situation)")
    }
    #expect(watch.wrong.isEmpty, "\(watch.wrong.sorted())")
    let rows = StepTable.sections.flatMap { section in section.points.map { "\(section.title): \($0.name)" } }
    // No driver both destroys and lets others hold the lock of an enclave that is not initialised; two behaviours together do.
    let missing = rows.filter { !watch.reached.contains($0) && !$0.hasSuffix(": destroy") }
    #expect(missing.isEmpty, "no situation comes there: \(missing)")
  }

  @Test func noTwoRowsOfASectionHaveOneName() {
    for section in StepTable.sections { #expect(Set(section.points.map(\.name)).count == section.points.count, "\(section.title)") }
  }

  /// What the tasks of a machine hold, against what their calls say.
  private struct BoundaryWatch {
    var reached: Set<String> = []
    var wrong: Set<String> = []

    mutating func look(_ bench: inout Bench, _ situation: Situation) {
      for (place, task) in bench.machine.tasks.enumerated() where task.outcome == nil {
        let point = task.call.point
        for section in StepTable.sections where section.points.contains(point) { reached.insert("\(section.title): \(point.name)") }
        var locks = bench.machine.driver.kernel.tasks.heldLocks(of: bench.machine.id(at: place))
        // What it waited for and has been handed is its own already, and the step that takes it still to come.
        if let wait = task.wait, let last = locks.last, last == wait.lock { locks.removeLast() }
        let held = locks.map(\.class)
        if held != point.held.map(\.lockClass) { wrong.insert("\(situation), \(point.name): holds \(held), the table says \(point.held)") }
        if let wait = task.wait, bench.machine.blockedTasks.contains(where: { $0.task == task.name }),
          !point.takes.map(\.lockClass).contains(wait.lock.class)
        {
          wrong.insert("\(situation), \(point.name): waits for \(wait.lock.text)")
        }
      }
    }
  }
}

/// Calls beside each other that together come to every boundary.
private enum Situation: CaseIterable {
  case load, loadBesideReclaim, loadBesideFaults, loadWhereEPCIsShort, createWhereEPCIsShort, initialise, mappings, faults, augment, evictions, evictionOfUsedPages
  case interruptedEvictions, closing, destroyed, openCounted

  var bench: Bench {
    switch self {
    case .loadWhereEPCIsShort, .createWhereEPCIsShort: Bench(pages: 48)
    case .destroyed: Bench(driver: .v39)
    case .openCounted: Bench(driver: .named("6.19")!)
    default: Bench()
    }
  }

  func begin(_ bench: inout Bench) -> [Testbench.Operation] {
    switch self {
    case .load:
      let descriptors = [bench.enclave(size: 0x80_0000), bench.enclave()]
      _ = bench.add(descriptors[0], count: 510)
      let device = bench.provisionDevice()
      return [
        bench.addCall(descriptors[0], page: 510, count: 3), bench.addCall(descriptors[1], count: 2), bench.provisionCall(bench.enclave(), fd: device),
        bench.ioctlCall(descriptors[1]), .open(OpenCall(process: bench.process)),
      ]
    case .loadBesideReclaim:
      let descriptor = bench.enclave()
      _ = bench.add(descriptor, count: 20)
      return [bench.addCall(descriptor, page: 20, count: 3), .reclaim(ReclaimCall(.batches(1))), .reclaim(ReclaimCall(.batches(1)))]
    case .loadBesideFaults:
      let descriptor = bench.enclave()
      _ = bench.add(descriptor, count: 8)
      _ = bench.mmap(descriptor)
      _ = bench.machine.reclaim(.batches(1))
      return (0..<8).map { bench.accessCall(page: $0) } + [bench.addCall(descriptor, page: 20, count: 20) { $0.flags = 0 }]
    case .loadWhereEPCIsShort:
      let descriptors = [bench.enclave(), bench.enclave()]
      return [bench.addCall(descriptors[0], count: 60), bench.addCall(descriptors[1], count: 20)]
    case .createWhereEPCIsShort:
      let (full, empty) = (bench.enclave(), bench.open())
      _ = bench.add(full, count: 46)
      return [bench.createCall(empty)]
    case .initialise:
      let descriptor = bench.loaded()
      _ = bench.add(descriptor, page: 1, count: 3)
      bench.machine.strike(.leafError(.SGX_UNMASKED_EVENT), at: .leaf(.EINIT), times: 45)
      return [bench.initCall(descriptor), .reclaim(ReclaimCall(.batches(1)))]
    case .mappings:
      let descriptor = bench.loaded()
      _ = bench.mmap(descriptor, page: 0, count: 4)
      _ = bench.mmap(descriptor, page: 8, count: 4)
      let at = { (page: UInt64) in UserAddress(Bench.base + page * pageSize) }
      let length = ByteCount(4 * pageSize)
      return [
        .mmap(
          MmapCall(process: bench.process, descriptor: descriptor, request: MmapRequest(address: at(4), length: length, protection: [.read]))),
        .mprotect(MprotectCall(process: bench.process, address: at(0), length: ByteCount(8 * pageSize), protection: [.read])),
        .munmap(MunmapCall(process: bench.process, address: at(8), length: length)), bench.accessCall(page: 0), bench.accessCall(page: 9),
        bench.addCall(descriptor, page: 20, count: 2),
      ]
    case .faults:
      let descriptor = bench.loaded()
      _ = bench.add(descriptor, page: 1, count: 3)
      _ = bench.mmap(descriptor)
      _ = bench.initialize(descriptor)
      _ = bench.machine.reclaim(.batches(1))
      return [bench.accessCall(page: 0), bench.accessCall(page: 1), bench.accessCall(page: 1)]
    case .augment:
      let descriptor = bench.loaded()
      _ = bench.mmap(descriptor)
      _ = bench.initialize(descriptor)
      return [bench.accessCall(page: 5), bench.accessCall(page: 6)]
    case .evictions:
      let descriptor = bench.loaded()
      _ = bench.add(descriptor, page: 1, count: 3)
      _ = bench.mmap(descriptor)
      _ = bench.initialize(descriptor)
      let other = bench.machine.makeProcess()
      if let shared = bench.machine.duplicate(descriptor, in: bench.process, for: other) {
        let request = MmapRequest(address: UserAddress(Bench.base), length: ByteCount(8 * pageSize), protection: [.read])
        _ = bench.machine.call(.mmap(MmapCall(process: other, descriptor: shared, request: request)))
      }
      return [.reclaim(ReclaimCall(.batches(1))), bench.addCall(bench.enclave(), count: 1)]
    case .evictionOfUsedPages:
      let descriptor = bench.loaded()
      _ = bench.add(descriptor, page: 1, count: 3)
      _ = bench.mmap(descriptor)
      for page in 0..<4 as Range<UInt64> { for _ in 0..<2 { _ = bench.access(page: page) } }
      return [.reclaim(ReclaimCall(.batches(1)))]
    case .interruptedEvictions:
      let descriptor = bench.loaded()
      _ = bench.add(descriptor, page: 1, count: 3)
      _ = bench.initialize(descriptor)
      // Twice for the first page, with ETRACK between; twice for the SECS, whose EWB follows those of three more pages.
      for nth in [1, 7] as [UInt64] { bench.machine.strike(.leafError(.SGX_NOT_TRACKED), at: .leaf(.EWB), nth: nth, times: 2) }
      return [.reclaim(ReclaimCall(.batches(1))), bench.addCall(bench.enclave(), count: 1)]
    case .closing:
      let (mapped, plain) = (bench.loaded(), bench.loaded())
      _ = bench.mmap(mapped, count: 4)
      _ = bench.munmap(count: 4)
      return [bench.closeCall(mapped), bench.closeCall(plain), .reclaim(ReclaimCall(.batches(1)))]
    case .destroyed:
      let descriptor = bench.enclave()
      bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD), nth: 2)
      return [bench.addCall(descriptor, count: 3)]
    case .openCounted:
      return [.open(OpenCall(process: bench.process)), .open(OpenCall(process: bench.process))]
    }
  }
}

extension [TaskID] {
  fileprivate func randomElement(by random: inout RandomStream) -> TaskID? {
    isEmpty ? nil : self[Int(random.next(below: UInt64(count)))]
  }
}
