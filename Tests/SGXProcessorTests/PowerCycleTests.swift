import SGXArchitecture
import SGXProcessor
import Simulation
import TestSupport
import Testing

/// The EPC is lost; the kernel still holds its handles and finds out from the leaves (section 12's table).
@Suite struct PowerCycleTests {
  /// SECS in page 0 with children in 1 and 2, a version array in 3, a second SECS in 4.
  private static var loaded: Bench {
    var bench = Bench(.serverWithCET)
    _ = bench.create(at: 0)
    _ = bench.add(.fill(1), at: 0, in: 1, of: 0)
    _ = bench.add(.fill(2), at: 0x1000, in: 2, of: 0)
    _ = bench.extend(1, of: 0)
    _ = bench.makeVersionArray(3)
    _ = bench.create(at: 4)
    return bench
  }

  private func lost(_ kind: PowerCycleKind) -> Bench {
    var bench = Self.loaded
    bench.processor.powerCycle(kind, in: &bench.environment)
    return bench
  }

  @Test(arguments: PowerCycleKind.allCases) func nothingIsLeft(kind: PowerCycleKind) {
    let bench = lost(kind)
    for page: UInt32 in 0..<8 {
      #expect(bench.entry(page) == .invalid)
      #expect(bench.bytes(page) == [UInt8](repeating: 0, count: 4096))
    }
    #expect(bench.processor.secsRecords.allSatisfy { $0 == nil })
    #expect(bench.processor.validPageCount == 0)
    #expect(bench.processor.powerCycles == 1)
    #expect(bench.environment.trace.suffix(1) == [.powerCycled(kind)])
  }

  @Test(arguments: PowerCycleKind.allCases) func ecreateWorksAndNumbersStartAgain(kind: PowerCycleKind) {
    var bench = lost(kind)
    #expect(bench.create(at: 0) == .done)
    #expect(bench.record(0).enclaveID == 1)
    #expect(bench.record(0).childCount == 0)
    #expect(bench.record(0).measurement.blocks == 1)
  }

  @Test(arguments: PowerCycleKind.allCases) func epaWorks(kind: PowerCycleKind) {
    var bench = lost(kind)
    #expect(bench.makeVersionArray(3) == .done)
  }

  @Test(arguments: PowerCycleKind.allCases) func eaddFaultsOnTheSECS(kind: PowerCycleKind) {
    var bench = lost(kind)
    let outcome = bench.add(at: 0x2000, in: 5, of: 0)
    #expect(outcome == .fault(.pageFault(address: bench.address(0), write: false), row: 10))
  }

  @Test(arguments: PowerCycleKind.allCases) func eextendFaultsOnThePage(kind: PowerCycleKind) {
    var bench = lost(kind)
    let outcome = bench.extend(1, chunk: 3, of: 0)
    let chunk = EPCAddress(bench.address(1).rawValue + 0x300)
    #expect(outcome == .fault(.pageFault(address: chunk, write: false), row: 6))
  }

  @Test(arguments: PowerCycleKind.allCases) func eremoveSucceedsOnEveryPage(kind: PowerCycleKind) {
    var bench = lost(kind)
    let before = ProcessorSnapshot(bench.processor)
    for page: UInt32 in 0..<8 { #expect(bench.remove(page) == .done) }
    #expect(before == ProcessorSnapshot(bench.processor))
  }

  @Test(arguments: PowerCycleKind.allCases) func theSameEnclaveCanBeLoadedAgain(kind: PowerCycleKind) {
    let before = Self.loaded.record(0).measurement.digest
    var bench = lost(kind)
    _ = bench.create(at: 4)
    _ = bench.add(.fill(1), at: 0, in: 5, of: 4)
    _ = bench.add(.fill(2), at: 0x1000, in: 6, of: 4)
    _ = bench.extend(5, of: 4)
    #expect(bench.record(4).measurement.digest == before)
  }

  @Test(arguments: PowerCycleKind.allCases) func aForkKeepsWhatTheOriginalLost(kind: PowerCycleKind) {
    var bench = Self.loaded
    let fork = bench
    bench.processor.powerCycle(kind, in: &bench.environment)
    #expect(ProcessorSnapshot(fork.processor) == ProcessorSnapshot(Self.loaded.processor))
  }

  @Test(arguments: PowerCycleKind.allCases) func powerIsLostBetweenEADDAndEEXTEND(kind: PowerCycleKind) {
    var bench = Bench()
    bench.environment.plan.add(
      .powerCycle(kind), at: InjectionTrigger(sites: SiteSet(.leaf(.EEXTEND)), count: .nth(1)))
    #expect(bench.create(at: 0) == .done)
    #expect(bench.add(.fill(1), at: 0, in: 1, of: 0) == .done)
    #expect(bench.extend(1, of: 0) == .fault(.pageFault(address: bench.address(1), write: false), row: 6))
    #expect(
      bench.environment.trace.suffix(3) == [
        .injected(.powerCycle(kind), .leaf(.EEXTEND)), .powerCycled(kind),
        .leaf(.EEXTEND, PhysPageNumber(1), LeafResult(encoded: 0x4000_000e)),
      ])
    #expect(bench.remove(1) == .done)
    #expect(bench.remove(0) == .done)
    #expect(bench.processor.powerCycles == 1)
  }

  @Test func powerIsLostUnderECREATEAndTheLeafStillRuns() {
    var bench = Self.loaded
    bench.environment.plan.add(.powerCycle(.s3), at: InjectionTrigger(sites: SiteSet(name: "leaf")!, count: .nth(1)))
    #expect(bench.create(at: 0) == .done, "the page was valid until the power was lost")
    #expect(bench.processor.validPageCount == 1)
  }
}
