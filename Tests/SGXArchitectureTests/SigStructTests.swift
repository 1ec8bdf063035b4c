@testable import SGXArchitecture
import TestSupport
import Testing

@Suite struct SigStructTests {
  @Test func fieldsTileTheImage() {
    var end = 0
    for field in SigStruct.Field.allCases {
      #expect(field.range.lowerBound == end, "\(field.name)")
      end = field.range.upperBound
    }
    #expect(end == SigStruct.size)
    #expect(Set(SigStruct.Field.allCases.map(\.name)).count == SigStruct.Field.allCases.count)
  }

  /// Offsets as the manual's table prints them, written again.
  @Test(arguments: [
    (SigStruct.Field.header, 0, 16), (.vendor, 16, 4), (.date, 20, 4), (.header2, 24, 16), (.swDefined, 40, 4), (.modulus, 128, 384),
    (.exponent, 512, 4), (.signature, 516, 384), (.miscSelect, 900, 4), (.miscMask, 904, 4), (.cetAttributes, 908, 1),
    (.cetAttributesMask, 909, 1), (.isvFamilyID, 912, 16), (.attributes, 928, 16), (.attributeMask, 944, 16),
    (.enclaveHash, 960, 32), (.isvExtProdID, 1008, 16), (.isvProdID, 1024, 2), (.isvSVN, 1026, 2), (.q1, 1040, 384), (.q2, 1424, 384),
  ])
  func fieldsLieWhereTheManualHasThem(field: SigStruct.Field, offset: Int, size: Int) {
    #expect(field.range == offset..<(offset + size))
    let unsigned: [SigStruct.Field] = [.modulus, .exponent, .signature, .q1, .q2]
    #expect(field.isSigned == !unsigned.contains(field))
  }

  @Test func aLastReservedAreaIsNotSigned() {
    #expect(!SigStruct.Field.reserved1028.isSigned)
    #expect(SigStruct.Field.reserved44.isSigned)
    #expect(SigStruct.Field.reserved992.isSigned)
  }

  /// Each property writes its own bytes and reads them back.
  @Test func propertiesAreTheirFields() {
    func check<Value: Equatable>(_ path: WritableKeyPath<SigStruct, Value>, _ value: Value, at range: Range<Int>, _ bytes: [UInt8]) {
      var changed = SigStruct()
      changed[keyPath: path] = value
      #expect(changed[keyPath: path] == value)
      #expect(Array(changed.bytes[range]) == bytes)
      var restored = changed
      for offset in range { restored[offset: offset] = SigStruct().bytes[offset] }
      #expect(restored == SigStruct(), "a property wrote outside \(range)")
    }
    let eight: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
    check(\.vendor, 0x0102_0304, at: 16..<20, [4, 3, 2, 1])
    check(\.date, 0x0102_0304, at: 20..<24, [4, 3, 2, 1])
    check(\.swDefined, 0x0102_0304, at: 40..<44, [4, 3, 2, 1])
    check(\.exponent, 0x0102_0304, at: 512..<516, [4, 3, 2, 1])
    check(\.miscSelect, MiscSelect(rawValue: 0x0102_0304), at: 900..<904, [4, 3, 2, 1])
    check(\.miscMask, MiscSelect(rawValue: 0x0102_0304), at: 904..<908, [4, 3, 2, 1])
    check(\.cetAttributes, 9, at: 908..<909, [9])
    check(\.cetAttributesMask, 9, at: 909..<910, [9])
    check(\.attributes, AttributeFlags(rawValue: 0x0102_0304_0506_0708), at: 928..<936, eight)
    check(\.xfrm, XFRM(rawValue: 0x0102_0304_0506_0708), at: 936..<944, eight)
    check(\.attributeMask, AttributeFlags(rawValue: 0x0102_0304_0506_0708), at: 944..<952, eight)
    check(\.xfrmMask, XFRM(rawValue: 0x0102_0304_0506_0708), at: 952..<960, eight)
    check(\.enclaveHash, SigStruct().signer, at: 960..<992, SigStruct().signer.bytes)
    check(\.isvProdID, 0x0102, at: 1024..<1026, [2, 1])
    check(\.isvSVN, 0x0102, at: 1026..<1028, [2, 1])
  }

  @Test func anyImageSurvives() throws {
    let image = (0..<SigStruct.size).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
    #expect(try SigStruct(bytes: image).bytes == image)
  }

  @Test(arguments: [
    (0, SigStruct.Field.header), (15, .header), (16, .vendor), (127, .reserved44), (128, .modulus), (900, .miscSelect), (1807, .q2),
    (1808, nil), (1809, nil),
  ] as [(Int, SigStruct.Field?)])
  func aWrongLengthIsRefusedByName(count: Int, field: SigStruct.Field?) {
    guard count != SigStruct.size else { return }
    #expect(throws: SigStruct.WrongSize(found: count)) { try SigStruct(bytes: [UInt8](repeating: 0, count: count)) }
    #expect(SigStruct.WrongSize(found: count).field == field)
  }

  // MARK: What EINIT tests first

  @Test(arguments: SigStructVector.all) func signedImagesAreWellFormed(vector: SigStructVector) {
    #expect(vector.sigStruct.malformations(hasCET: false).isEmpty)
    #expect(vector.sigStruct.isWellFormed(hasCET: false))
    #expect(SigStruct().isWellFormed(hasCET: false), "a fresh one needs nothing but a signature")
  }

  /// Every byte of the image, one bit of it: the areas that EINIT tests refuse it, the others do not.
  @Test(arguments: [false, true]) func everyByteIsTestedOrFree(hasCET: Bool) {
    let good = SigStructVector.synthetic.sigStruct
    for offset in 0..<SigStruct.size {
      var changed = good
      changed[offset: offset] ^= 0x40
      let isTested: Bool
      switch offset {
      case 0..<16, 16..<20, 24..<40, 44..<128, 512..<516, 910..<912, 992..<1008, 1028..<1040: isTested = true
      case 908, 909: isTested = !hasCET
      default: isTested = false
      }
      let found = changed.malformations(hasCET: hasCET)
      #expect(found.map(\.offset) == (isTested ? [offset] : []))
      #expect(found.allSatisfy { $0.field.range.contains(offset) })
      #expect(changed.isWellFormed(hasCET: hasCET) == !isTested, "byte \(offset)")
    }
  }

  @Test func intelsVendorIsGood() {
    var sigStruct = SigStruct()
    for (vendor, isGood) in [(UInt32(0), true), (0x8086, true), (0x8087, false), (0x1_8086, false), (1, false), (0x8086_0000, false)] {
      sigStruct.vendor = vendor
      #expect(sigStruct.isWellFormed(hasCET: false) == isGood)
      #expect(sigStruct.malformations(hasCET: false).map(\.field) == (isGood ? [] : [.vendor]))
    }
  }

  @Test(arguments: [UInt32(0), 1, 2, 5, 65537, 0x0300_0000]) func onlyThreeIsAnExponent(exponent: UInt32) {
    var sigStruct = SigStructVector.synthetic.sigStruct
    sigStruct.exponent = exponent
    #expect(!sigStruct.isWellFormed(hasCET: true))
    #expect(sigStruct.malformations(hasCET: true).map(\.field) == [.exponent])
  }

  @Test(arguments: SigStructVector.all) func digests(vector: SigStructVector) {
    #expect(vector.sigStruct.signer.hex == vector.signer)
    #expect(vector.sigStruct.signedDigest.hex == vector.signedSHA256)
  }
}
