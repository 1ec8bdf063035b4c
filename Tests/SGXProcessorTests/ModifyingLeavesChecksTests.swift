@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// The tables of EMODPR, EMODT, EDBGRD and EDBGWR.
@Suite struct ModifyingLeavesChecksTests {
  /// SECS of a debuggable enclave in page 0, a page of it in 1, a version array in 2, a TCS in 3; the rest is free. Initialised.
  static var bench: Bench {
    var bench = Bench(.server)
    _ = bench.create(SECS(size: 0x8000, baseAddress: Bench.base, attributes: [.mode64Bit, .debug]), at: 0)
    _ = bench.add(.fill(9), at: 0x1000, in: 1, of: 0)
    _ = bench.makeVersionArray(2)
    _ = bench.add(PageContents(TCS.image(ossa: 0x1000, nssa: 1)), SecInfo(type: .tcs), at: 0x3000, in: 3, of: 0)
    bench.processor.secsRecords[0]?.attributes.insert(.initialized)
    return bench
  }

  @Test func rowsOfEMODPR() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: EMODPR(.read, target: Self.bench.address(1))))
    table.addProtection(.secInfoAlignment, when: { $0.isMisaligned($0.leaf.secInfoAddress, to: 64) }, { $0.leaf.secInfoAddress.rawValue |= 32 })
    table.addProtection(.targetAlignment, when: { $0.isMisaligned($0.leaf.target, to: 4096) }, { $0.leaf.target.rawValue |= 2048 })
    table.addPageFault(
      .targetNotEPC, at: \.target, write: false, when: { $0.page($0.leaf.target) == nil }, { $0.moveOutOfEPC(\.target) },
      { $0.moveBeforeEPC(\.target) })
    table.addProtection(
      .badSecInfo,
      when: { $0.leaf.secInfo.flags & ~0xff3f != 0 || $0.leaf.secInfo.flags & 3 == 2 || !$0.leaf.secInfo.reserved.isZero },
      { $0.leaf.secInfo.flags |= 1 << 6 }, { $0.leaf.secInfo.flags = 0x202 }, { $0.leaf.secInfo.reserved.setByte(55, to: 1) })
    table.addPageFault(
      .targetNotValid, at: \.target, write: false, when: { $0.entry($0.leaf.target)?.isValid == false }, { $0.move(\.target, to: 6) })
    table.add(
      .notModifiable, answer: { _ in .code(.SGX_PAGE_NOT_MODIFIABLE, row: 8) },
      when: { situation in situation.entry(situation.leaf.target).map { $0.isValid && ($0.isPending || $0.isModified) } ?? false },
      { $0.setBits(EPCMEntry.pendingBit, at: \.target) }, { $0.setBits(EPCMEntry.modifiedBit, at: \.target) })
    table.addPageFault(
      .badType, at: \.target, write: false,
      when: { situation in situation.entry(situation.leaf.target).map { $0.isValid && $0.type != .reg } ?? false },
      { $0.move(\.target, to: 3) }, { $0.move(\.target, to: 2) })
    table.addProtection(.notInitialized, when: { $0.isUninitialised($0.leaf.target) }, { $0.undoEINIT() })
    table.unreachable = [(.targetInUse, Reason.atomic), (.modificationBusy, Reason.atomic)]
    table.impossible = [
      (.targetNotEPC, .targetNotValid, Reason.noEntry), (.targetNotEPC, .notModifiable, Reason.noEntry),
      (.targetNotEPC, .badType, Reason.noEntry), (.targetNotEPC, .notInitialized, Reason.noEntry),
      (.targetNotValid, .notModifiable, Reason.noOwner), (.targetNotValid, .badType, Reason.noOwner),
      (.targetNotValid, .notInitialized, Reason.noOwner),
    ]
    table.verify()
  }

  @Test func rowsOfEMODT() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: EMODT(.trim, target: Self.bench.address(1))))
    table.addProtection(.secInfoAlignment, when: { $0.isMisaligned($0.leaf.secInfoAddress, to: 64) }, { $0.leaf.secInfoAddress.rawValue |= 32 })
    table.addProtection(.targetAlignment, when: { $0.isMisaligned($0.leaf.target, to: 4096) }, { $0.leaf.target.rawValue |= 2048 })
    table.addPageFault(
      .targetNotEPC, at: \.target, write: false, when: { $0.page($0.leaf.target) == nil }, { $0.moveOutOfEPC(\.target) },
      { $0.moveBeforeEPC(\.target) })
    table.addProtection(
      .badSecInfo,
      when: { $0.leaf.secInfo.flags & ~0xff3f != 0 || ![1, 4].contains($0.leaf.secInfo.flags >> 8 & 0xff) || !$0.leaf.secInfo.reserved.isZero },
      { $0.leaf.secInfo.flags |= 1 << 7 }, { $0.leaf.secInfo.reserved.setByte(0, to: 1) })
    table.addPageFault(
      .targetNotValid, at: \.target, write: false, when: { $0.entry($0.leaf.target)?.isValid == false }, { $0.move(\.target, to: 6) })
    table.addPageFault(
      .badChange, at: \.target, write: false,
      when: { situation in
        guard let entry = situation.entry(situation.leaf.target), entry.isValid else { return false }
        let from = entry.type.rawValue, to = situation.leaf.secInfo.flags >> 8 & 0xff
        return !((from == 2 && (to == 1 || to == 4)) || ([1, 5, 6].contains(from) && to == 4))
      },
      { $0.move(\.target, to: 2) }, { $0.move(\.target, to: 0) }, { $0.trim(1) },
      { situation in
        situation.move(\.target, to: 3)
        situation.leaf.secInfo.flags = 0x100
      })
    table.add(
      .notModifiable, answer: { _ in .code(.SGX_PAGE_NOT_MODIFIABLE, row: 9) },
      when: { situation in situation.entry(situation.leaf.target).map { $0.isValid && ($0.isPending || $0.isModified) } ?? false },
      { $0.setBits(EPCMEntry.pendingBit, at: \.target) }, { $0.setBits(EPCMEntry.modifiedBit, at: \.target) })
    table.addProtection(.notInitialized, when: { $0.isUninitialised($0.leaf.target) }, { $0.undoEINIT() })
    table.unreachable = [(.targetInUse, Reason.atomic), (.modificationBusy, Reason.atomic)]
    table.impossible = [
      (.targetNotEPC, .targetNotValid, Reason.noEntry), (.targetNotEPC, .badChange, Reason.noEntry),
      (.targetNotEPC, .notModifiable, Reason.noEntry), (.targetNotEPC, .notInitialized, Reason.noEntry),
      (.targetNotValid, .badChange, Reason.noOwner), (.targetNotValid, .notModifiable, Reason.noOwner),
      (.targetNotValid, .notInitialized, Reason.noOwner),
    ]
    table.verify()
  }

  @Test func rowsOfEDBGRD() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: EDBGRD(address: Self.bench.address(1))))
    table.addProtection(.alignment, when: { $0.isMisaligned($0.leaf.address, to: 8) }, { $0.leaf.address.rawValue |= 4 })
    table.addPageFault(
      .notEPC, at: \.address, write: false, when: { $0.page($0.leaf.address) == nil }, { $0.moveOutOfEPC(\.address) },
      { $0.moveBeforeEPC(\.address) })
    table.addPageFault(
      .notValid, at: \.address, write: false, when: { $0.entry($0.leaf.address)?.isValid == false }, { $0.move(\.address, to: 6) })
    table.addPageFault(
      .badType, at: \.address, write: false, when: { $0.isOf([.secs, .trim], \.address) }, { $0.move(\.address, to: 0) }, { $0.trim(1) })
    table.add(
      .notDebuggable, answer: { _ in .code(.SGX_PAGE_NOT_DEBUGGABLE, row: 6) },
      when: { situation in situation.entry(situation.leaf.address).map { $0.isValid && ($0.isPending || $0.isModified) } ?? false },
      { $0.setBits(EPCMEntry.pendingBit, at: \.address) }, { $0.setBits(EPCMEntry.modifiedBit, at: \.address) })
    table.addProtection(
      .beyondTCS, when: { $0.isOf([.tcs], \.address) && $0.leaf.address.rawValue % 4096 >= 72 },
      { situation in
        situation.move(\.address, to: 3)
        situation.leaf.address.rawValue += 72
      })
    table.addProtection(.notDebug, when: { $0.isOf([.reg, .tcs], \.address) && $0.isUndebuggable }, { $0.forbidDebugging() })
    table.unreachable = [(.pageInUse, Reason.atomic)]
    table.impossible = Self.debugPairs()
    table.verify()
  }

  @Test func rowsOfEDBGWR() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: EDBGWR(data: 7, address: Self.bench.address(1))))
    table.addProtection(.alignment, when: { $0.isMisaligned($0.leaf.address, to: 8) }, { $0.leaf.address.rawValue |= 4 })
    table.addPageFault(
      .notEPC, at: \.address, write: true, when: { $0.page($0.leaf.address) == nil }, { $0.moveOutOfEPC(\.address) },
      { $0.moveBeforeEPC(\.address) })
    table.addPageFault(
      .notValid, at: \.address, write: true, when: { $0.entry($0.leaf.address)?.isValid == false }, { $0.move(\.address, to: 6) })
    table.addPageFault(
      .badType, at: \.address, write: true, when: { $0.isOf([.secs, .va, .trim], \.address) }, { $0.move(\.address, to: 0) },
      { $0.move(\.address, to: 2) }, { $0.trim(1) })
    table.add(
      .notDebuggable, answer: { _ in .code(.SGX_PAGE_NOT_DEBUGGABLE, row: 6) },
      when: { situation in situation.entry(situation.leaf.address).map { $0.isValid && ($0.isPending || $0.isModified) } ?? false },
      { $0.setBits(EPCMEntry.pendingBit, at: \.address) }, { $0.setBits(EPCMEntry.modifiedBit, at: \.address) })
    table.addProtection(
      .notFlags, when: { $0.isOf([.tcs], \.address) && $0.leaf.address.rawValue % 4096 & ~7 != 8 },
      { $0.move(\.address, to: 3) })
    table.addProtection(.notDebug, when: { $0.isOf([.reg, .tcs], \.address) && $0.isUndebuggable }, { $0.forbidDebugging() })
    table.unreachable = [(.pageInUse, Reason.atomic)]
    table.impossible = [
      (.notEPC, .notValid, Reason.noEntry), (.notEPC, .badType, Reason.noEntry), (.notEPC, .notDebuggable, Reason.noEntry),
      (.notEPC, .notFlags, Reason.noEntry), (.notEPC, .notDebug, Reason.noEntry), (.notValid, .badType, Reason.noOwner),
      (.notValid, .notDebuggable, Reason.noOwner), (.notValid, .notFlags, Reason.noOwner), (.notValid, .notDebug, Reason.noOwner),
      (.badType, .notFlags, "a page is of one type"), (.badType, .notDebug, "a page is of one type"),
    ]
    table.verify()
  }

  private static func debugPairs() -> [(earlier: EDBGRD.Check, later: EDBGRD.Check, reason: String)] {
    [
      (.notEPC, .notValid, Reason.noEntry), (.notEPC, .badType, Reason.noEntry), (.notEPC, .notDebuggable, Reason.noEntry),
      (.notEPC, .beyondTCS, Reason.noEntry), (.notEPC, .notDebug, Reason.noEntry), (.notValid, .badType, Reason.noOwner),
      (.notValid, .notDebuggable, Reason.noOwner), (.notValid, .beyondTCS, Reason.noOwner), (.notValid, .notDebug, Reason.noOwner),
      (.badType, .beyondTCS, "a page is of one type"), (.badType, .notDebug, "a page is of one type"),
    ]
  }

  @Test func whatADebuggerReadsAndWrites() {
    var bench = Self.bench
    func read(_ page: UInt32, _ offset: UInt64) -> UInt64? { bench.debuggerReads(page, offset) }
    #expect(read(1, 8) == 0x0909_0909_0909_0909)
    #expect(read(3, 16) == 0x1000, "OSSA")
    #expect(read(2, 0) == 0, "an empty slot")
    #expect(bench.run(EDBGWR(data: 0x1122_3344_5566_7788, address: EPCAddress(bench.address(1).rawValue + 4088))) == .done)
    #expect(read(1, 4088) == 0x1122_3344_5566_7788)
    #expect(bench.run(EDBGWR(data: 1, address: EPCAddress(bench.address(3).rawValue + 8))) == .done)
    #expect(read(3, 8) == 1, "DBGOPTIN")
    _ = bench.evict(1, of: 0, to: 3, of: 2)
    #expect(read(2, 24) == .max, "a slot in use, and not its version")
  }
}

extension Situation {
  mutating func setBits(_ bits: UInt64, at operand: KeyPath<L, EPCAddress>) {
    guard let page = page(leaf[keyPath: operand]), bench.entry(page).isValid else { return }
    bench.processor.epcm.withElement(page) { $0.word |= bits }
  }

  func isOf(_ types: [PageType], _ operand: KeyPath<L, EPCAddress>) -> Bool {
    entry(leaf[keyPath: operand]).map { $0.isValid && types.contains($0.type) } ?? false
  }

  func isUninitialised(_ address: EPCAddress) -> Bool {
    guard let entry = entry(address), entry.isValid, entry.type != .va else { return false }
    return !bench.processor.secsRecord(of: entry).isInitialized
  }

  mutating func undoEINIT() {
    for index in bench.processor.secsRecords.indices { bench.processor.secsRecords[index]?.attributes.remove(.initialized) }
  }

  var isUndebuggable: Bool { bench.processor.secsRecords[0]?.attributes.contains(.debug) == false }

  mutating func forbidDebugging() { bench.processor.secsRecords[0]?.attributes.remove(.debug) }
}

extension Bench {
  fileprivate mutating func debuggerReads(_ page: UInt32, _ offset: UInt64) -> UInt64? {
    processor.executeForOutput(EDBGRD(address: EPCAddress(address(page).rawValue + offset)), in: &environment).output
  }
}
