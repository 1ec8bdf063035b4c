@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

@Suite struct EADDChecksTests {
  /// SECS in page 0, a page of it in 1, a version array in 2, another SECS in 3; page 5 is free and takes offset 2000h.
  private static var good: Situation<EADD> {
    var bench = Bench(.serverWithCET)
    _ = bench.create(at: 0)
    _ = bench.add(at: 0, in: 1, of: 0)
    _ = bench.makeVersionArray(2)
    _ = bench.create(at: 3)
    let pageInfo = PageInfo(
      linearAddress: LinearAddress(Bench.base.rawValue + 0x2000), secInfo: SecInfo(type: .reg, permissions: [.read, .write]),
      secs: bench.address(0))
    return Situation(bench: bench, leaf: EADD(pageInfo: pageInfo, source: .fill(9), target: bench.address(5)))
  }

  @Test func rowsAreTestedInTheManualsOrder() {
    var table = CheckTable(good: Self.good)
    table.addOperandRows()
    table.addStateRows()
    table.unreachable = [
      (.shadowStackWithoutCR4, "the kernel of the model sets CR4.CET wherever CPUID offers CET"),
      (.targetInUse, Reason.atomic), (.secsInUse, Reason.atomic), (.measurementBusy, Reason.atomic),
    ]
    table.impossible = [
      (.targetNotEPC, .targetValid, Reason.noEntry), (.secsNotEPC, .secsNotValid, Reason.noEntry),
      (.secsNotEPC, .outsideRange, Reason.noSECS), (.secsNotEPC, .initialized, Reason.noSECS),
      (.secsNotValid, .outsideRange, Reason.noSECS), (.secsNotValid, .initialized, Reason.noSECS),
    ]
    table.verify()
  }

  @Test(arguments: [ProcessorProfile.client, .server]) func shadowStacksNeedCET(profile: ProcessorProfile) {
    var bench = Bench(profile)
    #expect(bench.create(at: 0).isDone)
    for type in [PageType.ssFirst, .ssRest] {
      let outcome = bench.add(.zero, SecInfo(type: type, permissions: [.read, .write]), at: 0x1000, in: 1, of: 0)
      #expect(outcome == .fault(.generalProtection, row: 5))
    }
  }
}

extension CheckTable<EADD> {
  fileprivate mutating func addOperandRows() {
    addProtection(
      .operandAlignment,
      when: { $0.isMisaligned($0.leaf.pageInfoAddress, to: 32) || $0.isMisaligned($0.leaf.target, to: 4096) },
      { $0.leaf.pageInfoAddress.rawValue |= 16 }, { $0.leaf.target.rawValue |= 2048 })
    addPageFault(
      .targetNotEPC, at: \.target, write: true, when: { $0.page($0.leaf.target) == nil },
      { $0.moveOutOfEPC(\.target) }, { $0.moveBeforeEPC(\.target) })
    addProtection(
      .pageInfoAlignment,
      when: { situation in
        let pageInfo = situation.leaf.pageInfo
        return situation.isMisaligned(pageInfo.sourceAddress, to: 4096) || situation.isMisaligned(pageInfo.secs, to: 4096)
          || pageInfo.linearAddress.rawValue % 4096 != 0 || situation.isMisaligned(pageInfo.secInfoAddress, to: 64)
      },
      { $0.leaf.pageInfo.sourceAddress.rawValue |= 2048 }, { $0.leaf.pageInfo.secs.rawValue |= 2048 },
      { $0.leaf.pageInfo.linearAddress.rawValue |= 2048 }, { $0.leaf.pageInfo.secInfoAddress.rawValue |= 32 })
    addPageFault(
      .secsNotEPC, at: \.pageInfo.secs, write: false, when: { $0.page($0.leaf.pageInfo.secs) == nil },
      { $0.moveOutOfEPC(\.pageInfo.secs) }, { $0.moveBeforeEPC(\.pageInfo.secs) }, { $0.leaf.pageInfo.secs.rawValue %= 4096 })
    addProtection(
      .badSecInfo,
      when: { situation in
        let secInfo = situation.leaf.pageInfo.secInfo
        return secInfo.flags & 0xffff_ffff_ffff_00f8 != 0 || !secInfo.reserved.isZero
          || ![1, 2, 5, 6].contains(secInfo.flags >> 8 & 0xff)
      },
      { $0.leaf.pageInfo.secInfo.flags |= 1 << 3 }, { $0.leaf.pageInfo.secInfo.flags |= 1 << 4 },
      { $0.leaf.pageInfo.secInfo.flags |= 1 << 5 }, { $0.leaf.pageInfo.secInfo.flags |= 1 << 6 },
      { $0.leaf.pageInfo.secInfo.flags |= 1 << 7 }, { $0.leaf.pageInfo.secInfo.flags |= 1 << 16 },
      { $0.leaf.pageInfo.secInfo.flags |= 1 << 63 }, { $0.setType(0) }, { $0.setType(3) }, { $0.setType(4) }, { $0.setType(7) },
      { $0.leaf.pageInfo.secInfo.reserved.setByte(0, to: 1) }, { $0.leaf.pageInfo.secInfo.reserved.setByte(55, to: 1) })
  }

  fileprivate mutating func addStateRows() {
    addPageFault(
      .targetValid, at: \.target, write: true, when: { $0.entry($0.leaf.target)?.isValid == true },
      { $0.move(\.target, to: 0) }, { $0.move(\.target, to: 1) }, { $0.makeVersionArray(at: \.target) })
    addPageFault(
      .secsNotValid, at: \.pageInfo.secs, write: false,
      when: { situation in situation.entry(situation.leaf.pageInfo.secs).map { $0.state != .secs } ?? false },
      { $0.move(\.pageInfo.secs, to: 1) }, { $0.move(\.pageInfo.secs, to: 2) }, { $0.move(\.pageInfo.secs, to: 6) })
    // Contents type by type: PageContentsRulesTests. Here REG, whose rule needs no SECS, and a TCS.
    addProtection(
      .badContents,
      when: { situation in
        let secInfo = situation.leaf.pageInfo.secInfo
        if secInfo.type == .tcs { return situation.leaf.source.bytes()[88...].contains { $0 != 0 } }
        return secInfo.type == .reg && secInfo.flags & 3 == 2
      },
      { $0.leaf.pageInfo.secInfo.flags &= ~1 },
      { situation in
        situation.setType(1)
        situation.leaf.source = PageContents([UInt8](repeating: 0, count: 4095) + [1])
      })
    addProtection(
      .outsideRange,
      when: { situation in
        guard let entry = situation.entry(situation.leaf.pageInfo.secs), entry.state == .secs else { return false }
        let record = situation.bench.processor.secsRecord(of: entry)
        let range = record.baseAddress.rawValue..<record.baseAddress.rawValue + record.size
        return !range.contains(situation.leaf.pageInfo.linearAddress.rawValue)
      },
      { $0.leaf.pageInfo.linearAddress.rawValue += 0x8000 }, { $0.leaf.pageInfo.linearAddress.rawValue -= 0x3000 },
      { $0.leaf.pageInfo.linearAddress.rawValue %= 4096 }, { $0.leaf.pageInfo.linearAddress.rawValue |= 1 << 63 })
    addProtection(
      .initialized,
      when: { situation in
        guard let entry = situation.entry(situation.leaf.pageInfo.secs), entry.state == .secs else { return false }
        return situation.bench.processor.secsRecord(of: entry).attributes.rawValue & 1 == 1
      },
      { $0.initializeEnclaves() })
  }
}

extension Situation<EADD> {
  fileprivate mutating func setType(_ type: UInt64) {
    leaf.pageInfo.secInfo.flags = leaf.pageInfo.secInfo.flags & ~0xff00 | type << 8
  }
}
