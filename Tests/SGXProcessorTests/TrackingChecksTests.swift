@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// The tables of EBLOCK, ETRACK and EWB.
@Suite struct TrackingChecksTests {
  /// SECS in page 0 with a page in 1 that is ready to be evicted and a TCS in 2 that is not blocked; a version array in 3; a SECS
  /// without pages in 4; a SECS in 5 with a page in 6 that is blocked, no more; the rest is free.
  private static var bench: Bench {
    var bench = Bench(.serverWithCET, pageCount: 10)
    _ = bench.create(at: 0)
    _ = bench.add(.fill(9), at: 0x1000, in: 1, of: 0)
    _ = bench.add(.zero, SecInfo(type: .tcs), at: 0x2000, in: 2, of: 0)
    _ = bench.makeVersionArray(3)
    _ = bench.create(at: 4)
    _ = bench.create(at: 5)
    _ = bench.add(at: 0, in: 6, of: 5)
    _ = bench.block(1)
    _ = bench.track(0)
    _ = bench.block(6)
    return bench
  }

  @Test func rowsOfEBLOCK() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: EBLOCK(target: Self.bench.address(2))))
    table.addProtection(
      .targetAlignment, when: { $0.isMisaligned($0.leaf.target, to: 4096) }, { $0.leaf.target.rawValue |= 2048 },
      { $0.leaf.target.rawValue |= 1 })
    table.addPageFault(
      .targetNotEPC, at: \.target, write: false, when: { $0.page($0.leaf.target) == nil },
      { $0.moveOutOfEPC(\.target) }, { $0.moveBeforeEPC(\.target) })
    table.add(
      .targetNotValid, answer: { _ in .code(.SGX_PG_INVLD, row: 4) },
      when: { $0.entry($0.leaf.target)?.isValid == false }, { $0.move(\.target, to: 7) })
    table.add(
      .isSECS, answer: { _ in .code(.SGX_PG_IS_SECS, row: 5) }, when: { $0.entry($0.leaf.target)?.state == .secs },
      { $0.move(\.target, to: 0) }, { $0.move(\.target, to: 4) })
    table.add(
      .notBlockable, answer: { _ in .code(.SGX_NOTBLOCKABLE, row: 6) },
      when: { $0.entry($0.leaf.target)?.state == .versionArray }, { $0.move(\.target, to: 3) })
    table.add(
      .alreadyBlocked, answer: { _ in .code(.SGX_BLKSTATE, row: 7) },
      when: { $0.entry($0.leaf.target)?.isBlocked == true }, { $0.move(\.target, to: 1) }, { $0.move(\.target, to: 6) })
    table.unreachable = [(.targetInUse, Reason.atomic)]
    let oneType = "a page has one type, and only a page of an enclave can be blocked"
    table.impossible = [
      (.targetNotEPC, .targetNotValid, Reason.noEntry), (.targetNotEPC, .isSECS, Reason.noEntry),
      (.targetNotEPC, .notBlockable, Reason.noEntry), (.targetNotEPC, .alreadyBlocked, Reason.noEntry),
      (.targetNotValid, .isSECS, Reason.noOwner), (.targetNotValid, .notBlockable, Reason.noOwner),
      (.targetNotValid, .alreadyBlocked, Reason.noOwner), (.isSECS, .notBlockable, oneType),
      (.isSECS, .alreadyBlocked, oneType), (.notBlockable, .alreadyBlocked, oneType),
    ]
    table.verify()
  }

  @Test func rowsOfETRACK() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: ETRACK(secs: Self.bench.address(0))))
    table.addProtection(
      .secsAlignment, when: { $0.isMisaligned($0.leaf.secs, to: 4096) }, { $0.leaf.secs.rawValue |= 2048 },
      { $0.leaf.secs.rawValue |= 1 })
    table.addPageFault(
      .secsNotEPC, at: \.secs, write: false, when: { $0.page($0.leaf.secs) == nil },
      { $0.moveOutOfEPC(\.secs) }, { $0.moveBeforeEPC(\.secs) })
    table.addPageFault(
      .secsNotValid, at: \.secs, write: false, when: { $0.entry($0.leaf.secs)?.isValid == false },
      { $0.move(\.secs, to: 7) })
    table.addPageFault(
      .notSECS, at: \.secs, write: false,
      when: { situation in situation.entry(situation.leaf.secs).map { $0.isValid && $0.type != .secs } ?? false },
      { $0.move(\.secs, to: 1) }, { $0.move(\.secs, to: 2) }, { $0.move(\.secs, to: 3) })
    table.add(
      .previousCycle, answer: { _ in .code(.SGX_PREV_TRK_INCMPL, row: 6) },
      when: { situation in
        guard let entry = situation.entry(situation.leaf.secs), entry.state == .secs else { return false }
        return situation.bench.processor.secsRecord(of: entry).tracking.previous > 0
      },
      { $0.enterEnclavesBeforeTheLastCycle() })
    table.unreachable = [(.trackingBusy, Reason.atomic)]
    table.impossible = [
      (.secsNotEPC, .secsNotValid, Reason.noEntry), (.secsNotEPC, .notSECS, Reason.noEntry),
      (.secsNotEPC, .previousCycle, Reason.noEntry), (.secsNotValid, .notSECS, "a page that is not valid has no type"),
      (.secsNotValid, .previousCycle, Reason.noSECS), (.notSECS, .previousCycle, Reason.noSECS),
    ]
    table.verify()
  }

  @Test func rowsOfEWB() {
    let bench = Self.bench
    let leaf = EWB(target: bench.address(1), versionSlot: bench.slot(5, of: 3))
    var table = CheckTable(good: Situation(bench: bench, leaf: leaf))
    table.addOperandRows()
    table.addStateRows()
    table.unreachable = [
      (.targetInUse, Reason.atomic), (.versionArrayInUse, Reason.atomic),
      (.blockingIncorrect, "EBLOCK and ELDB alone set BLOCKED, and set it correctly"),
    ]
    let noSlot = "a slot outside EPC is in no page"
    let oneType = "a SECS needs no blocking, and a page of an enclave has no pages"
    table.impossible = [
      (.targetNotEPC, .slotInTarget, noSlot), (.targetNotEPC, .targetNotValid, Reason.noEntry),
      (.targetNotEPC, .notBlocked, Reason.noEntry), (.targetNotEPC, .notTracked, Reason.noEntry),
      (.targetNotEPC, .childPresent, Reason.noEntry), (.slotNotEPC, .slotInTarget, noSlot),
      (.slotNotEPC, .notVersionArray, Reason.noEntry), (.targetNotValid, .notBlocked, Reason.noOwner),
      (.targetNotValid, .notTracked, Reason.noOwner), (.targetNotValid, .childPresent, Reason.noOwner),
      (.notBlocked, .childPresent, oneType), (.notTracked, .childPresent, oneType),
    ]
    table.verify()
  }
}

extension CheckTable<EWB> {
  fileprivate mutating func addOperandRows() {
    addProtection(
      .operandAlignment,
      when: { $0.isMisaligned($0.leaf.pageInfoAddress, to: 32) || $0.isMisaligned($0.leaf.target, to: 4096) },
      { $0.leaf.pageInfoAddress.rawValue |= 16 }, { $0.leaf.target.rawValue |= 2048 })
    addPageFault(
      .targetNotEPC, at: \.target, write: true, when: { $0.page($0.leaf.target) == nil },
      { $0.moveOutOfEPC(\.target) }, { $0.moveBeforeEPC(\.target) })
    addProtection(
      .slotAlignment, when: { $0.isMisaligned($0.leaf.versionSlot, to: 8) }, { $0.leaf.versionSlot.rawValue |= 4 },
      { $0.leaf.versionSlot.rawValue |= 1 })
    addPageFault(
      .slotNotEPC, at: \.versionSlot, write: true, when: { $0.page($0.leaf.versionSlot) == nil },
      { $0.moveOutOfEPC(\.versionSlot) }, { $0.moveBeforeEPC(\.versionSlot) })
    addProtection(
      .slotInTarget,
      when: { situation in
        guard let page = situation.page(situation.leaf.target) else { return false }
        return page == situation.page(situation.leaf.versionSlot)
      },
      { situation in
        // Alone: the version array into itself. After another row moved the target: the slot goes there.
        guard let target = situation.page(situation.leaf.target), let array = situation.page(situation.leaf.versionSlot) else { return }
        if target == 1 { situation.move(\.target, to: array) } else { situation.move(\.versionSlot, to: target) }
      })
    addProtection(
      .addressOrSECSGiven,
      when: { $0.leaf.pageInfo.linearAddress.rawValue != 0 || $0.leaf.pageInfo.secs.rawValue != 0 },
      { $0.leaf.pageInfo.linearAddress.rawValue = 0x1000 }, { $0.leaf.pageInfo.secs = $0.bench.address(0) })
    addProtection(
      .pageInfoAlignment,
      when: { situation in
        let pageInfo = situation.leaf.pageInfo
        return situation.isMisaligned(pageInfo.secInfoAddress, to: 128) || situation.isMisaligned(pageInfo.sourceAddress, to: 4096)
      },
      { $0.leaf.pageInfo.secInfoAddress.rawValue |= 64 }, { $0.leaf.pageInfo.sourceAddress.rawValue |= 2048 })
  }

  fileprivate mutating func addStateRows() {
    addPageFault(
      .targetNotValid, at: \.target, write: true, when: { $0.entry($0.leaf.target)?.isValid == false },
      { $0.move(\.target, to: 7) })
    addPageFault(
      .notVersionArray, at: \.versionSlot, write: true,
      when: { situation in situation.entry(situation.leaf.versionSlot).map { $0.state != .versionArray } ?? false },
      { $0.move(\.versionSlot, to: 0) }, { $0.move(\.versionSlot, to: 2) }, { $0.move(\.versionSlot, to: 8) })
    add(
      .notBlocked, answer: { _ in .code(.SGX_PAGE_NOT_BLOCKED, row: 13) },
      when: { situation in situation.child.map { !$0.isBlocked } ?? false },
      { $0.move(\.target, to: 2) },
      { situation in
        guard let page = situation.page(situation.leaf.target), situation.child != nil else { return }
        situation.bench.processor.epcm[page].word &= ~EPCMEntry.blockedBit
      })
    add(
      .notTracked, answer: { _ in .code(.SGX_NOT_TRACKED, row: 14) },
      when: { situation in
        guard let child = situation.child, let page = situation.page(situation.leaf.target) else { return false }
        let tracking = situation.bench.processor.secsRecord(of: child).tracking
        let stamp = situation.bench.processor.blockEpochs[page]
        return stamp == tracking.epoch || (stamp + 1 == tracking.epoch && tracking.previous > 0)
      },
      { $0.move(\.target, to: 6) }, { $0.enterEnclavesBeforeTheLastCycle() })
    add(
      .childPresent, answer: { _ in .code(.SGX_CHILD_PRESENT, row: 15) },
      when: { situation in
        guard let entry = situation.entry(situation.leaf.target), entry.state == .secs else { return false }
        return situation.bench.processor.secsRecord(of: entry).childCount > 0
      },
      { $0.move(\.target, to: 0) }, { $0.move(\.target, to: 5) })
  }
}

extension Situation<EWB> {
  /// The entry of the target, if it is a page of an enclave.
  fileprivate var child: EPCMEntry? { entry(leaf.target).flatMap { $0.isValid && $0.type.isChild ? $0 : nil } }
}

extension Situation {
  /// A thread entered every enclave, then a cycle began, and it is still inside.
  fileprivate mutating func enterEnclavesBeforeTheLastCycle() {
    for index in bench.processor.secsRecords.indices {
      bench.processor.secsRecords[index]?.tracking = EpochTracking(epoch: 2, current: 0, previous: 1)
    }
  }
}
