@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// The tables of ERDINFO, ETRACKC and the leaves of ENCLV, and what they tell each other.
@Suite struct OversubscriptionChecksTests {
  /// SECS in page 0, a page of it in 1, a version array in 2, another SECS in 3 with a page in 4; the rest is free.
  static var bench: Bench {
    var bench = Bench(.serverWithOversubscription)
    _ = bench.create(at: 0)
    _ = bench.add(.fill(9), at: 0x1000, in: 1, of: 0)
    _ = bench.makeVersionArray(2)
    _ = bench.create(at: 3)
    _ = bench.add(at: 0, in: 4, of: 3)
    return bench
  }

  @Test func rowsOfERDINFO() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: ERDINFO(target: Self.bench.address(1))))
    table.addProtection(.infoAlignment, when: { $0.isMisaligned($0.leaf.infoAddress, to: 32) }, { $0.leaf.infoAddress.rawValue |= 16 })
    table.addProtection(.targetAlignment, when: { $0.isMisaligned($0.leaf.target, to: 4096) }, { $0.leaf.target.rawValue |= 2048 })
    table.add(
      .targetNotEPC, answer: { _ in .code(.SGX_PG_NONEPC, row: 3) }, when: { $0.page($0.leaf.target) == nil },
      { $0.moveOutOfEPC(\.target) }, { $0.moveBeforeEPC(\.target) })
    table.add(
      .targetNotValid, answer: { _ in .code(.SGX_PG_INVLD, row: 5) }, when: { $0.entry($0.leaf.target)?.isValid == false },
      { $0.move(\.target, to: 6) })
    table.unreachable = [(.targetInUse, Reason.atomic)]
    table.impossible = [(.targetNotEPC, .targetNotValid, Reason.noEntry)]
    table.verify()
  }

  @Test func rowsOfETRACKC() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: ETRACKC(target: Self.bench.address(1))))
    table.addProtection(.targetAlignment, when: { $0.isMisaligned($0.leaf.target, to: 4096) }, { $0.leaf.target.rawValue |= 2048 })
    table.addPageFault(
      .targetNotEPC, at: \.target, write: false, when: { $0.page($0.leaf.target) == nil }, { $0.moveOutOfEPC(\.target) })
    table.add(
      .targetNotValid, answer: { _ in .code(.SGX_PG_INVLD, row: 4) }, when: { $0.entry($0.leaf.target)?.isValid == false },
      { $0.move(\.target, to: 6) })
    table.add(
      .notRequired, answer: { _ in .code(.SGX_TRACK_NOT_REQUIRED, row: 5) }, when: { $0.isOf([.va], \.target) },
      { $0.move(\.target, to: 2) })
    table.add(
      .previousCycle, answer: { _ in .code(.SGX_PREV_TRK_INCMPL, row: 7) },
      when: { situation in
        guard let entry = situation.entry(situation.leaf.target), entry.isValid, entry.type != .va else { return false }
        return situation.bench.processor.secsRecord(of: entry).tracking.previous > 0
      },
      { situation in
        for index in situation.bench.processor.secsRecords.indices {
          situation.bench.processor.secsRecords[index]?.tracking = EpochTracking(epoch: 2, current: 0, previous: 1)
        }
      })
    table.unreachable = [(.targetInUse, Reason.atomic), (.trackingBusy, Reason.atomic)]
    table.impossible = [
      (.targetNotEPC, .targetNotValid, Reason.noEntry), (.targetNotEPC, .notRequired, Reason.noEntry),
      (.targetNotEPC, .previousCycle, Reason.noEntry), (.targetNotValid, .notRequired, Reason.noOwner),
      (.targetNotValid, .previousCycle, Reason.noOwner), (.notRequired, .previousCycle, "a version array is of no enclave"),
    ]
    table.verify()
  }

  @Test func rowsOfESETCONTEXT() {
    var table = CheckTable(good: Situation(bench: Self.bench, leaf: ESETCONTEXT(secs: Self.bench.address(0), context: 5)))
    table.addProtection(.secsAlignment, when: { $0.isMisaligned($0.leaf.secs, to: 4096) }, { $0.leaf.secs.rawValue |= 2048 })
    table.addPageFault(.secsNotEPC, at: \.secs, write: false, when: { $0.page($0.leaf.secs) == nil }, { $0.moveOutOfEPC(\.secs) })
    table.addProtection(.contextAlignment, when: { $0.isMisaligned($0.leaf.contextAddress, to: 8) }, { $0.leaf.contextAddress.rawValue |= 4 })
    table.addPageFault(
      .secsNotValid, at: \.secs, write: false, when: { $0.entry($0.leaf.secs)?.isValid == false }, { $0.move(\.secs, to: 6) })
    table.addPageFault(
      .notSECS, at: \.secs, write: false,
      when: { situation in situation.entry(situation.leaf.secs).map { $0.isValid && $0.type != .secs } ?? false },
      { $0.move(\.secs, to: 1) }, { $0.move(\.secs, to: 2) })
    table.unreachable = [(.secsInUse, Reason.atomic)]
    table.impossible = [
      (.secsNotEPC, .secsNotValid, Reason.noEntry), (.secsNotEPC, .notSECS, Reason.noEntry), (.secsNotValid, .notSECS, Reason.noOwner),
    ]
    table.verify()
  }

  @Test func rowsOfEINCVIRTCHILD() {
    let bench = Self.bench
    var table = CheckTable(good: Situation(bench: bench, leaf: EINCVIRTCHILD(page: bench.address(1), secs: bench.address(0))))
    table.addProtection(.pageAlignment, when: { $0.isMisaligned($0.leaf.page, to: 4096) }, { $0.leaf.page.rawValue |= 2048 })
    table.addPageFault(.pageNotEPC, at: \.page, write: false, when: { $0.page($0.leaf.page) == nil }, { $0.moveOutOfEPC(\.page) })
    table.addPageFault(.secsNotEPC, at: \.secs, write: false, when: { $0.page($0.leaf.secs) == nil }, { $0.moveOutOfEPC(\.secs) })
    table.addPageFault(
      .pageNotValid, at: \.page, write: false, when: { $0.entry($0.leaf.page)?.isValid == false }, { $0.move(\.page, to: 6) })
    table.addPageFault(.badType, at: \.page, write: false, when: { $0.isOf([.va], \.page) }, { $0.move(\.page, to: 2) })
    table.addProtection(
      .otherSECS,
      when: { situation in
        guard let entry = situation.entry(situation.leaf.page), entry.isValid, entry.type != .va,
          let secs = situation.page(situation.leaf.secs)
        else { return false }
        return situation.bench.processor.secsRecord(of: entry).page.rawValue != secs
      },
      { $0.move(\.secs, to: 3) }, { $0.move(\.page, to: 4) }, { $0.move(\.page, to: 3) })
    table.unreachable = [(.pageInUse, Reason.atomic)]
    table.impossible = [
      (.pageNotEPC, .pageNotValid, Reason.noEntry), (.pageNotEPC, .badType, Reason.noEntry), (.pageNotEPC, .otherSECS, Reason.noEntry),
      (.secsNotEPC, .otherSECS, "row 7 asks about the page that RCX resolves to"), (.pageNotValid, .badType, Reason.noOwner),
      (.pageNotValid, .otherSECS, Reason.noOwner), (.badType, .otherSECS, "a version array is of no enclave"),
    ]
    table.verify()
  }

  /// The same rows and one more, which counts.
  @Test func eDECVIRTCHILDTestsTheSameAndThenTheCount() {
    var bench = Self.bench
    func both(_ page: UInt32, _ secs: UInt32, misaligned: UInt64 = 0) -> (LeafOutcome, LeafOutcome) {
      let page = EPCAddress(bench.address(page).rawValue | misaligned)
      var copy = bench
      return (copy.run(EINCVIRTCHILD(page: page, secs: bench.address(secs))), copy.run(EDECVIRTCHILD(page: page, secs: bench.address(secs))))
    }
    for (page, secs, misaligned) in [(1, 0, 8), (100, 0, 0), (1, 100, 0), (6, 0, 0), (2, 0, 0), (1, 3, 0)] as [(UInt32, UInt32, UInt64)] {
      let (increment, decrement) = both(page, secs, misaligned: misaligned)
      #expect(increment == decrement && !increment.isDone, "page \(page), SECS \(secs)")
    }
    let decrement = EDECVIRTCHILD(page: bench.address(1), secs: bench.address(0))
    #expect(bench.run(decrement) == .code(.SGX_INVALID_COUNTER, row: 8))
    #expect(bench.run(EINCVIRTCHILD(page: bench.address(0), secs: bench.address(0))) == .done, "the SECS names itself")
    #expect(bench.record(0).virtualChildCount == 1)
    #expect(bench.run(decrement) == .done)
    #expect(bench.run(decrement) == .code(.SGX_INVALID_COUNTER, row: 8))
  }

  private func info(_ page: UInt32, _ bench: inout Bench) -> RDInfo? {
    bench.processor.executeForOutput(ERDINFO(target: bench.address(page)), in: &bench.environment).output
  }

  @Test func whatERDINFOTells() throws {
    var bench = Self.bench
    let told = info(0, &bench)
    let secs = try #require(told)
    #expect(secs.status == RDInfo.childPresent && secs.flags == 0 && secs.enclaveContext == bench.address(0).rawValue)
    #expect(bench.run(ESETCONTEXT(secs: bench.address(0), context: 0x1234)) == .done)
    _ = bench.run(EINCVIRTCHILD(page: bench.address(1), secs: bench.address(0)))
    #expect(info(0, &bench) == RDInfo(status: 3, flags: 0, enclaveContext: 0x1234))
    #expect(info(1, &bench) == RDInfo(status: 0, flags: 0x203, enclaveContext: 0x1234))
    #expect(bench.block(1) == .done)
    #expect(info(1, &bench)?.flags == UInt64(0x203) | 1 << 63)
    #expect(info(2, &bench) == RDInfo(status: 0, flags: 0x300, enclaveContext: 0))
    #expect(secs.bytes.count == 32 && secs.bytes[0] == 1)
  }

  /// The leaves are there where CPUID says so, and nowhere else.
  @Test func leavesAreWhereCPUIDSaysSo() {
    var bench = Bench(.server)
    _ = bench.create(at: 0)
    let gone = LeafOutcome.fault(.generalProtection, row: CommonRow.noSuchLeaf)
    #expect(bench.run(ERDINFO(target: bench.address(0))) == gone)
    #expect(bench.run(ETRACKC(target: bench.address(0))) == gone)
    #expect(bench.run(ESETCONTEXT(secs: bench.address(0), context: 0)) == gone)
    #expect(bench.run(EINCVIRTCHILD(page: bench.address(0), secs: bench.address(0))) == gone)
    var old = Bench(.client)
    _ = old.create(at: 0)
    #expect(old.run(EMODPR(.read, target: old.address(0))) == gone)
    #expect(old.run(EMODT(.trim, target: old.address(0))) == gone)
  }

  /// ELDUC and ELDBC load as ELDU and ELDB do.
  @Test func theLeavesWithCodesForConflictsLoad() throws {
    var bench = Self.bench
    let evicted = bench.evict(1, of: 0, to: 0, of: 2)
    let sealed = try #require(evicted)
    for blocks in [true, false] {
      var copy = bench
      let operands = (
        linearAddress: sealed.linearAddress, secs: bench.address(0), target: bench.address(6), versionSlot: bench.slot(0, of: 2)
      )
      let outcome =
        blocks
        ? copy.run(
          ELDBC(
            sealed: sealed, linearAddress: operands.linearAddress, secs: operands.secs, target: operands.target,
            versionSlot: operands.versionSlot))
        : copy.run(
          ELDUC(
            sealed: sealed, linearAddress: operands.linearAddress, secs: operands.secs, target: operands.target,
            versionSlot: operands.versionSlot))
      #expect(outcome == .done)
      #expect(copy.entry(6).isBlocked == blocks && copy.bytes(6) == [UInt8](repeating: 9, count: 4096))
    }
  }

  /// The values of the fact sheets.
  @Test func cPUIDLeaf12H() {
    let sections = [EPCSection(pageCount: 256, node: 0), EPCSection(pageCount: 512, node: 1)]
    let server = ProcessorProfile.server
    #expect(server.cpuid12H(subleaf: 0, sections: sections) == CPUIDRegisters(eax: 0xc03, ebx: 1, edx: 0x381f))
    #expect(server.cpuid12H(subleaf: 1, sections: sections) == CPUIDRegisters(eax: 0x4b6, ecx: 0x2e7))
    #expect(ProcessorProfile.client.cpuid12H(subleaf: 0, sections: []) == CPUIDRegisters(eax: 1, edx: 0x241f))
    #expect(ProcessorProfile.client.cpuid12H(subleaf: 1, sections: []) == CPUIDRegisters(eax: 0x36, ecx: 0x1f))
    #expect(ProcessorProfile.serverWithOversubscription.cpuid12H(subleaf: 0, sections: []).eax == 0xc63)
    #expect(server.cpuid12H(subleaf: 2, sections: sections) == CPUIDRegisters(eax: 0x1800_0001, ebx: 0x70, ecx: 0x10_0002))
    #expect(server.cpuid12H(subleaf: 3, sections: sections) == CPUIDRegisters(eax: 0x1810_0001, ebx: 0x70, ecx: 0x20_0002))
    #expect(server.cpuid12H(subleaf: 4, sections: sections) == CPUIDRegisters())
  }
}
