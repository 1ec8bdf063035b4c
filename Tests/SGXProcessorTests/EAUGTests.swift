@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// EAUG: its table, and the pages it makes.
@Suite struct EAUGTests {
  /// An initialised SECS in page 0 with a page in 1, a version array in 2, a SECS in 3 that is not initialised; the rest is free.
  private static func bench(_ profile: ProcessorProfile) -> Bench {
    var bench = Bench(profile)
    _ = bench.create(at: 0)
    _ = bench.add(at: 0, in: 1, of: 0)
    _ = bench.makeVersionArray(2)
    _ = bench.create(at: 3)
    bench.processor.secsRecords[0]!.attributes.insert(.initialized)
    return bench
  }

  @Test func rowsAreTestedInTheManualsOrder() {
    let bench = Self.bench(.serverWithCET)
    let linearAddress = LinearAddress(Bench.base.rawValue + 0x2000)
    let leaf = EAUG(linearAddress: linearAddress, secs: bench.address(0), target: bench.address(5))
    var table = CheckTable(good: Situation(bench: bench, leaf: leaf))
    table.addProtection(
      .noSGX2, when: { !$0.bench.processor.profile.hasSGX2 },
      { $0.bench = Self.bench(.client) })
    table.addOperandRows()
    table.addStateRows()
    table.unreachable = [
      (.shadowStackWithoutCR4, "the kernel of the model sets CR4.CET wherever CPUID offers CET"),
      (.targetInUse, Reason.atomic), (.secsInUse, Reason.atomic),
    ]
    table.impossible = [
      (.targetNotEPC, .targetValid, Reason.noEntry), (.secsNotEPC, .secsNotValid, Reason.noEntry),
      (.secsNotEPC, .notInitialized, Reason.noSECS), (.secsNotEPC, .outsideRange, Reason.noSECS),
      (.secsNotEPC, .shadowStackAtEdge, Reason.noSECS), (.secsNotValid, .notInitialized, Reason.noSECS),
      (.secsNotValid, .outsideRange, Reason.noSECS), (.secsNotValid, .shadowStackAtEdge, Reason.noSECS),
      (.outsideRange, .shadowStackAtEdge, "the first and the last page are inside"),
    ]
    table.verify()
  }

  @Test func aPageIsPendingZeroAndReadableAndWritable() {
    var bench = Self.bench(.server)
    let before = ProcessorSnapshot(bench.processor)
    #expect(bench.augment(at: 0x7000, in: 5, of: 0) == .done)
    let entry = bench.entry(5)
    #expect(entry.state == .child(.reg, [.read, .write], LinearAddress(Bench.base.rawValue + 0x7000)))
    #expect(entry.isPending)
    #expect([entry.isBlocked, entry.isModified, entry.isPermissionRestricted] == [false, false, false])
    #expect(bench.processor.secsRecord(of: entry).page == PhysPageNumber(0))
    #expect(bench.bytes(5) == [UInt8](repeating: 0, count: 4096))
    #expect(bench.record(0).childCount == 2)
    let after = ProcessorSnapshot(bench.processor)
    #expect(after.enclaves[0]?.digest == before.enclaves[0]?.digest, "EAUG measures nothing")
    #expect(after.validPageCount == before.validPageCount + 1)
  }

  @Test(arguments: [PageType.ssFirst, .ssRest]) func aShadowStackIsGivenItsToken(type: PageType) {
    var bench = Self.bench(.serverWithCET)
    var leaf = EAUG(
      linearAddress: LinearAddress(Bench.base.rawValue + 0x2000), secs: bench.address(0), target: bench.address(5))
    leaf.pageInfo.secInfoAddress = .anyPage
    leaf.pageInfo.secInfo = SecInfo(type: type, permissions: [.read, .write])
    #expect(bench.run(leaf) == .done)
    #expect(bench.entry(5).type == type)
    #expect(bench.entry(5).isPending)
    let token: UInt64 = type == .ssFirst ? Bench.base.rawValue + 0x3001 : 0
    #expect(bench.bytes(5) == VectorPage.shadowStack(token: token).bytes())
  }

  @Test func aTrackedPageIsEvictedPendingAndComesBackPending() {
    var bench = Self.bench(.server)
    #expect(bench.augment(at: 0x2000, in: 5, of: 0) == .done)
    let sealed = bench.evict(5, of: 0, to: 9, of: 2)!
    #expect(sealed.pcmd.secInfo.flags == 0x20b)
    #expect(bench.load(sealed, at: 6, of: 0, from: 9, of: 2) == .done)
    #expect(bench.entry(6).isPending)
  }
}

extension CheckTable<EAUG> {
  fileprivate mutating func addOperandRows() {
    addProtection(
      .operandAlignment,
      when: { $0.isMisaligned($0.leaf.pageInfoAddress, to: 32) || $0.isMisaligned($0.leaf.target, to: 4096) },
      { $0.leaf.pageInfoAddress.rawValue |= 16 }, { $0.leaf.target.rawValue |= 2048 })
    addPageFault(
      .targetNotEPC, at: \.target, write: true, when: { $0.page($0.leaf.target) == nil },
      { $0.moveOutOfEPC(\.target) }, { $0.moveBeforeEPC(\.target) })
    addProtection(
      .pageInfoFields,
      when: { situation in
        let pageInfo = situation.leaf.pageInfo
        return situation.isMisaligned(pageInfo.secInfoAddress, to: 64) || situation.isMisaligned(pageInfo.secs, to: 4096)
          || pageInfo.linearAddress.rawValue % 4096 != 0 || pageInfo.sourceAddress.rawValue != 0
      },
      { $0.leaf.pageInfo.sourceAddress = .anyPage }, { $0.leaf.pageInfo.secs.rawValue |= 2048 },
      { $0.leaf.pageInfo.linearAddress.rawValue |= 2048 },
      { $0.giveShadowStack()
        $0.leaf.pageInfo.secInfoAddress.rawValue |= 32 })
    addPageFault(
      .secsNotEPC, at: \.pageInfo.secs, write: false, when: { $0.page($0.leaf.pageInfo.secs) == nil },
      { $0.moveOutOfEPC(\.pageInfo.secs) }, { $0.moveBeforeEPC(\.pageInfo.secs) }, { $0.leaf.pageInfo.secs.rawValue %= 4096 })
    addPageFault(
      .targetValid, at: \.target, write: true, when: { $0.entry($0.leaf.target)?.isValid == true },
      { $0.move(\.target, to: 0) }, { $0.move(\.target, to: 1) }, { $0.makeVersionArray(at: \.target) })
    addProtection(
      .badSecInfo,
      when: { situation in
        let pageInfo = situation.leaf.pageInfo
        guard pageInfo.secInfoAddress.rawValue != 0 else { return false }
        return !situation.bench.processor.profile.hasCET || ![0x503, 0x603].contains(pageInfo.secInfo.flags)
          || !pageInfo.secInfo.reserved.isZero
      },
      { $0.giveSecInfo(0x203) }, { $0.giveSecInfo(0x103) }, { $0.giveSecInfo(0x501) }, { $0.giveSecInfo(0x607) },
      { $0.giveSecInfo(0x50b) }, { $0.giveSecInfo(0x1_0503) },
      { $0.giveShadowStack()
        $0.leaf.pageInfo.secInfo.reserved.setByte(3, to: 1) })
  }

  fileprivate mutating func addStateRows() {
    addPageFault(
      .secsNotValid, at: \.pageInfo.secs, write: false,
      when: { situation in situation.entry(situation.leaf.pageInfo.secs).map { $0.state != .secs } ?? false },
      { $0.move(\.pageInfo.secs, to: 1) }, { $0.move(\.pageInfo.secs, to: 2) }, { $0.move(\.pageInfo.secs, to: 6) })
    addProtection(
      .notInitialized, when: { situation in situation.owner.map { $0.attributes.rawValue & 1 == 0 } ?? false },
      { $0.bench.processor.secsRecords[0]?.attributes.remove(.initialized) },
      { situation in if situation.leaf.pageInfo.secs == situation.bench.address(0) { situation.move(\.pageInfo.secs, to: 3) } })
    addProtection(
      .outsideRange,
      when: { situation in
        guard let owner = situation.owner else { return false }
        let range = owner.baseAddress.rawValue..<owner.baseAddress.rawValue + owner.size
        return !range.contains(situation.leaf.pageInfo.linearAddress.rawValue)
      },
      { $0.leaf.pageInfo.linearAddress.rawValue += 0x8000 }, { $0.leaf.pageInfo.linearAddress.rawValue -= 0x3000 },
      { $0.leaf.pageInfo.linearAddress.rawValue %= 4096 }, { $0.leaf.pageInfo.linearAddress.rawValue |= 1 << 63 })
    addProtection(
      .shadowStackAtEdge,
      when: { situation in
        let pageInfo = situation.leaf.pageInfo
        guard let owner = situation.owner, pageInfo.secInfoAddress.rawValue != 0 else { return false }
        let address = pageInfo.linearAddress.rawValue & ~4095
        return [5, 6].contains(pageInfo.secInfo.flags >> 8 & 0xff)
          && (address == owner.baseAddress.rawValue || address == owner.baseAddress.rawValue + owner.size - 4096)
      },
      { $0.giveShadowStack()
        $0.leaf.pageInfo.linearAddress = Bench.base },
      { $0.giveShadowStack()
        $0.leaf.pageInfo.linearAddress = LinearAddress(Bench.base.rawValue + 0x7000) })
  }
}

extension Situation<EAUG> {
  fileprivate var owner: SECSRecord? {
    guard let entry = entry(leaf.pageInfo.secs), entry.state == .secs else { return nil }
    return bench.processor.secsRecord(of: entry)
  }

  fileprivate mutating func giveSecInfo(_ flags: UInt64) {
    leaf.pageInfo.secInfoAddress = .anyPage
    leaf.pageInfo.secInfo = SecInfo(flags: flags)
  }

  fileprivate mutating func giveShadowStack() { giveSecInfo(0x503) }
}
