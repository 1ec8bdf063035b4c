import SGXArchitecture
import Testing

@testable import SGXDriver
@testable import Simulation

/// Every event in every state does what the table says, in the real code. What the table says cannot come breaks the law it names, and nothing else happens.
@Suite("State machines of the driver") struct StateMachineTests {
  /// What the code does.
  private static func happens(_ event: EnclaveState.Event, in state: EnclaveState) -> EnclaveState? {
    var state = state
    switch event {
    case .createAsked: return state.allowsCreate ? state : nil
    case .addPagesAsked: return state.allowsAddPages ? state : nil
    case .initAsked: return state.allowsInit ? state : nil
    case .createDone: state.create()
    case .initDone: state.initialize()
    case .destroyed: state.destroy()
    }
    return state
  }

  private static func happens(_ event: VirtSlotBacking.Event, in kind: VirtSlotBacking.Kind) -> VirtSlotBacking.Kind {
    var slot: VirtSlotBacking =
      switch kind {
      case .reserved: .reserved
      case .resident: .resident(PhysPageNumber(1))
      case .evicted: .evicted(nil)
      }
    switch event {
    case .fill: slot.fill(with: PhysPageNumber(2))
    case .evict: slot.evict(to: nil)
    case .loadBack: slot.loadBack(to: PhysPageNumber(2))
    }
    return slot.kind
  }

  private static func happens(_ event: PhysPage.Role.Event, in role: PhysPage.Role) -> PhysPage.Role {
    var role = role
    switch event {
    case .allocate: role.allocate()
    case .bindSECS: role.bind(to: .secs)
    case .bindVersionArray: role.bind(to: .versionArray)
    case .bindAdding: role.bind(to: .addingSlot)
    case .bindSlot: role.bind(to: .slot)
    case .settle: role.settle()
    case .isolate: role.isolate()
    case .mark: role.mark()
    case .free: role.release()
    case .leak: role.leak()
    }
    return role
  }

  @Test func everyPairIsInTheTablesOnce() {
    #expect(Set(EnclaveState.transitions.map { "\($0.state) \($0.event)" }).count == EnclaveState.allCases.count * EnclaveState.Event.allCases.count)
    #expect(EnclaveState.transitions.count == EnclaveState.allCases.count * EnclaveState.Event.allCases.count)
    #expect(Set(VirtSlotBacking.transitions.map { "\($0.state) \($0.event)" }).count == 9)
    #expect(VirtSlotBacking.transitions.count == VirtSlotBacking.Kind.allCases.count * VirtSlotBacking.Event.allCases.count)
    #expect(PhysPage.Role.transitions.count == PhysPage.Role.allCases.count * PhysPage.Role.Event.allCases.count)
  }

  @Test(arguments: EnclaveState.transitions) func anEnclaveDoesWhatTheTableSays(_ row: StateTransition<EnclaveState, EnclaveState.Event>) {
    switch row.outcome {
    case .becomes(let next): #expect(Self.happens(row.event, in: row.state) == next)
    case .refused: #expect(Self.happens(row.event, in: row.state) == nil)
    case .breaks(let law): Self.expect(law, row.state, after: Self.happens(row.event, in: row.state))
    }
  }

  @Test(arguments: VirtSlotBacking.transitions)
  func aSlotDoesWhatTheTableSays(_ row: StateTransition<VirtSlotBacking.Kind, VirtSlotBacking.Event>) {
    switch row.outcome {
    case .becomes(let next): #expect(Self.happens(row.event, in: row.state) == next)
    case .refused: Issue.record("a slot refuses nothing")
    case .breaks(let law): Self.expect(law, row.state, after: Self.happens(row.event, in: row.state))
    }
  }

  @Test(arguments: PhysPage.Role.transitions)
  func aPageDoesWhatTheTableSays(_ row: StateTransition<PhysPage.Role, PhysPage.Role.Event>) {
    switch row.outcome {
    case .becomes(let next): #expect(Self.happens(row.event, in: row.state) == next)
    case .refused: Issue.record("a page refuses nothing")
    case .breaks(let law): Self.expect(law, row.state, after: Self.happens(row.event, in: row.state))
    }
  }

  /// The law is noted, and the state is what it was.
  private static func expect<State: Equatable>(_ law: BenchLaw, _ before: State, after: State?) {
    #expect(BenchLaw.takeBroken() == law)
    #expect(after == before)
  }
}
