import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

/// A call and what happened during it: what the rules of coverage look at.
public struct CallEvidence {
  public let call: CallRecord
  /// The call's events, those of other tasks in between among them.
  let events: ArraySlice<Event>
  let version: DriverVersion
  /// What the machine has warned of up to the end of the call: a site warns once a boot.
  let warned: Set<UInt8>

  /// Every call of a machine that keeps them.
  public static func all(of machine: Machine) -> [CallEvidence] {
    guard let calls = machine.calls else { return [] }
    let events = machine.environment.trace.events
    return calls.map { call in
      let range = Int(call.events.lowerBound)..<min(Int(call.events.upperBound), events.count)
      return CallEvidence(
        call: call, events: events[range], version: machine.driver.version, warned: Self.sites(events[..<range.upperBound]))
    }
  }

  private static func sites(_ events: ArraySlice<Event>) -> Set<UInt8> {
    Set(events.compactMap { event in if case .warned(let site, _) = event { site } else { nil } })
  }
}

extension CallEvidence {
  func answered(_ errno: Errno) -> Bool { call.result == -errno.rawValue }
  /// The kernel asked for the call to be made again (ERESTARTSYS).
  var asksForRestart: Bool { call.result == KernelError.restart.returnValue }
  var succeeded: Bool { call.result == 0 }

  func hasWarned(_ site: WarningSite) -> Bool { warned.contains(site.rawValue) }

  /// No memory was made to be found for this.
  func lacked(_ kind: AllocationKind) -> Bool { events.contains(.injected(.noMemory, .allocation(kind))) }
  func couldNotCopy(_ kind: UserCopyKind) -> Bool { events.contains(.copyFailed(kind)) }
  var foundPoolEmpty: Bool { events.contains(.poolEmpty) }
  var leaked: Bool {
    events.contains { if case .pageLeaked = $0 { true } else { false } }
  }
  var wasUnmappedFrom: Bool {
    events.contains { if case .injected(.unmap, _) = $0 { true } else { false } }
  }

  /// How often the leaf ended so.
  func times(_ name: LeafName, _ matches: (LeafResult) -> Bool) -> Int {
    events.count { if case .leaf(name, _, let result) = $0 { matches(result) } else { false } }
  }
  func ran(_ name: LeafName) -> Bool { times(name) { _ in true } > 0 }
  func faulted(_ name: LeafName) -> Bool { times(name, \.isFault) > 0 }
  func faulted(_ name: LeafName, _ vector: LeafResult) -> Bool { times(name) { $0 == vector } > 0 }
  func refused(_ name: LeafName) -> Bool { times(name) { $0 != .done } > 0 }

  /// The request of an ADD_PAGES; nil for other calls.
  var addPages: AddPagesCall? {
    if case .addPages(let call) = call.operation { return call }
    return nil
  }

  /// The request of a CREATE; nil for other calls.
  var create: CreateCall? {
    if case .create(let call) = call.operation { return call }
    return nil
  }

  /// The request of an INIT; nil for other calls.
  var initialize: InitCall? {
    if case .initialize(let call) = call.operation { return call }
    return nil
  }

  /// Past the entry checks of ADD_PAGES: `count` was written back.
  var count: UInt64? { call.operation.count }

  /// Events of the page that ADD_PAGES could not add: those behind the last page that it did.
  var lastPage: ArraySlice<Event> {
    let end = events.lastIndex { if case .slotFilled = $0 { true } else { false } }
    return events[(end.map { $0 + 1 } ?? events.startIndex)...]
  }

  /// ADD_PAGES had a page for the contents that it then could not use.
  var hadPageInHand: Bool {
    lastPage.contains { if case .pageAllocated = $0 { true } else { false } }
  }
}

extension LeafResult {
  static let generalProtection = LeafResult(vector: CPUFault.generalProtection.vector)
  static let pageFault = LeafResult(vector: 14)

  var isFault: Bool { vector != nil }
}
