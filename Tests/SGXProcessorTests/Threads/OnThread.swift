@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// A leaf of ENCLU with the thread that executes it, so that its table is tested as those of ENCLS are.
struct OnThread<L: ThreadLeaf>: Leaf {
  typealias Check = L.Check
  static var name: LeafName { L.name }
  var leaf: L
  var cpu: LogicalProcessor
  var tables: PageTable

  func subject(in epc: EPC) -> PhysPageNumber? { nil }

  func perform(on processor: inout Processor) -> LeafOutcome {
    var cpu = cpu
    let before = cpu
    let outcome = leaf.perform(on: &processor, by: &cpu, through: tables)
    if !outcome.isDone { #expect(cpu == before, "\(L.name) refused and changed the thread") }
    return outcome
  }
}

/// A thread about to execute a leaf.
func threadSituation<T: ThreadLeaf>(_ bench: ThreadBench, _ leaf: T) -> Situation<OnThread<T>> {
  Situation(bench: bench.bench, leaf: OnThread(leaf: leaf, cpu: bench.cpu, tables: bench.tables))
}

/// The thread bench's layout as the tables of ENCLU see it: every row looks at pages by number, so that no row hides another.
extension Situation {
  /// A translation is taken away, or leads to ordinary memory.
  mutating func unmap<T: ThreadLeaf>(_ offset: UInt64) where L == OnThread<T> { leaf.tables[ThreadBench.address(offset)] = .none }
  mutating func mapMemory<T: ThreadLeaf>(_ offset: UInt64) where L == OnThread<T> {
    leaf.tables[ThreadBench.address(offset)] = .memory([.read, .write, .execute])
  }

  func isUnresolved<T: ThreadLeaf>(_ offset: UInt64) -> Bool where L == OnThread<T> {
    if case .epc = leaf.tables[ThreadBench.address(offset)] { return false }
    return true
  }

  /// The answer of a row about an address that does not resolve, or whose page refuses.
  func fault<T: ThreadLeaf>(_ address: LinearAddress, _ access: MemoryAccess) -> CPUFault where L == OnThread<T> {
    let bits: UInt32 = access == .write ? 2 : 0
    if case .none = leaf.tables[address] { return .threadPageFault(address, PageFaultCode(rawValue: 4 | bits)) }
    return .threadPageFault(address, PageFaultCode(rawValue: 0x8005 | bits))
  }

  /// True where the page is no REG page with these rights that this enclave may use at its place.
  func isUnusable(_ page: UInt32, _ rights: PagePermissions, type: PageType = .reg) -> Bool {
    let entry = bench.entry(page)
    return !entry.isValid || entry.isBlocked || entry.isPending || entry.isModified || entry.type != type || entry.secsIndex != 0
      || entry.address != ThreadBench.address(UInt64(page) * 4096) || !entry.permissions.isSuperset(of: rights)
  }

  mutating func setBits(_ bits: UInt64, of page: UInt32) { bench.processor.epcm.withElement(page) { $0.word |= bits } }
  mutating func clearBits(_ bits: UInt64, of page: UInt32) { bench.processor.epcm.withElement(page) { $0.word &= ~bits } }
  mutating func giveAway(_ page: UInt32) { bench.processor.epcm.withElement(page) { $0.secsIndex = 1 } }

  mutating func write<Value: FixedWidthInteger>(_ value: Value, _ page: UInt32, at offset: Int) {
    bench.processor.epc[PhysPageNumber(page)].withMutableBytes { $0.store(value, at: offset) }
  }

  func read<Value: FixedWidthInteger>(_ type: Value.Type, _ page: UInt32, at offset: Int) -> Value {
    bench.bytes(page).load(type, at: offset)
  }

  func read<Value: FixedWidthInteger>(_ page: UInt32, at offset: Int) -> Value { read(Value.self, page, at: offset) }
}

extension CheckTable {
  /// A row that answers a #PF at an operand of the thread.
  mutating func addThreadFault<T: ThreadLeaf>(
    _ check: L.Check, at address: @escaping (Situation<L>) -> LinearAddress, _ access: MemoryAccess,
    when holds: @escaping (Situation<L>) -> Bool, _ breakers: CheckRow<L>.Breaker...
  ) where L == OnThread<T> {
    rows.append(
      CheckRow(check: check, holds: holds, answer: { .fault($0.fault(address($0), access), row: check.rawValue) }, breakers: breakers))
  }
}
