import SGXArchitecture
import Testing

@testable import LinuxKernel
@testable import SGXDriver
@testable import SGXProcessor
@testable import Simulation
@testable import Testbench

/// Each law that the model looks at by itself is broken on purpose: it is noted by its name, the code goes on, and a machine stops behind the
/// step with the finding `bench`.
@Suite("Laws seen from inside") struct BenchLawTests {
  private static let first = EnclaveID(0)

  /// Enclave 0 has pages at 0 and 1 (frames 2 and 3; VA in 0, SECS in 1); frames 4 and 5 were used and are free.
  private static func loaded(_ driver: DriverVersion = .v6_1_192) -> Bench {
    var bench = Bench(pages: 64, driver: driver)
    let enclave = bench.enclave()
    let added = bench.add(enclave, count: 2)
    let gone = bench.enclave()
    let closed = bench.close(gone)
    #expect(added == .done(2) && closed == .success && BenchLaw.takeBroken() == nil)
    return bench
  }

  @Test(arguments: BenchLaw.allCases) func aBrokenLawIsNotedByName(_ law: BenchLaw) throws {
    var bench = Self.loaded(law == .useCounted ? .reviewed : .v6_1_192)
    try Self.violate(law, &bench)
    #expect(BenchLaw.takeBroken() == law)
    #expect(BenchLaw.takeBroken() == nil, "it is told once")
  }

  /// Whatever call comes next, the machine stops with it; others of the same process go on, and so do copies from before.
  @Test(arguments: BenchLaw.allCases) func theMachineStops(_ law: BenchLaw) throws {
    var bench = Self.loaded()
    var sound = bench
    BenchLaw.broken(law)
    let call = bench.machine.call(bench.ioctlCall(FileDescriptor(3)))
    #expect(call.outcome == .stopped(.bench(law)))
    #expect(bench.machine.finding == .bench(law))
    #expect(bench.machine.finding?.text == "the bench broke its law '\(law.id)': \(law.sentence)")
    let next = bench.add(FileDescriptor(3), page: 5)
    #expect(next.outcome == .stopped(.bench(law)), "nothing runs on it any more")
    #expect(bench.machine.breaches.isEmpty, "what stands in the middle of a step is not judged")
    let other = sound.add(FileDescriptor(3), page: 5)
    #expect(other == .done(1))
  }

  @Test(arguments: [MachineConfiguration.CheckFrequency.never, .everyOperation, .everyStep])
  func inTheMiddleOfACall(_ checks: MachineConfiguration.CheckFrequency) {
    var bench = Bench(pages: 64, checks: checks)
    let enclave = bench.enclave()
    let added = bench.add(enclave, count: 2)
    #expect(added == .done(2))
    // The second page of EPC that ADD_PAGES takes next is one that it cannot be given.
    bench.machine.driver.pool.pages.withElement(5) { $0.become(.secs) }
    let broken = bench.add(enclave, page: 2, count: 10)
    #expect(broken.outcome == .stopped(.bench(.oneList)))
    #expect(bench.machine.driver.enclaves[0]?.slots.count ?? 0 <= 4, "it stopped with that page, not ten pages later")
    #expect(BenchLaw.takeBroken() == nil)
  }

  /// The short way of ADD_PAGES stops in the same place.
  @Test func inTheShortWay() {
    var bench = Bench(pages: 64, checks: .never)
    let enclave = bench.enclave()
    bench.machine.driver.pool.pages.withElement(3) { $0.become(.secs) }
    let result = bench.machine.addPages(bench.addRequest(count: 8), descriptor: enclave, process: bench.process)
    #expect(result == AddPagesResult(outcome: .stopped(.bench(.oneList)), count: nil))
    #expect(bench.machine.finding == .bench(.oneList))
    #expect(bench.machine.driver.enclaves[0]?.slots.count ?? 0 <= 2)
  }

  @Test func whereNoCallIsUnderWay() {
    var bench = Self.loaded()
    BenchLaw.broken(.references)
    bench.machine.checkLaws()
    #expect(bench.machine.finding == .bench(.references))
  }

  @Test func namesAndSentences() {
    #expect(Set(BenchLaw.allCases.map(\.id)).count == BenchLaw.allCases.count)
    #expect(Set(BenchLaw.allCases.map(\.sentence)).count == BenchLaw.allCases.count)
    for law in BenchLaw.allCases { #expect(law.sentence.last == "." && law.id.allSatisfy { $0.isLowercase || $0 == "-" }) }
  }

  /// Where a law is broken for real, in the code that looks at it.
  private static func violate(_ law: BenchLaw, _ bench: inout Bench) throws {
    let (resident, free) = (PhysPageNumber(2), PhysPageNumber(5))
    switch law {
    case .epcmValidOnce: bench.machine.processor.invalidate(free)
    case .epcmAddress: _ = EPCMEntry(type: .reg, permissions: .read, address: LinearAddress(0x1001), secsIndex: 0)
    case .trackingPairs:
      var tracking = EpochTracking()
      tracking.leave(entered: 1)
      #expect(tracking.threadsInside == 0)
    case .oneList:
      bench.machine.driver.pool.free(free)
    case .pageBoundOnce: bench.machine.driver.pool.bind(resident, to: .versionArray, of: first)
    case .reclaimQueue: bench.machine.driver.pool.mark(resident)
    case .slotFilledOnce:
      var backing = VirtSlotBacking.resident(resident)
      backing.fill(with: free)
    case .slotResident:
      var backing = VirtSlotBacking.reserved
      backing.evict(to: nil)
    case .slotEvicted: bench.machine.driver[first].slots.loadBack(0, to: free)
    case .slotExists: bench.machine.driver[first].slots.removeFromRun(99)
    case .slotOnce:
      let lost = EvictedPage(lostWithArray: nil)
      for _ in 0..<2 {
        bench.machine.driver[first].slots.evicted.insert(.init(pageIndex: 7, type: .reg, maxPermissions: .read, page: lost))
      }
    case .slotPagePair:
      bench.machine.driver.pool.pages.withElement(resident.rawValue) { $0.become(.versionArray) }
      #expect(throws: (any Error).self) {
        var load = PageLoad(0, of: first)
        _ = try load.step(for: bench.process, &bench.machine.driver, &bench.machine.processor, &bench.machine.environment)
      }
    case .oneReservation: bench.machine.driver[first].slots.cancelReservation()
    case .versionSlots: bench.machine.driver[first].versionArrays.free(VersionSlot(array: 0, index: 5))
    case .versionArrays: bench.machine.driver[first].versionArrays.removeNewest(free)
    case .physPageIndex:
      var page = PhysPage()
      page.become(.slot, pageIndex: 1 << 44)
      #expect(page.pageIndex == 0)
    case .flagsRise:
      var state = EnclaveState.initialized
      state.create()
    case .ioctlBit: bench.machine.driver.leaveIoctl(first)
    case .secsResident, .launchControl: breakInit(law, &bench)
    case .eaugInRange:
      let descriptor = bench.loaded()
      let done = bench.initialize(descriptor)
      #expect(done == .success)
      let enclave = try #require(bench.machine.driver.enclaveID(of: descriptor, in: bench.process))
      let created = try #require(bench.machine.driver[enclave].created)
      bench.machine.driver[enclave].created = CreatedEnclave(
        baseAddress: created.baseAddress, size: pageSize, attributes: created.attributes)
      let outcome = try bench.machine.driver.augment(
        UserAddress(Bench.base + 0x5000), of: enclave, for: bench.process, &bench.machine.processor, &bench.machine.environment)
      #expect(outcome == .busError)
    case .references: _ = bench.machine.driver.closeFile(1)
    case .exitCloses: _ = bench.machine.driver.processes[0].end()
    case .descriptorOpen:
      var descriptors = DescriptorTable()
      descriptors.remove(FileDescriptor(3))
    case .heldLocks:
      var held = HeldLocks()
      for _ in 0..<5 { held.push(LockName(.mmap)) }
    case .useCounted:
      bench.machine.driver.leaveUse()
      bench.machine.driver.leaveUse()
    case .visitsCounted:
      bench.machine.environment.logVisits()
      bench.machine.environment.countVisits(1, of: .preemption)
    case .callAnswers:
      let id = bench.machine.begin(bench.ioctlCall(FileDescriptor(3)))
      bench.machine.leaveKernel(id, deliversSignals: true)
      #expect(bench.machine.finding == .bench(.callAnswers))
      BenchLaw.broken(.callAnswers)
    case .stepsBounded:
      let id = bench.machine.begin(bench.ioctlCall(FileDescriptor(3)))
      bench.machine.tasks[id.place].stepsAllowed = 0
      bench.machine.step(id)
      #expect(bench.machine.finding == .bench(.stepsBounded))
      BenchLaw.broken(.stepsBounded)
    }
  }

  /// Every way a call goes on counts its steps: alone without a rest, step by step, and the short way of ADD_PAGES ends by its own count.
  @Test(arguments: [MachineConfiguration.CheckFrequency.never, .everyOperation, .everyStep])
  func aCallThatGoesRoundInACircleEnds(_ checks: MachineConfiguration.CheckFrequency) {
    var bench = Bench(pages: 64, checks: checks)
    let enclave = bench.enclave()
    let id = bench.machine.begin(.addPages(AddPagesCall(process: bench.process, descriptor: enclave, request: bench.addRequest(count: 8))))
    #expect(bench.machine.tasks[id.place].stepsAllowed >= 9 << 20, "a million for each of its pages")
    bench.machine.tasks[id.place].stepsAllowed = 5
    while !bench.machine.isFinished(id) { bench.machine.step(id) }
    #expect(bench.machine.take(id).outcome == .stopped(.bench(.stepsBounded)))
  }

  /// The driver's INIT on a machine that cannot be: its SECS is gone, or its processor has no launch control.
  private static func breakInit(_ law: BenchLaw, _ bench: inout Bench) {
    var profile = ProcessorProfile.server
    if law == .launchControl { profile.hasFlexibleLaunchControl = false }
    bench = Bench(pages: 64, processor: profile)
    let descriptor = bench.loaded()
    if law == .secsResident { bench.machine.driver.enclaves[0]!.secsPage = nil }
    let outcome = bench.initialize(descriptor)
    #expect(outcome == .stopped(.bench(law)))
    // The machine has taken note of it.
    BenchLaw.broken(law)
  }
}
