import SGXArchitecture
import Testing

/// Attribute bits, leaf numbers, codes and sizes against the manual's numbers.
@Suite struct NumberTests {
  @Test func bitsOfAttributes() {
    let table: [(String, AttributeFlags, UInt64)] = [
      ("INIT", .initialized, 0x1), ("DEBUG", .debug, 0x2), ("MODE64BIT", .mode64Bit, 0x4),
      ("PROVISIONKEY", .provisionKey, 0x10), ("EINITTOKENKEY", .einitTokenKey, 0x20), ("CET", .cet, 0x40),
      ("KSS", .kss, 0x80), ("AEXNOTIFY", .aexNotify, 0x400),
    ]
    for (name, flag, bit) in table { #expect(flag.rawValue == bit, "\(name)") }
    #expect(MiscSelect.exInfo.rawValue == 1)
    #expect(MiscSelect.cpInfo.rawValue == 2)
  }

  @Test func numbersOfLeaves() {
    let encls: [(String, UInt8)] = [
      ("ECREATE", 0x00), ("EADD", 0x01), ("EINIT", 0x02), ("EREMOVE", 0x03), ("EDBGRD", 0x04), ("EDBGWR", 0x05),
      ("EEXTEND", 0x06), ("ELDB", 0x07), ("ELDU", 0x08), ("EBLOCK", 0x09), ("EPA", 0x0a), ("EWB", 0x0b),
      ("ETRACK", 0x0c), ("EAUG", 0x0d), ("EMODPR", 0x0e), ("EMODT", 0x0f), ("ERDINFO", 0x10), ("ETRACKC", 0x11),
      ("ELDBC", 0x12), ("ELDUC", 0x13), ("EUPDATESVN", 0x18),
    ]
    let enclu: [(String, UInt8)] = [
      ("EREPORT", 0), ("EGETKEY", 1), ("EENTER", 2), ("ERESUME", 3), ("EEXIT", 4), ("EACCEPT", 5), ("EMODPE", 6), ("EACCEPTCOPY", 7),
      ("EVERIFYREPORT2", 8), ("EDECCSSA", 9),
    ]
    let enclv: [(String, UInt8)] = [("EDECVIRTCHILD", 0), ("EINCVIRTCHILD", 1), ("ESETCONTEXT", 2)]
    let tables: [(SGXInstruction, [(String, UInt8)])] = [(.ENCLS, encls), (.ENCLU, enclu), (.ENCLV, enclv)]
    #expect(tables.reduce(0) { $0 + $1.1.count } == LeafName.allCases.count)
    for (instruction, table) in tables {
      for (name, number) in table {
        #expect(LeafName(name: name)?.instruction == instruction, "\(name)")
        #expect(LeafName(name: name)?.number == number, "\(name)")
        #expect(LeafName(instruction, number: number)?.name == name)
      }
    }
    #expect(LeafName(.ENCLS, number: 0x14) == nil)
    #expect(LeafName(.ENCLU, number: 10) == nil)
    #expect(LeafName(.ENCLV, number: 3) == nil)
    #expect(LeafName(name: "eadd") == nil)
  }

  @Test func numbersOfCodes() {
    let table: [(String, UInt32)] = [
      ("SGX_INVALID_SIG_STRUCT", 1), ("SGX_INVALID_ATTRIBUTE", 2), ("SGX_BLKSTATE", 3), ("SGX_INVALID_MEASUREMENT", 4),
      ("SGX_NOTBLOCKABLE", 5), ("SGX_PG_INVLD", 6), ("SGX_EPC_PAGE_CONFLICT", 7), ("SGX_INVALID_SIGNATURE", 8),
      ("SGX_MAC_COMPARE_FAIL", 9), ("SGX_PAGE_NOT_BLOCKED", 10), ("SGX_NOT_TRACKED", 11), ("SGX_VA_SLOT_OCCUPIED", 12),
      ("SGX_CHILD_PRESENT", 13), ("SGX_ENCLAVE_ACT", 14), ("SGX_ENTRYEPOCH_LOCKED", 15), ("SGX_INVALID_EINITTOKEN", 16),
      ("SGX_PREV_TRK_INCMPL", 17), ("SGX_PG_IS_SECS", 18), ("SGX_PAGE_ATTRIBUTES_MISMATCH", 19),
      ("SGX_PAGE_NOT_MODIFIABLE", 20), ("SGX_PAGE_NOT_DEBUGGABLE", 21), ("SGX_INVALID_COUNTER", 25),
      ("SGX_PG_NONEPC", 26), ("SGX_TRACK_NOT_REQUIRED", 27), ("SGX_INVALID_REPORTMACSTRUCT", 28),
      ("SGX_INSUFFICIENT_ENTROPY", 29), ("SGX_EPC_NOT_READY", 30), ("SGX_NO_UPDATE", 31), ("SGX_INVALID_CPUSVN", 32),
      ("SGX_INVALID_ISVSVN", 64), ("SGX_UNMASKED_EVENT", 128), ("SGX_INVALID_KEYNAME", 256),
    ]
    #expect(table.count == LeafError.allCases.count)
    for (name, number) in table {
      #expect(LeafError(name: name)?.rawValue == number, "\(name)")
      #expect(LeafError(rawValue: number)?.name == name)
    }
    #expect(LeafError(name: "EPERM") == nil)
  }

  @Test func facesOfFaults() {
    let table: [(CPUFault, UInt32, UInt32, String)] = [
      (.invalidOpcode, 6, 0, "#UD"), (.generalProtection, 13, 0, "#GP"),
      (.pageFault(address: EPCAddress(1), write: true), 14, 0x8003, "#PF"),
      (.pageFault(address: EPCAddress(1), write: false), 14, 0x8001, "#PF"),
    ]
    for (fault, vector, errorCode, name) in table {
      #expect(fault.vector == vector)
      #expect(fault.errorCode == errorCode)
      #expect(fault.name == name)
    }
  }

  @Test func sizesOfTheSaveArea() {
    let table: [(UInt64, Int)] = [
      (0x3, 576), (0x7, 832), (0x1f, 1088), (0xe7, 2688), (0x2e7, 2696), (0x602e7, 11008),
      (0x203, 2696), (0x60003, 11008),
    ]
    for (xfrm, size) in table { #expect(XFRM(rawValue: xfrm).saveAreaSize == size, "XFRM \(String(xfrm, radix: 16))") }
  }

  @Test func sizesOfTheMiscArea() {
    #expect((0..<4).map { MiscSelect(rawValue: $0).areaSize } == [0, 16, 32, 32])
  }

  /// Every combination of the bits that have names, against the rules of XSETBV written out as pairs.
  @Test func legalXFRMs() {
    let bits: [UInt64] = [0, 1, 2, 3, 4, 5, 6, 7, 9, 17, 18]
    for choice in 0..<(1 << bits.count) {
      let set = Set(bits.indices.filter { choice >> $0 & 1 == 1 }.map { bits[$0] })
      let needs: [(UInt64, UInt64)] = [(3, 4), (4, 3), (5, 6), (6, 7), (7, 5), (5, 2), (17, 18), (18, 17)]
      let isLegal = set.isSuperset(of: [0, 1]) && needs.allSatisfy { !set.contains($0) || set.contains($1) }
      let value = set.reduce(UInt64(0)) { $0 | 1 << $1 }
      #expect(XFRM(rawValue: value).isLegal == isLegal, "XFRM \(String(value, radix: 16))")
    }
    for bit: UInt64 in [8, 10, 16, 19, 62, 63] { #expect(!XFRM(rawValue: 3 | 1 << bit).isLegal, "bit \(bit)") }
  }

  @Test func canonicalAddresses() {
    for address: UInt64 in [0, 0x7fff_ffff_ffff, 0xffff_8000_0000_0000, .max] { #expect(LinearAddress(address).isCanonical) }
    for address: UInt64 in [0x8000_0000_0000, 0xffff_7fff_ffff_ffff, 1 << 63] { #expect(!LinearAddress(address).isCanonical) }
  }

  @Test func numbersInBytes() {
    var bytes = [UInt8](repeating: 0xee, count: 10)
    bytes.store(UInt32(0x0403_0201), at: 3)
    #expect(bytes.hex == "eeeeee01020304eeeeee")
    #expect(bytes.load(UInt32.self, at: 3) == 0x0403_0201)
    #expect(bytes.load(UInt64.self, at: 2) == 0xeeee_ee04_0302_01ee)
  }
}
