@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// The tables of ELDU and ELDB, which are one.
@Suite struct LoadingChecksTests {
  @Test func rowsOfELDU() {
    let evicted = Evicted.made
    var table = CheckTable(
      good: Situation(
        bench: evicted.bench,
        leaf: ELDU(
          sealed: evicted.child.sealed, linearAddress: evicted.child.linearAddress, secs: evicted.bench.address(0),
          target: evicted.bench.address(7), versionSlot: evicted.bench.slot(0, of: 3))))
    table.fill(evicted)
    table.verify()
  }

  @Test func rowsOfELDB() {
    let evicted = Evicted.made
    var table = CheckTable(
      good: Situation(
        bench: evicted.bench,
        leaf: ELDB(
          sealed: evicted.child.sealed, linearAddress: evicted.child.linearAddress, secs: evicted.bench.address(0),
          target: evicted.bench.address(7), versionSlot: evicted.bench.slot(0, of: 3))))
    table.fill(evicted)
    table.verify()
  }
}

/// An evicted page as the processor would know it again.
struct Genuine {
  let sealed: SealedPage
  let version: UInt64
  let enclaveID: UInt64
  var linearAddress: LinearAddress { sealed.linearAddress }
}

/// Pages 0: SECS, 2: a page of it, 3: version array; evicted: a page of that SECS in slot 0, an array in slot 1, a SECS in slot 2;
/// another SECS in 4. The rest is free.
struct Evicted {
  var bench = Bench(.serverWithCET, pageCount: 10)
  var child: Genuine
  var array: Genuine
  var secs: Genuine
  var all: [Genuine] { [child, array, secs] }

  static let made: Evicted = {
    var bench = Bench(.serverWithCET, pageCount: 10)
    _ = bench.create(at: 0)
    _ = bench.add(.fill(9), at: 0x1000, in: 1, of: 0)
    _ = bench.add(.zero, SecInfo(type: .tcs), at: 0x2000, in: 2, of: 0)
    _ = bench.makeVersionArray(3)
    _ = bench.create(at: 4)
    _ = bench.create(at: 5)
    _ = bench.makeVersionArray(6)
    let child = Genuine(sealed: bench.evict(1, of: 0, to: 0, of: 3)!, version: 1, enclaveID: 1)
    let array = Genuine(sealed: bench.writeBack(6, to: 1, of: 3).sealed!, version: 2, enclaveID: 0)
    let secs = Genuine(sealed: bench.writeBack(5, to: 2, of: 3).sealed!, version: 3, enclaveID: 0)
    return Evicted(bench: bench, child: child, array: array, secs: secs)
  }()
}

extension CheckTable where L: LoadingLeaf {
  fileprivate mutating func fill(_ evicted: Evicted) {
    addOperandRows()
    addSECSRows(evicted)
    unreachable = [
      (.targetInUse, Reason.atomic), (.versionArrayInUse, Reason.atomic), (.secsInUse, Reason.atomic),
    ]
    let oneType = "the type asks for a SECS or forbids it"
    impossible = [
      (.targetNotEPC, .targetValid, Reason.noEntry), (.slotNotEPC, .notVersionArray, Reason.noEntry),
      (.secsNotEPC, .secsNotValid, Reason.noEntry), (.secsAlignment, .secsGiven, oneType),
      (.secsNotEPC, .secsGiven, oneType), (.secsNotValid, .secsGiven, oneType),
    ]
  }

  private mutating func addOperandRows() {
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
      .pageInfoAlignment,
      when: { situation in
        let pageInfo = situation.leaf.pageInfo
        return situation.isMisaligned(pageInfo.secInfoAddress, to: 128) || situation.isMisaligned(pageInfo.sourceAddress, to: 4096)
      },
      { $0.leaf.pageInfo.secInfoAddress.rawValue |= 64 }, { $0.leaf.pageInfo.sourceAddress.rawValue |= 2048 })
    addPageFault(
      .targetValid, at: \.target, write: true, when: { $0.entry($0.leaf.target)?.isValid == true },
      { $0.move(\.target, to: 0) }, { $0.move(\.target, to: 2) }, { $0.move(\.target, to: 3) })
    addPageFault(
      .notVersionArray, at: \.versionSlot, write: true,
      when: { situation in situation.entry(situation.leaf.versionSlot).map { $0.state != .versionArray } ?? false },
      { $0.move(\.versionSlot, to: 0) }, { $0.move(\.versionSlot, to: 2) }, { $0.move(\.versionSlot, to: 9) })
  }

  private mutating func addSECSRows(_ evicted: Evicted) {
    addProtection(
      .secsAlignment, when: { $0.wantsSECS && $0.isMisaligned($0.leaf.pageInfo.secs, to: 4096) },
      { $0.leaf.pageInfo.secs.rawValue |= 2048 })
    addPageFault(
      .secsNotEPC, at: \.pageInfo.secs, write: false, when: { $0.wantsSECS && $0.page($0.leaf.pageInfo.secs) == nil },
      { $0.moveOutOfEPC(\.pageInfo.secs) }, { $0.moveBeforeEPC(\.pageInfo.secs) }, { $0.leaf.pageInfo.secs.rawValue %= 4096 })
    addPageFault(
      .secsNotValid, at: \.pageInfo.secs, write: false,
      when: { situation in
        situation.wantsSECS && situation.entry(situation.leaf.pageInfo.secs).map { $0.state != .secs } ?? false
      },
      { $0.move(\.pageInfo.secs, to: 2) }, { $0.move(\.pageInfo.secs, to: 3) }, { $0.move(\.pageInfo.secs, to: 9) })
    addProtection(
      .secsGiven, when: { !$0.wantsSECS && $0.leaf.pageInfo.secs.rawValue != 0 },
      { $0.hand(evicted.array, slot: 1) }, { $0.hand(evicted.secs, slot: 2) })
    add(
      .macMismatch, answer: { _ in .code(.SGX_MAC_COMPARE_FAIL, row: 15) }, when: { !$0.isGenuine(evicted.all) },
      { $0.leaf.sealed.ciphertext = .zero }, { $0.leaf.sealed.pcmd.mac.high ^= 1 }, { $0.leaf.sealed.pcmd[byte: 0] ^= 1 },
      { $0.leaf.sealed.pcmd[byte: 63] ^= 1 }, { $0.leaf.sealed.pcmd[byte: 72] ^= 1 },
      { $0.leaf.pageInfo.linearAddress.rawValue ^= 0x1000 }, { $0.leaf.versionSlot.rawValue += 3 * 8 },
      { situation in if situation.leaf.pageInfo.secs == situation.bench.address(0) { situation.move(\.pageInfo.secs, to: 4) } })
  }
}

extension Situation where L: LoadingLeaf {
  fileprivate var wantsSECS: Bool { [1, 2, 4, 5, 6].contains(leaf.sealed.pcmd.secInfo.flags >> 8 & 0xff) }

  /// Another evicted page in the place of this one, with its slot and its address; the SECS stays.
  fileprivate mutating func hand(_ other: Genuine, slot: Int) {
    leaf.sealed = other.sealed
    leaf.pageInfo.linearAddress = other.linearAddress
    leaf.versionSlot.rawValue += UInt64(slot) * 8
  }

  /// True where everything authenticated belongs together. What another row keeps unknown, owner or version, is taken to fit.
  fileprivate func isGenuine(_ pages: [Genuine]) -> Bool {
    var owner: UInt64? = wantsSECS ? nil : 0
    if wantsSECS, let entry = entry(leaf.pageInfo.secs), entry.state == .secs {
      owner = bench.processor.secsRecord(of: entry).enclaveID
    }
    var version: UInt64?
    if let array = page(leaf.versionSlot), bench.entry(array).state == .versionArray {
      version = bench.version(Int(leaf.versionSlot.rawValue % 4096 / 8), of: array)
    }
    return pages.contains { page in
      var pcmd = leaf.sealed.pcmd
      pcmd.enclaveID = page.sealed.pcmd.enclaveID
      return pcmd == page.sealed.pcmd && leaf.sealed.ciphertext.bytes() == page.sealed.ciphertext.bytes()
        && leaf.pageInfo.linearAddress == page.linearAddress && (owner ?? page.enclaveID) == page.enclaveID
        && (version ?? page.version) == page.version
    }
  }
}
