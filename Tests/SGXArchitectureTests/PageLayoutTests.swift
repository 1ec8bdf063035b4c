import SGXArchitecture
import Testing

/// TCS, SECINFO, page types and rights against the manual's numbers.
@Suite struct PageLayoutTests {
  @Test func offsetsOfTheTCS() {
    let table: [(String, Int, Int)] = [
      ("STATE", TCS.state, 0), ("FLAGS", TCS.flags, 8), ("OSSA", TCS.ossa, 16), ("CSSA", TCS.cssa, 24),
      ("NSSA", TCS.nssa, 28), ("OENTRY", TCS.oentry, 32), ("AEP", TCS.aep, 40), ("OFSBASE", TCS.ofsBase, 48),
      ("OGSBASE", TCS.ogsBase, 56), ("FSLIMIT", TCS.fsLimit, 64), ("GSLIMIT", TCS.gsLimit, 68),
      ("OCETSSA", TCS.ocetSSA, 72), ("PREVSSP", TCS.prevSSP, 80), ("reserved without CET", TCS.reserved, 72),
      ("reserved with CET", TCS.reservedWithCET, 88),
    ]
    for (name, ours, manual) in table { #expect(ours == manual, "\(name)") }
    #expect(TCS.dbgOptIn == 1)
  }

  @Test func aTCSImageHoldsItsFieldsAtTheManualsOffsets() {
    let image = TCS.image(
      ossa: 0x1111_1111_1111_1111, nssa: 0x2222_2222, oentry: 0x3333_3333_3333_3333, flags: 0x4444_4444_4444_4444,
      fsLimit: 0x5555_5555, gsLimit: 0x6666_6666)
    var expected = [UInt8](repeating: 0, count: 4096)
    for (range, byte) in [(8..<16, 0x44), (16..<24, 0x11), (28..<32, 0x22), (32..<40, 0x33), (64..<68, 0x55), (68..<72, 0x66)] {
      for offset in range { expected[offset] = UInt8(byte) }
    }
    #expect(image == expected)
  }

  @Test func typesOfPages() {
    let table: [(PageType, UInt8, String, Bool)] = [
      (.secs, 0, "SECS", false), (.tcs, 1, "TCS", true), (.reg, 2, "REG", true), (.va, 3, "VA", false),
      (.trim, 4, "TRIM", true), (.ssFirst, 5, "SS_FIRST", true), (.ssRest, 6, "SS_REST", true),
    ]
    #expect(table.count == PageType.allCases.count)
    for (type, number, name, isChild) in table {
      #expect(type.rawValue == number)
      #expect(type.name == name)
      #expect(type.isChild == isChild, "\(name)")
    }
    #expect(PageType(rawValue: 7) == nil)
  }

  @Test func bitsOfTheRights() {
    #expect(PagePermissions.read.rawValue == 1)
    #expect(PagePermissions.write.rawValue == 2)
    #expect(PagePermissions.execute.rawValue == 4)
    let words = (0..<8).map { PagePermissions(rawValue: $0).description }
    #expect(words == ["---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx"])
  }

  @Test func flagsOfSecInfo() {
    #expect(SecInfo.size == 64)
    #expect(SecInfo.pending == 0x08)
    #expect(SecInfo.modified == 0x10)
    #expect(SecInfo.permissionRestriction == 0x20)
    #expect(SecInfo.reservedFlags == 0xffff_ffff_ffff_00c0)
    let table: [(PageType, PagePermissions, UInt64)] = [
      (.reg, [.read], 0x201), (.reg, [.read, .write], 0x203), (.reg, [.read, .execute], 0x205),
      (.reg, [.read, .write, .execute], 0x207), (.tcs, [], 0x100), (.ssFirst, [.read, .write], 0x503),
      (.ssRest, [.read, .write], 0x603),
    ]
    for (type, permissions, flags) in table {
      #expect(SecInfo(type: type, permissions: permissions).flags == flags)
      #expect(SecInfo(flags: flags).type == type)
      #expect(SecInfo(flags: flags).permissions == permissions)
    }
    #expect(SecInfo(flags: 0x700).type == nil)
    #expect(SecInfo(flags: 0xff00).type == nil)
  }

  @Test func reservedBytesOfSecInfoAreFiftySix() {
    for byte in 0..<56 {
      var reserved = SecInfo.Reserved()
      #expect(reserved.isZero)
      reserved.setByte(byte, to: 0x80)
      #expect(!reserved.isZero, "byte \(byte)")
      #expect(reserved != SecInfo.Reserved(), "byte \(byte)")
    }
  }

  @Test func sizesThatEverythingIsCountedIn() {
    #expect(pageSize == 4096)
    #expect(extendChunkSize == 256)
    #expect(extendChunksPerPage == 16)
    #expect(gprAreaSize == 184)
    #expect(SECS.size == 4096)
  }

  @Test func contentsReadAlikeHoweverTheyAreDescribed() {
    let block = ContentBlock((0..<5000).map { UInt8($0 % 251) })
    let second = PageContents.bytes(block, offset: 4096).bytes()
    #expect(Array(second[..<904]) == (4096..<5000).map { UInt8($0 % 251) })
    #expect(second[904...].allSatisfy { $0 == 0 }, "past the end of a block there are zeros")
    #expect(PageContents.bytes(block, offset: 8192).bytes() == PageContents.zero.bytes())
    #expect(PageContents([1, 2]).bytes() == [1, 2] + [UInt8](repeating: 0, count: 4094))
    #expect(PageContents.fill(7).bytes() == [UInt8](repeating: 7, count: 4096))
  }
}
