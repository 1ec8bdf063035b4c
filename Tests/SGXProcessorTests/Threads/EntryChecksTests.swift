@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// The tables of EENTER, ERESUME, EDECCSSA and EEXIT.
@Suite struct EntryChecksTests {
  private static let outside = ThreadBench(.serverWithCET)
  private static let segments = "32-bit threads have no segments here"
  private static let notCanonical: UInt64 = 1 << 47

  @Test func rowsOfEENTER() {
    var table = CheckTable(good: threadSituation(Self.outside, EENTER(tcs: ThreadBench.tcs, aep: ThreadBench.aep)))
    table.addCommonRows()
    table.addProtection(.noFrameLeft, when: { $0.cssa >= $0.nssa }, { $0.write(UInt32(0), 1, at: TCS.nssa) })
    table.addThreadFault(
      .xsavePage, at: { $0.frame($0.cssa).base }, .write, when: { $0.isUnresolved(0x2000) || $0.isUnusable(2, [.read, .write]) },
      { $0.unmap(0x2000) }, { $0.mapMemory(0x2000) }, { $0.setBits(EPCMEntry.blockedBit, of: 2) }, { $0.clearBits(1 << 2, of: 2) },
      { $0.giveAway(2) })
    table.addThreadFault(
      .gprPage, at: { $0.frame($0.cssa).gprAddress }, .write, when: { $0.isUnresolved(0x3000) || $0.isUnusable(3, [.read, .write]) },
      { $0.unmap(0x3000) }, { $0.mapMemory(0x3000) }, { $0.setBits(EPCMEntry.pendingBit, of: 3) })
    table.addProtection(
      .entryNotCanonical, when: { $0.isNotCanonical(TCS.oentry) }, { $0.write(Self.notCanonical, 1, at: TCS.oentry) })
    table.addProtection(
      .baseNotCanonical, when: { $0.isNotCanonical(TCS.ofsBase) || $0.isNotCanonical(TCS.ogsBase) },
      { $0.setTCS(TCS.ofsBase, Self.notCanonical) }, { $0.setTCS(TCS.ogsBase, Self.notCanonical) })
    table.addProtection(.active, when: { $0.read(UInt64.self, 1, at: TCS.state) != 0 }, { $0.write(UInt64(1), 1, at: TCS.state) })
    table.addCETRows(.cetControl, .shadowStackPage)
    table.unreachable = [(.segments, Self.segments), (.tcsInUse, Reason.atomic)]
    table.verify()
  }

  /// A thread that an exception has thrown out.
  private static let interrupted: ThreadBench = {
    var bench = outside
    _ = bench.enter()
    _ = bench.exit(by: .interrupt)
    return bench
  }()

  @Test func rowsOfERESUME() {
    typealias Row = ERESUME.Check
    var table = CheckTable(good: threadSituation(Self.interrupted, ERESUME(tcs: ThreadBench.tcs, aep: ThreadBench.aep)))
    table.addCommonRows()
    table.addProtection(.noFrameSaved, when: { $0.cssa == 0 }, { $0.write(UInt32(0), 1, at: TCS.cssa) })
    table.addThreadFault(
      .xsavePage, at: { $0.frame(0).base }, .write, when: { $0.isUnresolved(0x2000) || $0.isUnusable(2, [.read, .write]) },
      { $0.unmap(0x2000) }, { $0.setBits(EPCMEntry.modifiedBit, of: 2) })
    table.addThreadFault(
      .gprPage, at: { $0.frame(0).gprAddress }, .write, when: { $0.isUnresolved(0x3000) || $0.isUnusable(3, [.read, .write]) },
      { $0.unmap(0x3000) }, { $0.setBits(EPCMEntry.blockedBit, of: 3) })
    table.addProtection(
      .noFrameLeft, when: { $0.wantsNotice && $0.cssa >= $0.nssa },
      { situation in
        situation.askForNotice()
        situation.write(UInt32(0), 1, at: TCS.nssa)
      })
    table.addThreadFault(
      .nextXSAVEPage, at: { $0.frame(1).base }, .write,
      when: { $0.wantsNotice && ($0.isUnresolved(0x4000) || $0.isUnusable(4, [.read, .write])) },
      { situation in
        situation.askForNotice()
        situation.unmap(0x4000)
      })
    table.addThreadFault(
      .nextGPRPage, at: { $0.frame(1).gprAddress }, .write,
      when: { $0.wantsNotice && ($0.isUnresolved(0x5000) || $0.isUnusable(5, [.read, .write])) },
      { situation in
        situation.askForNotice()
        situation.setBits(EPCMEntry.blockedBit, of: 5)
      })
    table.addProtection(
      .targetNotCanonical,
      when: { $0.wantsNotice ? $0.isNotCanonical(TCS.oentry) : !LinearAddress($0.saved(.rip)).isCanonical },
      { situation in
        situation.write(Self.notCanonical, 1, at: TCS.oentry)
        situation.write(Self.notCanonical, 3, at: SSAFrame.gprOffset + GPRField.rip.offset)
      })
    table.addProtection(
      .baseNotCanonical,
      when: { $0.wantsNotice ? $0.isNotCanonical(TCS.ofsBase) : !LinearAddress($0.saved(.fsBase)).isCanonical },
      { situation in
        situation.setTCS(TCS.ofsBase, Self.notCanonical)
        situation.write(Self.notCanonical, 3, at: SSAFrame.gprOffset + GPRField.fsBase.offset)
      })
    table.addProtection(.active, when: { $0.read(UInt64.self, 1, at: TCS.state) != 0 }, { $0.write(UInt64(1), 1, at: TCS.state) })
    table.addCETRows(.cetControl, .shadowStackPage)
    table.addProtection(
      .shadowStackState,
      when: { situation in
        let ssp: UInt64 = situation.read(8, at: 0), state: UInt64 = situation.read(8, at: 8)
        return !situation.wantsNotice && (ssp & 3 != 0 || state & ~3 != 0 || state == 3)
      },
      { $0.write(UInt64(2), 8, at: 0) }, { $0.write(UInt64(3), 8, at: 8) }, { $0.write(UInt64(8), 8, at: 8) })
    table.addProtection(
      .extendedState,
      when: { situation in
        let components: UInt64 = situation.read(2, at: 512), header: UInt64 = situation.read(2, at: 528), mxcsr: UInt32 = situation.read(2, at: 24)
        return !situation.wantsNotice && (components & ~3 != 0 || header != 0 || mxcsr >> 16 != 0)
      },
      { $0.write(UInt64(4), 2, at: 512) }, { $0.write(UInt64(1), 2, at: 528) }, { $0.write(UInt32(0x1_0000), 2, at: 24) })
    table.unreachable = [(.segments, Self.segments), (.tcsInUse, Reason.atomic)]
    let told = "an enclave that is told is not restored"
    for row in [Row.noFrameLeft, .nextXSAVEPage, .nextGPRPage] {
      table.impossible.append((row, .shadowStackState, told))
      table.impossible.append((row, .extendedState, told))
    }
    table.verify()
  }

  @Test func rowsOfEDECCSSA() {
    var bench = Self.outside
    _ = bench.enter()
    _ = bench.exit(by: .interrupt)
    #expect(bench.enter() == .done)
    var table = CheckTable(good: threadSituation(bench, EDECCSSA()))
    table.addProtection(.noFrame, when: { $0.cssa == 0 }, { $0.write(UInt32(0), 1, at: TCS.cssa) })
    table.addThreadFault(
      .xsavePage, at: { $0.frame(0).base }, .write, when: { $0.isUnresolved(0x2000) || $0.isUnusable(2, [.read, .write]) },
      { $0.unmap(0x2000) }, { $0.setBits(EPCMEntry.modifiedBit, of: 2) })
    table.addThreadFault(
      .gprPage, at: { $0.frame(0).gprAddress }, .write, when: { $0.isUnresolved(0x3000) || $0.isUnusable(3, [.read, .write]) },
      { $0.mapMemory(0x3000) }, { $0.setBits(EPCMEntry.blockedBit, of: 3) })
    table.addThreadFault(
      .shadowStackPage, at: { _ in ThreadBench.address(0x8000) }, .write,
      when: { $0.isUnresolved(0x8000) || $0.isUnusable(8, [.read, .write], type: .ssRest) }, { $0.unmap(0x8000) },
      { $0.setBits(EPCMEntry.blockedBit, of: 8) })
    table.unreachable = [(.tcsInUse, Reason.atomic)]
    table.verify()
  }

  @Test func rowOfEEXIT() {
    var bench = Self.outside
    _ = bench.enter()
    var table = CheckTable(good: threadSituation(bench, EEXIT(target: ThreadBench.aep)))
    table.addProtection(
      .targetNotCanonical, when: { !$0.leaf.leaf.target.isCanonical }, { $0.leaf.leaf.target = LinearAddress(Self.notCanonical) })
    table.verify()
  }
}

/// EENTER and ERESUME, whose first rows are the same.
protocol EnteringLeaf: ThreadLeaf {
  var tcs: LinearAddress { get set }
  var aep: LinearAddress { get set }
}

extension EENTER: EnteringLeaf {}
extension ERESUME: EnteringLeaf {}

extension CheckTable {
  fileprivate mutating func addCommonRows<T: EnteringLeaf>() where L == OnThread<T> {
    func check(_ row: EntryRow) -> L.Check { L.Check(rawValue: row.rawValue)! }
    addProtection(check(.tcsAlignment), when: { $0.leaf.leaf.tcs.rawValue % 4096 != 0 }, { $0.leaf.leaf.tcs.rawValue |= 8 })
    addThreadFault(
      check(.tcsNotEPC), at: { $0.leaf.leaf.tcs }, .read, when: { $0.isUnresolved(0x1000) }, { $0.unmap(0x1000) }, { $0.mapMemory(0x1000) })
    addProtection(check(.aepNotCanonical), when: { !$0.leaf.leaf.aep.isCanonical }, { $0.leaf.leaf.aep.rawValue = 1 << 47 })
    addThreadFault(
      check(.tcsNotUsable), at: { $0.leaf.leaf.tcs }, .read,
      when: { situation in
        let entry = situation.bench.entry(1)
        return !entry.isValid || entry.isBlocked || entry.isPending || entry.isModified || entry.type != .tcs
          || entry.address != ThreadBench.tcs
      },
      { $0.setBits(EPCMEntry.blockedBit, of: 1) }, { $0.setBits(EPCMEntry.pendingBit, of: 1) },
      { $0.setBits(EPCMEntry.modifiedBit, of: 1) }, { $0.setBits(1 << 16, of: 1) })
    addProtection(
      check(.ossaMisaligned), when: { $0.read(UInt64.self, 1, at: TCS.ossa) % 4096 != 0 }, { $0.setTCS(TCS.ossa, 8) })
    addProtection(
      check(.basesMisaligned),
      when: { ($0.read(UInt64.self, 1, at: TCS.ofsBase) | $0.read(UInt64.self, 1, at: TCS.ogsBase)) % 4096 != 0 },
      { $0.setTCS(TCS.ofsBase, 8) }, { $0.setTCS(TCS.ogsBase, 1) })
    addProtection(check(.reservedFlags), when: { $0.read(UInt64.self, 1, at: TCS.flags) & ~3 != 0 }, { $0.setTCS(TCS.flags, 4) })
    addProtection(check(.notInitialized), when: { $0.bench.processor.secsRecords[0]?.isInitialized == false }, { $0.undoEINIT() })
    addProtection(check(.otherMode), when: { !$0.leaf.cpu.control.is64Bit }, { $0.leaf.cpu.control.is64Bit = false })
    addProtection(check(.noFXSR), when: { !$0.leaf.cpu.control.osFXSR }, { $0.leaf.cpu.control.osFXSR = false })
    addProtection(
      check(.xfrmNotEnabled), when: { $0.leaf.cpu.control.xcr0.rawValue & 3 != 3 }, { $0.leaf.cpu.control.xcr0 = XFRM(rawValue: 1) })
    addProtection(
      check(.notifyMismatch),
      when: { situation in
        let flags: UInt64 = situation.read(1, at: TCS.flags)
        let attribute = situation.bench.processor.secsRecords[0]?.attributes.contains(.aexNotify) == true
        return flags & 1 == 0 && (flags & 2 != 0) != attribute
      },
      { situation in
        situation.bench.processor.secsRecords[0]?.attributes.formSymmetricDifference(.aexNotify)
      })
  }

  fileprivate mutating func addCETRows<T: EnteringLeaf>(_ control: L.Check, _ page: L.Check) where L == OnThread<T> {
    addProtection(
      control, when: { !$0.leaf.cpu.control.cet || $0.read(UInt64.self, 1, at: TCS.ocetSSA) % 16 != 0 },
      { $0.leaf.cpu.control.cet = false }, { $0.setTCS(TCS.ocetSSA, 8) })
    addThreadFault(
      page, at: { LinearAddress(ThreadBench.address(0).rawValue + $0.read(UInt64.self, 1, at: TCS.ocetSSA) + 16 * $0.shadowStackIndex) },
      .write, when: { $0.isUnresolved(0x8000) || $0.isUnusable(8, [.read, .write], type: .ssRest) }, { $0.unmap(0x8000) },
      { $0.mapMemory(0x8000) }, { $0.setBits(EPCMEntry.blockedBit, of: 8) }, { $0.clearBits(1 << 2, of: 8) })
  }
}

extension Situation {
  fileprivate var cssa: UInt32 { read(1, at: TCS.cssa) }
  fileprivate var nssa: UInt32 { read(1, at: TCS.nssa) }

  fileprivate mutating func setTCS(_ offset: Int, _ bits: UInt64) { write(read(UInt64.self, 1, at: offset) | bits, 1, at: offset) }

  fileprivate func isNotCanonical(_ offset: Int) -> Bool {
    !LinearAddress(ThreadBench.address(0).rawValue &+ read(UInt64.self, 1, at: offset)).isCanonical
  }

  /// Where frame `index` is, by the TCS as it stands.
  fileprivate func frame(_ index: UInt32) -> SSAFrame {
    SSAFrame(
      index: index, enclaveBase: ThreadBench.address(0), ossa: read(UInt64.self, 1, at: TCS.ossa), ssaFrameSize: 2, xfrm: .legacy, miscSelect: [])
  }

  fileprivate func saved(_ field: GPRField) -> UInt64 { read(UInt64.self, 3, at: SSAFrame.gprOffset + field.offset) }

  fileprivate var wantsNotice: Bool {
    read(UInt64.self, 1, at: TCS.flags) & 2 != 0 && read(UInt8.self, 3, at: SSAFrame.gprOffset + GPRField.aexNotify.offset) & 1 == 1
  }

  fileprivate mutating func askForNotice() {
    bench.processor.secsRecords[0]?.attributes.insert(.aexNotify)
    setTCS(TCS.flags, 2)
    write(UInt8(1), 3, at: SSAFrame.gprOffset + GPRField.aexNotify.offset)
  }
}

extension Situation {
  /// EENTER uses the frame of CSSA; ERESUME the saved one, or the next where the enclave is told.
  fileprivate var shadowStackIndex: UInt64 {
    guard L.name == .ERESUME else { return UInt64(cssa) }
    return wantsNotice ? UInt64(cssa) : UInt64(max(cssa, 1) - 1)
  }
}
