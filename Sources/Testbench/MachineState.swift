import SGXArchitecture
import SGXDriver
import SGXProcessor

/// What counts as state when two moments are compared: slots, EPCM, measurements, version slots, counters, and free pages as a *set*.
/// Not the order of lists (an undone allocation rotates the free list), nor log, trace, clock or plan.
public struct LogicalState: Hashable, Sendable {
  public var epcm: [UInt32: EPCMEntry] = [:]
  public var measurements: [UInt64: String] = [:]
  /// Version slots in use: page of EPC, slot, version.
  public var versions: [[UInt64]] = []
  public var enclaves: [EnclaveSummary?] = []
  public var slots: [[SlotSummary]] = []
  /// The complement of the free pages, which are many.
  public var usedPages: Set<PhysPageNumber> = []
  public var queuedPages: Set<PhysPageNumber> = []
  public var freeCount: UInt64 = 0
  public var leakedCount: UInt64 = 0

  init() {}

  /// What the driver keeps of an enclave, its slots apart.
  public struct EnclaveSummary: Hashable, Sendable {
    var state: EnclaveState
    var created: CreatedEnclave?
    var attributesMask: AttributeFlags
    var pageCount: UInt64
    var secsChildCount: UInt64
    var secsPage: PhysPageNumber?
    var secsVersion: VersionSlot?
    var versionArrays: Set<PhysPageNumber>
  }

  /// Neighbouring slots that are alike.
  public struct SlotSummary: Hashable, Sendable {
    var first: UInt64
    var count: UInt32
    var slot: VirtSlot
  }

  /// Parts that differ, by name.
  public func differences(from other: LogicalState) -> [String] {
    var names: [String] = []
    if epcm != other.epcm { names.append("EPCM") }
    if measurements != other.measurements { names.append("measurement") }
    if versions != other.versions { names.append("version slots") }
    if enclaves != other.enclaves { names.append("enclave counters") }
    if slots != other.slots { names.append("slots") }
    if usedPages != other.usedPages || freeCount != other.freeCount { names.append("free pages") }
    if queuedPages != other.queuedPages { names.append("reclaim queue") }
    if leakedCount != other.leakedCount { names.append("leaked pages") }
    return names
  }
}

extension Machine {
  /// The machine as the laws and comparisons see it; takes time by the pages that were ever used.
  public var logicalState: LogicalState { LogicalState(processor: processor, driver: driver) }
}

extension LogicalState {
  init(processor: Processor, driver: Driver) {
    var state = LogicalState()
    processor.epcm.forEachTouched { page, entry in if entry.isValid { state.epcm[page] = entry } }
    for record in processor.secsRecords.compactMap({ $0 }) {
      state.measurements[record.enclaveID] =
        "\(record.measurement.blocks) \(record.measurement.digest.hex) \(record.identity?.mrSigner.hex ?? "")"
    }
    processor.forEachVersion { state.versions.append([UInt64($0.rawValue), UInt64($1), $2]) }
    for enclave in driver.enclaves {
      state.enclaves.append(
        enclave.map {
          .init(
            state: $0.state, created: $0.created, attributesMask: $0.attributesMask, pageCount: $0.pageCount, secsChildCount: $0.secsChildCount,
            secsPage: $0.secsPage,
            secsVersion: $0.evictedSECS?.version, versionArrays: Set($0.versionArrays.pages))
        })
      var slots: [LogicalState.SlotSummary] = []
      enclave?.slots.forEachRun { first, count, _, slot in
        slots.append(.init(first: first, count: count, slot: slot))
      }
      enclave?.slots.forEachEvicted { index, slot, _ in slots.append(.init(first: index, count: 1, slot: slot)) }
      state.slots.append(slots)
    }
    while state.enclaves.last == .some(nil) {
      state.enclaves.removeLast()
      state.slots.removeLast()
    }
    for range in driver.pool.touchedRanges {
      for number in range where driver.pool[PhysPageNumber(number)].state != .free { state.usedPages.insert(PhysPageNumber(number)) }
    }
    state.queuedPages = Set(driver.pool.queuedPages)
    state.freeCount = driver.pool.freeCount
    state.leakedCount = driver.pool.leakedCount
    self = state
  }
}

/// What the laws need of the moment before a call: the value types, shared until written. A class, so that a task stays small.
final class MachineBefore: Sendable {
  let processor: Processor
  let driver: Driver
  init(_ machine: Machine) {
    processor = machine.processor
    driver = machine.driver
  }
}
