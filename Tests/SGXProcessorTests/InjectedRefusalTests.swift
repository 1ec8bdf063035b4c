import SGXArchitecture
import SGXProcessor
import Simulation
import TestSupport
import Testing

/// Refusals that come from the plan: the leaf does not run.
@Suite struct InjectedRefusalTests {
  private func bench(injecting injection: Injection, at name: String = "leaf:EADD") -> Bench {
    var bench = Bench()
    _ = bench.create(at: 0)
    bench.environment.plan.add(injection, at: InjectionTrigger(sites: SiteSet(name: name)!, count: .nth(1)))
    return bench
  }

  @Test(arguments: LeafError.allCases) func aCode(code: LeafError) {
    var bench = bench(injecting: .leafError(code))
    let before = ProcessorSnapshot(bench.processor)
    let outcome = bench.add(at: 0, in: 1, of: 0)
    #expect(outcome == .code(code, row: 0))
    #expect(outcome.encoded == LeafResult(encoded: code.rawValue))
    #expect(before == ProcessorSnapshot(bench.processor))
    #expect(bench.add(at: 0, in: 1, of: 0) == .done)
  }

  @Test(arguments: [(.invalidOpcode, 6), (.generalProtection, 13), (.pageFault, 14)] as [(InjectedFault, UInt32)])
  func aFault(fault: InjectedFault, vector: UInt32) {
    var bench = bench(injecting: .leafFault(fault))
    let before = ProcessorSnapshot(bench.processor)
    let outcome = bench.add(at: 0, in: 1, of: 0)
    #expect(outcome.encoded == LeafResult(encoded: 0x4000_0000 | vector))
    #expect(outcome.row == 0)
    if case .fault(.pageFault(let address, _), _) = outcome { #expect(address == bench.address(1)) }
    #expect(before == ProcessorSnapshot(bench.processor))
    #expect(bench.environment.trace.suffix(1) == [.leaf(.EADD, PhysPageNumber(1), outcome.encoded)])
  }

  @Test func anInjectedEEXTENDIsNotCountedAsMeasured() {
    var bench = bench(injecting: .leafError(.SGX_EPC_PAGE_CONFLICT), at: "leaf:EEXTEND")
    #expect(bench.add(at: 0, in: 1, of: 0) == .done)
    #expect(!bench.extend(1, of: 0).isDone)
    #expect(bench.record(0).measurement.blocks == 2)
    #expect(bench.environment.trace.suffix(1) == [.leaf(.EEXTEND, PhysPageNumber(1), LeafResult(encoded: 7))])
  }

  @Test(arguments: [
    .noMemory, .badAddress, .runAnotherTask, .unmap(UserAddress(0), ByteCount(4096)), .signal(SignalNumber(9)!),
  ] as [Injection])
  func whatNoLeafCanFeelLetsItRun(injection: Injection) {
    var bench = bench(injecting: injection)
    #expect(bench.add(at: 0, in: 1, of: 0) == .done)
  }
}
