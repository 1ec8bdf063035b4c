@testable import SGXProcessor
import SGXArchitecture
import Simulation
import Testing

/// EUPDATESVN: its checks in order, and that it does what it says.
@Suite struct EUPDATESVNTests {
  private static func run(_ processor: inout Processor) -> LeafOutcome {
    var environment = Environment(seed: 1)
    return processor.execute(EUPDATESVN(), in: &environment)
  }

  private static func processor(_ profile: ProcessorProfile = .server, inUse: Bool, new: Bool) -> Processor {
    var processor = Processor(profile: profile, pageCount: 4)
    var environment = Environment(seed: 1)
    if inUse {
      let outcome = processor.execute(EPA(target: EPC.address(of: PhysPageNumber(2))), in: &environment)
      precondition(outcome.isDone)
    }
    if new { processor.updateMicrocode() }
    return processor
  }

  @Test func ofSeveralReasonsTheFirstIsSaid() {
    for inUse in [false, true] {
      for new in [false, true] {
        var without = Self.processor(.client, inUse: inUse, new: new)
        let fault = Self.run(&without)
        #expect(fault == .fault(.generalProtection, row: 1))
        var processor = Self.processor(inUse: inUse, new: new)
        let outcome = Self.run(&processor)
        let expected: LeafOutcome =
          inUse ? .code(.SGX_EPC_NOT_READY, row: 2) : new ? .done : .code(.SGX_NO_UPDATE, row: 3)
        #expect(outcome == expected, "in use \(inUse), new \(new)")
        #expect(processor.securityVersion == (expected.isDone ? 2 : 1))
      }
    }
  }

  @Test func thereIsNothingToUpdateTwice() {
    var processor = Self.processor(inUse: false, new: true)
    let first = Self.run(&processor)
    #expect(first == .done)
    let second = Self.run(&processor)
    #expect(second == .code(.SGX_NO_UPDATE, row: 3))
  }
}
