@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// The tables of EEXTEND, EREMOVE and EPA.
@Suite struct PageLeavesChecksTests {
  /// SECS in page 0, a page of it in 1, a version array in 2, another SECS with a page in 3 and 4; the rest is free.
  private static var bench: Bench {
    var bench = Bench(.serverWithCET)
    _ = bench.create(at: 0)
    _ = bench.add(.fill(9), at: 0x1000, in: 1, of: 0)
    _ = bench.makeVersionArray(2)
    _ = bench.create(at: 3)
    _ = bench.add(at: 0, in: 4, of: 3)
    return bench
  }

  @Test func rowsOfEEXTEND() {
    let bench = Self.bench
    let chunk = EPCAddress(bench.address(1).rawValue + 0x300)
    var table = CheckTable(good: Situation(bench: bench, leaf: EEXTEND(secs: bench.address(0), chunk: chunk)))
    table.addRows()
    table.unreachable = [(.pageInUse, Reason.atomic), (.measurementBusy, Reason.atomic)]
    table.impossible = [
      (.secsNotEPC, .otherSECS, "row 8 asks about the page that RBX resolves to"),
      (.chunkNotEPC, .pageNotValid, Reason.noEntry), (.chunkNotEPC, .badType, Reason.noEntry),
      (.chunkNotEPC, .otherSECS, Reason.noEntry), (.chunkNotEPC, .initialized, Reason.noEntry),
      (.pageNotValid, .badType, Reason.noOwner), (.pageNotValid, .otherSECS, Reason.noOwner),
      (.pageNotValid, .initialized, Reason.noOwner),
    ]
    table.verify()
  }

  @Test func rowsOfEREMOVE() {
    let bench = Self.bench
    var table = CheckTable(good: Situation(bench: bench, leaf: EREMOVE(target: bench.address(1))))
    table.addProtection(
      .targetAlignment, when: { $0.isMisaligned($0.leaf.target, to: 4096) }, { $0.leaf.target.rawValue |= 2048 },
      { $0.leaf.target.rawValue |= 1 })
    table.addPageFault(
      .targetNotEPC, at: \.target, write: true, when: { $0.page($0.leaf.target) == nil },
      { $0.moveOutOfEPC(\.target) }, { $0.moveBeforeEPC(\.target) })
    table.add(
      .childPresent, answer: { _ in .code(.SGX_CHILD_PRESENT, row: 6) },
      when: { situation in
        guard let entry = situation.entry(situation.leaf.target), entry.state == .secs else { return false }
        return situation.bench.processor.secsRecord(of: entry).childCount > 0
      },
      { $0.move(\.target, to: 0) }, { $0.move(\.target, to: 3) })
    table.add(
      .enclaveActive, answer: { _ in .code(.SGX_ENCLAVE_ACT, row: 8) },
      when: { situation in
        guard let entry = situation.entry(situation.leaf.target), entry.isValid, entry.type != .va else { return false }
        return situation.bench.processor.secsRecord(of: entry).tracking.threadsInside > 0
      },
      { $0.enterEnclaves() })
    table.unreachable = [(.targetInUse, Reason.atomic)]
    table.impossible = [
      (.targetNotEPC, .childPresent, Reason.noEntry), (.targetNotEPC, .enclaveActive, Reason.noEntry),
    ]
    table.verify()
  }

  @Test func rowsOfEPA() {
    let bench = Self.bench
    var table = CheckTable(good: Situation(bench: bench, leaf: EPA(target: bench.address(5))))
    table.addProtection(
      .badType, when: { $0.leaf.type != 3 }, { $0.leaf.type = 0 }, { $0.leaf.type = 2 }, { $0.leaf.type |= 1 << 32 },
      { $0.leaf.type |= 0x300 })
    table.addProtection(
      .targetAlignment, when: { $0.isMisaligned($0.leaf.target, to: 4096) }, { $0.leaf.target.rawValue |= 2048 })
    table.addPageFault(
      .targetNotEPC, at: \.target, write: true, when: { $0.page($0.leaf.target) == nil },
      { $0.moveOutOfEPC(\.target) }, { $0.moveBeforeEPC(\.target) })
    table.addPageFault(
      .targetValid, at: \.target, write: true, when: { $0.entry($0.leaf.target)?.isValid == true },
      { $0.move(\.target, to: 0) }, { $0.move(\.target, to: 1) }, { $0.move(\.target, to: 2) })
    table.unreachable = [(.targetInUse, Reason.atomic)]
    table.impossible = [(.targetNotEPC, .targetValid, Reason.noEntry)]
    table.verify()
  }
}

extension CheckTable<EEXTEND> {
  fileprivate mutating func addRows() {
    addProtection(.secsAlignment, when: { $0.isMisaligned($0.leaf.secs, to: 4096) }, { $0.leaf.secs.rawValue |= 256 })
    addPageFault(
      .secsNotEPC, at: \.secs, write: false, when: { $0.page($0.leaf.secs) == nil },
      { $0.moveOutOfEPC(\.secs) }, { $0.moveBeforeEPC(\.secs) })
    addProtection(
      .chunkAlignment, when: { $0.isMisaligned($0.leaf.chunk, to: 256) }, { $0.leaf.chunk.rawValue |= 128 },
      { $0.leaf.chunk.rawValue |= 1 })
    addPageFault(
      .chunkNotEPC, at: \.chunk, write: false, when: { $0.page($0.leaf.chunk) == nil },
      { $0.moveOutOfEPC(\.chunk) }, { $0.moveBeforeEPC(\.chunk) })
    addPageFault(
      .pageNotValid, at: \.chunk, write: false, when: { $0.entry($0.leaf.chunk)?.isValid == false },
      { $0.move(\.chunk, to: 6) })
    addPageFault(
      .badType, at: \.chunk, write: false,
      when: { situation in
        guard let entry = situation.entry(situation.leaf.chunk), entry.isValid else { return false }
        return ![1, 2, 5, 6].contains(entry.type.rawValue)
      },
      { $0.move(\.chunk, to: 0) }, { $0.move(\.chunk, to: 2) }, { $0.trim(1) })
    addProtection(
      .otherSECS,
      when: { situation in
        guard let owner = situation.owner, let secs = situation.page(situation.leaf.secs) else { return false }
        return owner.page.rawValue != secs
      },
      { $0.move(\.secs, to: 3) }, { $0.move(\.secs, to: 1) }, { $0.move(\.secs, to: 6) }, { $0.move(\.chunk, to: 4) })
    addProtection(.initialized, when: { ($0.owner?.attributes.rawValue ?? 0) & 1 == 1 }, { $0.initializeEnclaves() })
  }
}

extension Situation<EEXTEND> {
  /// The enclave that the measured page belongs to.
  fileprivate var owner: SECSRecord? {
    guard let entry = entry(leaf.chunk), entry.isValid, entry.type.isChild else { return nil }
    return bench.processor.secsRecord(of: entry)
  }
}
