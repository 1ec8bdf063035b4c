import SGXArchitecture
import SGXProcessor
import TestSupport
import Testing

/// Row 11 of EADD, type by type: what a page must hold and which rights it may have.
@Suite struct PageContentsRulesTests {
  static let allRights = (0..<8).map { PagePermissions(rawValue: $0) }

  /// Adds one page at `offset` of an enclave of 8000h bytes and says whether row 11 let it in.
  private func isAdmitted(
    _ contents: PageContents, _ secInfo: SecInfo, at offset: UInt64 = 0x1000,
    to attributes: AttributeFlags = .mode64Bit, on profile: ProcessorProfile = .serverWithCET
  ) -> Bool {
    var bench = Bench(profile)
    let secs = SECS(size: 0x8000, baseAddress: LinearAddress(0x10_0000), attributes: attributes)
    #expect(bench.create(secs, at: 0).isDone)
    let outcome = bench.add(contents, secInfo, at: offset, in: 1, of: 0)
    #expect(outcome == .done || outcome == .fault(.generalProtection, row: 11), "another row refused the page")
    return outcome.isDone
  }

  private func page(_ bytes: [Int: UInt8]) -> PageContents {
    var page = [UInt8](repeating: 0, count: 4096)
    for (offset, byte) in bytes { page[offset] = byte }
    return PageContents(page)
  }

  @Test(arguments: allRights) func aRegularPageThatIsWrittenIsRead(rights: PagePermissions) {
    let admitted = isAdmitted(.fill(3), SecInfo(type: .reg, permissions: rights))
    #expect(admitted == (rights.contains(.read) || !rights.contains(.write)))
  }

  @Test(arguments: [ProcessorProfile.client, .server, .serverWithCET])
  func aTCSHasReservedBytes(profile: ProcessorProfile) {
    let hasCET = profile.hasCET
    let table: [(offset: Int, isAdmitted: Bool)] = [
      (71, true), (72, hasCET), (79, hasCET), (80, false), (87, false), (88, false), (4095, false),
    ]
    for (offset, expected) in table {
      #expect(isAdmitted(page([offset: 1]), SecInfo(type: .tcs), on: profile) == expected, "TCS offset \(offset)")
    }
  }

  @Test func flagsOfATCSAreNotCheckedHere() {
    #expect(isAdmitted(page([TCS.flags: 0xff, TCS.flags + 7: 0xff]), SecInfo(type: .tcs)))
  }

  @Test(arguments: [
    (0xfff, 0xfff, true), (.max, .max, true), (0xffe, 0xfff, false), (0xfff, 0x7ff, false), (0, 0, false),
    (0x1000, 0x1fff, false),
  ] as [(UInt32, UInt32, Bool)])
  func a32BitTCSHasLimitsOfWholePages(fsLimit: UInt32, gsLimit: UInt32, isGood: Bool) {
    let contents = PageContents(TCS.image(ossa: 0, nssa: 1, fsLimit: fsLimit, gsLimit: gsLimit))
    #expect(isAdmitted(contents, SecInfo(type: .tcs), to: []) == isGood)
    #expect(isAdmitted(contents, SecInfo(type: .tcs), to: .mode64Bit))
  }

  @Test func a32BitTCSOfZerosIsRefusedHoweverItIsDescribed() {
    for contents in [PageContents.zero, PageContents([])] {
      #expect(!isAdmitted(contents, SecInfo(type: .tcs), to: []))
      #expect(isAdmitted(contents, SecInfo(type: .tcs), to: .mode64Bit))
    }
  }

  @Test(arguments: allRights) func aShadowStackIsReadAndWritten(rights: PagePermissions) {
    #expect(isAdmitted(.zero, SecInfo(type: .ssRest, permissions: rights)) == (rights == [.read, .write]))
  }

  @Test(arguments: [(0, false), (0x1000, true), (0x6000, true), (0x7000, false)] as [(UInt64, Bool)])
  func aShadowStackIsNotAtTheEdge(offset: UInt64, isGood: Bool) {
    #expect(isAdmitted(.zero, SecInfo(type: .ssRest, permissions: [.read, .write]), at: offset) == isGood)
  }

  @Test func aShadowStackIsZeroUpToItsToken() {
    let secInfo = SecInfo(type: .ssRest, permissions: [.read, .write])
    for offset in [0, 4087, 4088, 4095] { #expect(!isAdmitted(page([offset: 1]), secInfo), "offset \(offset)") }
    #expect(!isAdmitted(.fill(1), secInfo))
  }

  @Test(arguments: [
    (0x10_2001, [.mode64Bit], true), (0x10_2000, [.mode64Bit], false), (0x10_1001, [.mode64Bit], false),
    (0, [.mode64Bit], false), (0x10_2000, [], true), (0x10_2001, [], false),
  ] as [(UInt64, AttributeFlags, Bool)])
  func theFirstShadowStackPageHoldsItsToken(token: UInt64, attributes: AttributeFlags, isGood: Bool) {
    let secInfo = SecInfo(type: .ssFirst, permissions: [.read, .write])
    #expect(isAdmitted(VectorPage.shadowStack(token: token), secInfo, to: attributes) == isGood)
  }
}
