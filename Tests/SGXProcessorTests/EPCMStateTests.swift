import SGXArchitecture
import Testing

@testable import SGXProcessor
@testable import Simulation

/// Every event in every state of an EPCM entry does what the table says, in the real code.
@Suite("State machine of the EPCM") struct EPCMStateTests {
  private static func entry(_ kind: EPCMEntryState.Kind) -> EPCMEntry {
    switch kind {
    case .invalid: .invalid
    case .secs: EPCMEntry(type: .secs, permissions: [], address: LinearAddress(0), secsIndex: 0)
    case .versionArray: EPCMEntry(type: .va, permissions: [], address: LinearAddress(0), secsIndex: .max)
    case .child: EPCMEntry(type: .reg, permissions: .read, address: LinearAddress(0x1000), secsIndex: 0)
    }
  }

  private static func happens(_ event: EPCMEntryState.Event, in kind: EPCMEntryState.Kind) -> EPCMEntryState.Kind {
    var processor = Processor(profile: .server, pageCount: 4)
    if kind != .invalid { processor.validate(PhysPageNumber(1), as: entry(kind)) }
    switch event {
    case .makeSECS: processor.validate(PhysPageNumber(1), as: entry(.secs))
    case .makeVersionArray: processor.validate(PhysPageNumber(1), as: entry(.versionArray))
    case .makeChild: processor.validate(PhysPageNumber(1), as: entry(.child))
    case .clear: processor.invalidate(PhysPageNumber(1))
    case .powerCycle:
      var environment = Environment(seed: 1)
      processor.powerCycle(.s3, in: &environment)
    }
    return processor.epcm[1].state.kind
  }

  @Test func everyPairIsInTheTableOnce() {
    let pairs = EPCMEntryState.transitions.map { "\($0.state) \($0.event)" }
    #expect(Set(pairs).count == pairs.count)
    #expect(pairs.count == EPCMEntryState.Kind.allCases.count * EPCMEntryState.Event.allCases.count)
  }

  @Test(arguments: EPCMEntryState.transitions)
  func anEntryDoesWhatTheTableSays(_ row: StateTransition<EPCMEntryState.Kind, EPCMEntryState.Event>) {
    switch row.outcome {
    case .becomes(let next): #expect(Self.happens(row.event, in: row.state) == next)
    case .refused: Issue.record("an entry refuses nothing")
    case .breaks(let law):
      let after = Self.happens(row.event, in: row.state)
      #expect(BenchLaw.takeBroken() == law)
      #expect(after == row.state)
    }
  }
}
