@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// The tables of EACCEPT, EMODPE and EACCEPTCOPY. SECINFO is in page 6, the target is page 9, a source page 10.
@Suite struct AcceptChecksTests {
  private static func inside(secInfo: UInt64) -> ThreadBench {
    var bench = ThreadBench()
    #expect(bench.enter() == .done)
    #expect(bench.storeSecInfo(secInfo) == nil)
    return bench
  }

  @Test func rowsOfEACCEPT() {
    let leaf = EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000))
    var table = CheckTable(good: threadSituation(Self.inside(secInfo: 0x20b), leaf))
    table.addProtection(
      .secInfoPlace, when: { $0.isMisplaced(\.secInfo, 64) }, { $0.leaf.leaf.secInfo.rawValue |= 8 },
      { $0.leaf.leaf.secInfo.rawValue += 0x10_0000 })
    table.addThreadFault(
      .secInfoPage, at: { $0.leaf.leaf.secInfo }, .read, when: { $0.isUnresolved(0x6000) || $0.isUnusable(6, .read) },
      { $0.unmap(0x6000) }, { $0.mapMemory(0x6000) }, { $0.setBits(EPCMEntry.blockedBit, of: 6) }, { $0.giveAway(6) })
    table.addProtection(
      .secInfoReserved, when: { $0.flags & ~0xff3f != 0 || $0.read(UInt8.self, 6, at: 63) != 0 }, { $0.write($0.flags | 1 << 6, 6, at: 0) },
      { $0.write(UInt8(1), 6, at: 63) })
    table.addProtection(
      .targetPlace, when: { $0.isMisplaced(\.target, 4096) }, { $0.leaf.leaf.target.rawValue |= 64 },
      { $0.leaf.leaf.target.rawValue += 0x10_0000 })
    table.addThreadFault(
      .targetNotEPC, at: { $0.leaf.leaf.target }, .read, when: { $0.isUnresolved(0x9000) }, { $0.unmap(0x9000) }, { $0.mapMemory(0x9000) })
    table.addProtection(
      .badCombination,
      when: { situation in
        let flags = situation.flags, type = flags >> 8 & 0xff, states = flags & 0x38
        return !((type == 2 && states & 0x10 == 0 && states != 0) || ((type == 1 || type == 4) && states == 0x10))
      },
      { situation in
        if situation.flags >> 8 & 0xff == 1 {
          situation.write(situation.flags | 0x20, 6, at: 0)
        } else {
          situation.setBits(EPCMEntry.modifiedBit, of: 9)
          situation.write(situation.flags | 0x10, 6, at: 0)
        }
      })
    table.addThreadFault(
      .targetNotUsable, at: { $0.leaf.leaf.target }, .write,
      when: { situation in
        let entry = situation.bench.entry(9)
        return !entry.isValid || entry.isBlocked || entry.secsIndex != 0
      },
      { $0.setBits(EPCMEntry.blockedBit, of: 9) }, { $0.giveAway(9) })
    table.add(
      .mismatch, answer: { _ in .code(.SGX_PAGE_ATTRIBUTES_MISMATCH, row: 10) },
      when: { situation in
        let entry = situation.bench.entry(9)
        return entry.address != ThreadBench.address(0x9000) || (entry.secInfo.flags ^ situation.flags) & ~0x20 & 0xff3f != 0
      },
      { $0.write($0.flags ^ 4, 6, at: 0) }, { $0.setBits(1 << 17, of: 9) })
    table.add(
      .notTracked, answer: { _ in .code(.SGX_NOT_TRACKED, row: 11) },
      when: { situation in
        let stamp = situation.bench.processor.blockEpochs[9]
        return stamp != 0 && stamp + 1 >= situation.bench.record(0).tracking.epoch
      },
      { $0.bench.processor.blockEpochs[9] = 1 })
    table.addProtection(
      .badTCS, when: { $0.flags >> 8 & 0xff == 1 && $0.read(UInt32.self, 9, at: TCS.cssa) >= $0.read(UInt32.self, 9, at: TCS.nssa) },
      { situation in
        situation.bench.processor.epcm[9] = EPCMEntry(type: .tcs, permissions: [], address: situation.bench.entry(9).address, secsIndex: situation.bench.entry(9).secsIndex)
        situation.setBits(EPCMEntry.modifiedBit, of: 9)
        situation.write(UInt64(0x110), 6, at: 0)
      })
    table.unreachable = [(.targetInUse, Reason.atomic), (.targetChanged, Reason.atomic)]
    table.verify()
  }

  @Test func rowsOfEMODPE() {
    let leaf = EMODPE(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0xa000))
    var table = CheckTable(good: threadSituation(Self.inside(secInfo: 0x207), leaf))
    table.addProtection(
      .alignment, when: { $0.leaf.leaf.secInfo.rawValue % 64 != 0 || $0.leaf.leaf.target.rawValue % 4096 != 0 },
      { $0.leaf.leaf.secInfo.rawValue |= 8 }, { $0.leaf.leaf.target.rawValue |= 64 })
    table.addProtection(
      .outsideRange, when: { $0.isOutside(\.secInfo) || $0.isOutside(\.target) }, { $0.leaf.leaf.secInfo.rawValue += 0x10_0000 },
      { $0.leaf.leaf.target.rawValue += 0x10_0000 })
    table.addThreadFault(
      .secInfoNotEPC, at: { $0.leaf.leaf.secInfo }, .read, when: { $0.isUnresolved(0x6000) }, { $0.unmap(0x6000) }, { $0.mapMemory(0x6000) })
    table.addThreadFault(
      .targetNotEPC, at: { $0.leaf.leaf.target }, .read, when: { $0.isUnresolved(0xa000) }, { $0.unmap(0xa000) }, { $0.mapMemory(0xa000) })
    table.addThreadFault(
      .secInfoPage, at: { $0.leaf.leaf.secInfo }, .read, when: { $0.isUnusable(6, .read) }, { $0.setBits(EPCMEntry.blockedBit, of: 6) },
      { $0.giveAway(6) })
    table.addProtection(.secInfoReserved, when: { $0.flags & ~0xff3f != 0 }, { $0.write($0.flags | 1 << 6, 6, at: 0) })
    table.addThreadFault(
      .targetNotUsable, at: { $0.leaf.leaf.target }, .write,
      when: { situation in
        let entry = situation.bench.entry(10)
        return !entry.isValid || entry.isPending || entry.isModified || entry.isBlocked || entry.type != .reg || entry.secsIndex != 0
      },
      { $0.setBits(EPCMEntry.pendingBit, of: 10) }, { $0.setBits(EPCMEntry.blockedBit, of: 10) }, { $0.giveAway(10) })
    table.addThreadFault(
      .targetElsewhere, at: { $0.leaf.leaf.target }, .write, when: { $0.bench.entry(10).address != ThreadBench.address(0xa000) },
      { $0.setBits(1 << 12, of: 10) })
    table.addProtection(
      .writeWithoutRead, when: { $0.flags & 3 == 2 && !$0.bench.entry(10).permissions.contains(.read) },
      { situation in
        situation.clearBits(7 << 1, of: 10)
        situation.write((situation.flags & ~7) | 2, 6, at: 0)
      })
    table.unreachable = [(.targetInUse, Reason.atomic)]
    table.verify()
  }

  @Test func rowsOfEACCEPTCOPY() {
    let leaf = EACCEPTCOPY(
      secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000), source: ThreadBench.address(0xa000))
    var table = CheckTable(good: threadSituation(Self.inside(secInfo: 0x203), leaf))
    table.addProtection(.secInfoAlignment, when: { $0.leaf.leaf.secInfo.rawValue % 64 != 0 }, { $0.leaf.leaf.secInfo.rawValue |= 8 })
    table.addProtection(
      .pageAlignment, when: { $0.leaf.leaf.target.rawValue % 4096 != 0 || $0.leaf.leaf.source.rawValue % 4096 != 0 },
      { $0.leaf.leaf.target.rawValue |= 64 }, { $0.leaf.leaf.source.rawValue |= 64 })
    table.addProtection(
      .outsideRange, when: { $0.isOutside(\.secInfo) || $0.isOutside(\.target) || $0.isOutside(\.source) },
      { $0.leaf.leaf.secInfo.rawValue += 0x10_0000 }, { $0.leaf.leaf.target.rawValue += 0x10_0000 },
      { $0.leaf.leaf.source.rawValue += 0x10_0000 })
    table.addThreadFault(
      .secInfoNotEPC, at: { $0.leaf.leaf.secInfo }, .read, when: { $0.isUnresolved(0x6000) }, { $0.unmap(0x6000) })
    table.addThreadFault(
      .targetNotEPC, at: { $0.leaf.leaf.target }, .write, when: { $0.isUnresolved(0x9000) }, { $0.unmap(0x9000) }, { $0.mapMemory(0x9000) })
    table.addThreadFault(
      .sourceNotEPC, at: { $0.leaf.leaf.source }, .read, when: { $0.isUnresolved(0xa000) }, { $0.unmap(0xa000) })
    table.addThreadFault(
      .secInfoPage, at: { $0.leaf.leaf.secInfo }, .read, when: { $0.isUnusable(6, .read) }, { $0.setBits(EPCMEntry.blockedBit, of: 6) })
    table.addProtection(
      .badSecInfo, when: { $0.flags & ~0xff3f != 0 || $0.flags & 3 == 2 || $0.flags >> 8 & 0xff != 2 },
      { $0.write($0.flags | 1 << 6, 6, at: 0) }, { $0.write(UInt64(0x202), 6, at: 0) }, { $0.write(UInt64(0x103), 6, at: 0) })
    table.addThreadFault(
      .sourcePage, at: { $0.leaf.leaf.source }, .read, when: { $0.isUnusable(10, .read) }, { $0.setBits(EPCMEntry.blockedBit, of: 10) },
      { $0.giveAway(10) }, { $0.clearBits(1 << 1, of: 10) })
    table.add(
      .targetNotUsable, answer: { _ in .code(.SGX_PAGE_ATTRIBUTES_MISMATCH, row: 10) },
      when: { situation in
        let entry = situation.bench.entry(9)
        return !entry.isValid || !entry.isPending || entry.isModified || entry.isBlocked || entry.type != .reg || entry.secsIndex != 0
      },
      { $0.clearBits(EPCMEntry.pendingBit, of: 9) }, { $0.setBits(EPCMEntry.blockedBit, of: 9) }, { $0.giveAway(9) })
    table.add(
      .targetMismatch, answer: { _ in .code(.SGX_PAGE_ATTRIBUTES_MISMATCH, row: 12) },
      when: { $0.bench.entry(9).permissions != [.read, .write] || $0.bench.entry(9).address != ThreadBench.address(0x9000) },
      { $0.setBits(1 << 3, of: 9) }, { $0.setBits(1 << 17, of: 9) })
    table.unreachable = [(.targetInUse, Reason.atomic)]
    table.verify()
  }
}

extension Situation {
  /// FLAGS of the SECINFO in page 6.
  fileprivate var flags: UInt64 { read(6, at: 0) }

  fileprivate func isOutside<T: ThreadLeaf>(_ operand: KeyPath<T, LinearAddress>) -> Bool where L == OnThread<T> {
    leaf.leaf[keyPath: operand].rawValue &- ThreadBench.address(0).rawValue >= 0x10000
  }

  fileprivate func isMisplaced<T: ThreadLeaf>(_ operand: KeyPath<T, LinearAddress>, _ size: UInt64) -> Bool where L == OnThread<T> {
    isOutside(operand) || leaf.leaf[keyPath: operand].rawValue % size != 0
  }
}
