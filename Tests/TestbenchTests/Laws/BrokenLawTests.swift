import LinuxKernel
import SGXArchitecture
import Testing

@testable import SGXDriver
@testable import SGXProcessor
@testable import Simulation
@testable import Testbench

/// Each law is broken on purpose, and seen to be broken by name.
@Suite("Every law can be broken") struct BrokenLawTests {
  /// Enclave 0 has pages at 0 and 1 (frames 2 and 3; VA in 0, SECS in 1), enclave 1 has none (frames 4 and 5).
  /// Frames 6 and 7 were used and are free.
  private static func loaded() -> Bench {
    var bench = Bench(pages: 64)
    let first = bench.enclave()
    let added = bench.add(first, count: 2)
    #expect(added == .done(2))
    _ = bench.enclave()
    let gone = bench.enclave()
    let closed = bench.close(gone)
    #expect(closed == .success)
    #expect(bench.machine.driver.pool.freedPages.map(\.rawValue).sorted() == [6, 7])
    #expect(bench.brokenLaws.isEmpty)
    return bench
  }

  @Test(arguments: Invariant.allCases) func aBrokenLawIsCaughtByName(_ law: Invariant) {
    var bench = Self.loaded()
    Self.violate(law, &bench)
    bench.machine.checkLaws()
    #expect(bench.brokenLaws.contains(law), "\(bench.brokenLaws)")
    #expect(bench.brokenLaws.first == law || Self.companions[law] != nil, "\(bench.brokenLaws)")
    #expect(Set(bench.brokenLaws).subtracting([law]) == Self.companions[law] ?? [], "nothing else is blamed")
    let detail = bench.machine.breaches.first { $0.invariant == law }?.detail ?? ""
    #expect(!detail.isEmpty)
  }

  @Test func aLawIsReportedOnce() {
    var bench = Self.loaded()
    Self.violate(.childCount, &bench)
    bench.machine.checkLaws()
    bench.machine.checkLaws()
    #expect(bench.brokenLaws == [.childCount])
  }

  @Test func theKindsAreThoseOfTheArchitecture() {
    let bench = Invariant.allCases.filter { $0.kind == .bench }
    #expect(bench == [.conservation, .oneList, .epcmSECS, .epcmChildCount, .epcmZeroAddress, .epcmValidCount, .secsIdentity, .flagsRise])
    #expect(Set(Invariant.allCases.map(\.rawValue)).count == Invariant.allCases.count)
    #expect(Set(Invariant.allCases.map(\.sentence)).count == Invariant.allCases.count)
  }

  /// Laws that cannot be broken alone.
  private static let companions: [Invariant: Set<Invariant>] = [
    .oneList: [.reclaimQueue],
    .releaseComplete: [.quiet],
    .secsOut: [.freeIsInvalid],
    .addCount: [.conservation, .childCount, .pageCount, .reclaimQueue],
    .refusedUnchanged: [.childCount],
  ]

  private static func violate(_ law: Invariant, _ bench: inout Bench) {
    let free = PhysPageNumber(7)
    let child = PhysPageNumber(2)
    let secsIndex = bench.machine.processor.epcm[child.rawValue].secsIndex
    switch law {
    case .conservation:
      bench.machine.driver.pool.pages.withElement(free.rawValue) { $0.become(.versionArray) }
    case .oneList:
      Self.putOnBothLists(&bench)
    case .epcmSECS:
      let outside = EPCMEntry(type: .reg, permissions: .read, address: LinearAddress(0x1000), secsIndex: secsIndex)
      bench.machine.processor.epcm[child.rawValue] = outside
    case .epcmChildCount:
      bench.machine.processor.withSECSRecord(secsIndex) { $0.childCount += 1 }
    case .epcmZeroAddress:
      bench.machine.processor.epcm[1] = EPCMEntry(type: .secs, permissions: [], address: LinearAddress(0x1000), secsIndex: secsIndex)
    case .epcmValidCount:
      bench.machine.processor.validPageCount += 1
    case .secsIdentity:
      bench.machine.processor.withSECSRecord(secsIndex) { $0.attributes.formUnion(.initialized) }
      bench.machine.driver.enclaves[0]!.state = .initialized
    case .flagsRise:
      bench.machine.driver.enclaves[0]!.state = .initialized
      let call = bench.machine.begin(bench.ioctlCall(FileDescriptor(3)))
      bench.machine.driver.enclaves[0]!.state = .created
      bench.machine.tasks[call.place].hadCompany = true
      bench.machine.step(call)
    case .freeCounter:
      bench.machine.driver.pool.freeCount -= 1
    case .freeIsInvalid:
      bench.machine.processor.validate(
        free, as: EPCMEntry(type: .va, permissions: [], address: LinearAddress(0), secsIndex: .max))
    case .slotPagePair:
      bench.machine.driver.pool.pages.withElement(child.rawValue) { $0.become(.slot, pageIndex: 9) }
    case .uniqueAddress:
      bench.machine.processor.epcm[3] = bench.machine.processor.epcm[2]
    case .childCount:
      bench.machine.driver.enclaves[0]!.secsChildCount += 1
    case .pageCount:
      bench.machine.driver.enclaves[0]!.pageCount += 1
    case .reclaimQueue:
      bench.machine.driver.pool.dequeue(child)
    case .leakWarned:
      let page = bench.machine.driver.pool.allocate()!
      bench.machine.driver.pool.leak(page)
    case .releaseComplete:
      bench.machine.driver.log.warnOnce(.REL_SECS_CHILD, value: 1, in: &bench.machine.environment)
    case .quiet:
      bench.machine.driver.log.warnOnce(.EPA, value: 6, in: &bench.machine.environment)
    case .initializedPair:
      bench.machine.driver.enclaves[1]!.state = .initialized
    case .versionSlots:
      _ = bench.machine.driver.enclaves[0]!.versionArrays.takeSlot()
    case .mappedIsResident:
      bench.machine.driver.processes[0].insertEntry(at: UserAddress(Bench.base + 9 * pageSize))
    case .entryRights:
      let request = MmapRequest(address: UserAddress(Bench.base), length: ByteCount(pageSize), protection: .read)
      let mapped = bench.machine.call(.mmap(MmapCall(process: bench.process, descriptor: FileDescriptor(3), request: request)))
      #expect(mapped.outcome == .success)
      bench.machine.driver.processes[0].insertEntry(at: UserAddress(Bench.base))
      bench.machine.checkLaws()
      #expect(bench.brokenLaws.isEmpty)
      bench.machine.driver.processes[0].protect(UserAddress(Bench.base)..<UserAddress(Bench.base + pageSize), as: [.read, .write, .execute])
    case .secsOut:
      // The SECS in frame 1 goes while the pages in frames 2 and 3 stay.
      bench.machine.driver.enclaves[0]!.secsPage = nil
      bench.machine.driver.enclaves[0]!.evictedSECS = EvictedPage(lostWithArray: nil)
      bench.machine.driver.pool.free(PhysPageNumber(1))
    case .mmList:
      bench.machine.driver.enclaves[0]!.mappedBy = [bench.process, bench.process]
      bench.machine.driver.enclaves[0]!.references += 2
    case .ioctlBit:
      bench.machine.driver.enclaves[0]!.ioctlInFlight = true
    case .references:
      bench.machine.driver.enclaves[1]!.references += 1
    case .addCount:
      let call = bench.machine.begin(bench.addCall(FileDescriptor(3), page: 2))
      while bench.machine.driver.enclaves[0]!.slots.residentCount < 3 { bench.machine.step(call) }
      bench.machine.driver.enclaves[0]!.slots.remove(2)
      while !bench.machine.isFinished(call) { bench.machine.step(call) }
    case .locksReleased:
      bench.machine.driver.current = .none
      bench.machine.driver.take(EnclaveID(1))
    case .lockOrder:
      bench.machine.driver.current = .none
      bench.machine.driver.take(EnclaveID(0))
      do { try bench.machine.driver.lockMemoryForReading(of: bench.process) } catch { Issue.record("mmap_lock is free") }
      bench.machine.driver.unlockMemoryForReading(of: bench.process)
      bench.machine.driver.unlock(EnclaveID(0))
    case .refusedUnchanged:
      let call = bench.machine.begin(bench.ioctlCall(FileDescriptor(3)))
      bench.machine.driver.enclaves[0]!.secsChildCount += 1
      bench.machine.step(call)
    }
  }

  /// A free page's links are empty only where it is alone on its list.
  private static func putOnBothLists(_ bench: inout Bench) {
    var pool = PhysPagePool(total: 64)
    let only = pool.allocate()!
    pool.bind(only, to: .slot, of: EnclaveID(0))
    pool.enqueue(only)
    pool.pages.withElement(only.rawValue) { $0.isQueued = false }
    pool.free(only)
    pool.pages.withElement(only.rawValue) { $0.isQueued = true }
    bench.machine.driver.pool = pool
    bench.machine.driver.enclaves = []
    bench.machine.driver.files = []
    bench.machine.processor = Processor(profile: .server, pageCount: 64)
  }
}
