@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

/// The tables of EREPORT and EGETKEY. Their operands are in three pages, so that no row hides another.
@Suite struct KeyChecksTests {
  /// A third page that can be written: the pending one, accepted.
  private static let inside: ThreadBench = {
    var bench = ThreadBench(.server, attributes: [.mode64Bit])
    #expect(bench.enter() == .done)
    #expect(bench.storeSecInfo(0x20b) == nil)
    #expect(bench.run(EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000))) == .done)
    #expect(bench.store([UInt8](repeating: 0, count: 4096), at: 0xa000) == nil)
    #expect(bench.store([UInt8](repeating: 0, count: 4096), at: 0x6000) == nil)
    return bench
  }()

  @Test func rowsOfEREPORT() {
    let leaf = EREPORT(
      targetInfo: ThreadBench.address(0x6000), reportData: ThreadBench.address(0x9000), output: ThreadBench.address(0xa000))
    var table = CheckTable(good: threadSituation(Self.inside, leaf))
    table.addPlace(.targetInfoPlace, \.targetInfo, 512)
    table.addOperand(.targetInfoPage, \.targetInfo, 6, .read)
    table.addProtection(
      .targetInfoReserved, when: { $0.read(UInt8.self, 6, at: 49) != 0 || $0.read(UInt8.self, 6, at: 511) != 0 },
      { $0.write(UInt8(1), 6, at: 49) }, { $0.write(UInt8(1), 6, at: 511) })
    table.addPlace(.reportDataPlace, \.reportData, 128)
    table.addOperand(.reportDataPage, \.reportData, 9, .read)
    table.addPlace(.outputPlace, \.output, 512)
    table.addOperand(.outputPage, \.output, 10, .write)
    table.verify()
  }

  @Test func rowsOfEGETKEY() {
    let leaf = EGETKEY(request: ThreadBench.address(0x6000), output: ThreadBench.address(0xa000))
    var bench = Self.inside
    #expect(bench.store(KeyRequest(.seal).bytes, at: 0x6000) == nil)
    var table = CheckTable(good: threadSituation(bench, leaf))
    table.addPlace(.requestPlace, \.request, 512)
    table.addOperand(.requestPage, \.request, 6, .read)
    table.addPlace(.outputPlace, \.output, 16)
    table.addOperand(.outputPage, \.output, 10, .write)
    table.addProtection(
      .reserved, when: { $0.policy >> 6 != 0 || $0.read(UInt8.self, 6, at: 78) != 0 || $0.read(UInt8.self, 6, at: 7) != 0 },
      { $0.write($0.policy | 1 << 6, 6, at: 2) }, { $0.write(UInt8(1), 6, at: 78) }, { $0.write(UInt8(1), 6, at: 7) })
    table.addProtection(
      .kss, when: { !$0.hasKSS && ($0.policy & 0x3c != 0 || $0.configSVN != 0) }, { $0.write($0.policy | 4, 6, at: 2) },
      { $0.write(UInt16(1), 6, at: 76) })
    table.add(
      .keyName, answer: { _ in .code(.SGX_INVALID_KEYNAME, row: 7) }, when: { $0.keyName > 4 }, { $0.write(UInt16(5), 6, at: 0) },
      { $0.write(UInt16(0x104), 6, at: 0) })
    table.add(
      .attribute, answer: { _ in .code(.SGX_INVALID_ATTRIBUTE, row: 8) }, when: { $0.keyName < 3 }, { $0.write(UInt16(0), 6, at: 0) },
      { $0.write(UInt16(1), 6, at: 0) }, { $0.write(UInt16(2), 6, at: 0) })
    table.add(
      .cpuSVN, answer: { _ in .code(.SGX_INVALID_CPUSVN, row: 9) },
      when: { situation in (8..<24).contains { situation.read(UInt8.self, 6, at: $0) > 1 } }, { $0.write(UInt8(2), 6, at: 8) },
      { $0.write(UInt8(2), 6, at: 23) })
    table.add(
      .isvSVN, answer: { _ in .code(.SGX_INVALID_ISVSVN, row: 10) }, when: { $0.read(UInt16.self, 6, at: 4) > 2 },
      { $0.write(UInt16(3), 6, at: 4) })
    table.add(
      .configSVN, answer: { _ in .code(.SGX_INVALID_ISVSVN, row: 11) }, when: { $0.hasKSS && $0.configSVN > 0 },
      { situation in
        situation.bench.processor.secsRecords[0]?.attributes.insert(.kss)
        situation.write(UInt16(1), 6, at: 76)
      })
    table.impossible = [
      (.keyName, .attribute, "a request has one name"),
      (.kss, .configSVN, "one asks for an enclave without KSS, the other for one with it"),
    ]
    table.verify()
  }

  /// A report key has no policy and no versions of its own.
  @Test func aReportKeyLooksAtNoVersion() {
    var bench = Self.inside
    var request = KeyRequest(.report)
    request.isvSVN = .max
    request[.cpuSVN] = [UInt8](repeating: 0xff, count: 16)
    #expect(bench.store(request.bytes, at: 0x6000) == nil)
    #expect(bench.run(EGETKEY(request: ThreadBench.address(0x6000), output: ThreadBench.address(0xa000))) == .done)
  }
}

extension CheckTable {
  /// A row about where an operand may be.
  fileprivate mutating func addPlace<T: ThreadLeaf>(
    _ check: L.Check, _ operand: WritableKeyPath<T, LinearAddress>, _ size: UInt64
  ) where L == OnThread<T> {
    addProtection(
      check,
      when: { situation in
        let address = situation.leaf.leaf[keyPath: operand].rawValue
        return address % size != 0 || address &- ThreadBench.address(0).rawValue >= 0x10000
      },
      { $0.leaf.leaf[keyPath: operand].rawValue += size / 2 }, { $0.leaf.leaf[keyPath: operand].rawValue += 0x10_0000 })
  }

  /// A row about the page of an operand.
  fileprivate mutating func addOperand<T: ThreadLeaf>(
    _ check: L.Check, _ operand: KeyPath<T, LinearAddress>, _ page: UInt32, _ access: MemoryAccess
  ) where L == OnThread<T> {
    let offset = UInt64(page) * 4096
    addThreadFault(
      check, at: { $0.leaf.leaf[keyPath: operand] }, access, when: { $0.isUnresolved(offset) || $0.isUnusable(page, access.right) },
      { $0.unmap(offset) }, { $0.mapMemory(offset) }, { $0.setBits(EPCMEntry.blockedBit, of: page) },
      { $0.setBits(EPCMEntry.modifiedBit, of: page) }, { $0.giveAway(page) },
      { $0.clearBits(UInt64(access.right.rawValue) << 1, of: page) })
  }
}

extension Situation {
  fileprivate var keyName: UInt16 { read(6, at: 0) }
  fileprivate var policy: UInt16 { read(6, at: 2) }
  fileprivate var configSVN: UInt16 { read(6, at: 76) }
  fileprivate var hasKSS: Bool { bench.processor.secsRecords[0]?.attributes.contains(.kss) == true }
}
