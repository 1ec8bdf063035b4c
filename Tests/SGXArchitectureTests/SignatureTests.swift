@testable import SGXArchitecture
import BigInt
import CryptoExtras
import TestSupport
import Testing

/// Three ways to judge a signature must agree: products of Q1 and Q2, division, and the RSA of the cryptography library.
@Suite struct SignatureTests {
  /// The library's opinion of MODULUS and SIGNATURE; it knows no Q1 and Q2, and takes keys of 1024 bits and up.
  private static func libraryAccepts(_ sigStruct: SigStruct) -> Bool {
    guard let key = try? _RSA.Signing.PublicKey(n: sigStruct[.modulus].reversed(), e: [3] as [UInt8]) else { return false }
    let signature = _RSA.Signing.RSASignature(rawRepresentation: sigStruct[.signature].reversed())
    return key.isValidSignature(signature, for: sigStruct.signedBytes, padding: .insecurePKCS1v1_5)
  }

  /// Asks all three, and returns the verdict.
  private static func judge(_ sigStruct: SigStruct, _ remark: String = "") -> Bool {
    let verdict = sigStruct.verifySignature()
    let flaws = sigStruct.signatureFlaws
    #expect(verdict == flaws.isEmpty, "\(remark): \(flaws)")
    let rsaFlaws = flaws.filter { $0 != .q1 && $0 != .q2 }
    #expect(Self.libraryAccepts(sigStruct) == rsaFlaws.isEmpty, "\(remark): \(flaws)")
    #expect(sigStruct.hasValidSignature == verdict, "\(remark): first asked")
    #expect(sigStruct.hasValidSignature == verdict, "\(remark): remembered")
    return verdict
  }

  @Test(arguments: SigStructVector.all) func vectorsVerify(vector: SigStructVector) {
    #expect(Self.judge(vector.sigStruct))
  }

  /// One bit of each kind of byte: signed ones, MODULUS, SIGNATURE, Q1, Q2 fail; only EXPONENT and the last reserved area are not part
  /// of the formula.
  @Test func everyFieldCounts() {
    let good = SigStructVector.synthetic.sigStruct
    for field in SigStruct.Field.allCases {
      let isOutside = field == .exponent || field == .reserved1028
      for offset in [field.range.lowerBound, field.range.lowerBound + field.range.count / 2, field.range.upperBound - 1] {
        for bit in [UInt8(1), 0x80] {
          var changed = good
          changed[offset: offset] ^= bit
          #expect(Self.judge(changed, "\(field.name) byte \(offset) bit \(bit)") == isOutside)
        }
      }
    }
  }

  @Test func theFlawIsNamed() {
    let good = SigStructVector.synthetic.sigStruct
    func flaws(_ change: (inout SigStruct) -> Void) -> [SigStruct.SignatureFlaw] {
      var changed = good
      change(&changed)
      #expect(!Self.judge(changed))
      return changed.signatureFlaws
    }
    #expect(flaws { $0[.modulus] = [UInt8](repeating: 0, count: 384) } == [.modulusZero])
    #expect(flaws { $0[offset: 128] ^= 1 } == [.modulusEven])
    #expect(flaws { $0[.signature] = $0[.modulus] } == [.signatureNotBelowModulus])
    #expect(flaws { $0[.signature] = [UInt8](repeating: 0xff, count: 384) } == [.signatureNotBelowModulus])
    #expect(flaws { $0.isvSVN += 1 } == [.signature])
    #expect(flaws { $0[offset: 1040] ^= 1 } == [.q1])
    #expect(flaws { $0[offset: 1424] ^= 1 } == [.q2])
    #expect(flaws { (sigStruct: inout SigStruct) in (sigStruct[.q1], sigStruct[.q2]) = (sigStruct[.q2], sigStruct[.q1]) } == [.q1, .q2])
  }

  /// Q - 1 leaves a remainder with N too much in it, Q + 1 a negative one.
  @Test(arguments: [SigStruct.Field.q1, .q2], [-1, 1]) func quotientsAreExactlyTheFloors(field: SigStruct.Field, difference: Int) {
    var changed = SigStructVector.synthetic.sigStruct
    let right = BigInt(changed.number(field))
    changed[field] = (right + BigInt(difference)).magnitude.littleEndian(count: 384)
    #expect(!Self.judge(changed, field.name))
  }

  /// The message with a digest of its own in place, but padding that a sloppy decoder would pass.
  @Test(arguments: [(1, UInt8(0x02)), (0, 1), (2, 0xfe), (331, 0xfe), (332, 1), (333, 0x31), (351, 0x1f), (383, 0)])
  func paddingIsExact(offset: Int, value: UInt8) {
    var message = SigStruct.encodedMessage(of: SigStructVector.synthetic.sigStruct.signedDigest)
    #expect(Self.judge(Self.signed(message)), "the right message, raised by hand, verifies")
    #expect(message[383 - offset] != value)
    message[383 - offset] = value
    #expect(!Self.judge(Self.signed(message), "byte \(offset) of the message"))
  }

  /// The vector with SIGNATURE = message^d mod n, and the quotients that belong to it.
  private static func signed(_ message: [UInt8]) -> SigStruct {
    var sigStruct = SigStructVector.synthetic.sigStruct
    let modulus = sigStruct.number(.modulus)
    sigStruct[.signature] = BigUInt(littleEndian: message[...]).power(privateExponent, modulus: modulus).littleEndian(count: 384)
    let quotients = sigStruct.quotients
    sigStruct[.q1] = quotients.q1.littleEndian(count: 384)
    sigStruct[.q2] = quotients.q2.littleEndian(count: 384)
    return sigStruct
  }

  private static let privateExponent = Key("test").privateExponent

  /// A key of fewer bits answers by the same formula: here 2048 bits in a field of 3072.
  @Test func aShortModulusIsJudgedByTheFormula() {
    var sigStruct = SigStruct()
    let modulus = Key("bits2048").modulus
    #expect(modulus.bitWidth < 3072)
    sigStruct[.modulus] = modulus.littleEndian(count: 384)
    sigStruct[.signature] = [UInt8](repeating: 0, count: 384)
    #expect(!sigStruct.verifySignature(), "its message is larger than any power it can have")
    #expect(sigStruct.signatureFlaws.contains(.signature))
  }

  /// A modulus of 3070 bits, whose signatures are judged as ever.
  @Test func theTopBitIsNotAsked() {
    var sigStruct = SigStructVector.synthetic.sigStruct
    let key = Key("bits3070")
    #expect(key.modulus.bitWidth == 3070)
    sigStruct[.modulus] = key.modulus.littleEndian(count: 384)
    let message = SigStruct.encodedMessage(of: sigStruct.signedDigest)
    let signature = BigUInt(littleEndian: message[...]).power(key.privateExponent, modulus: key.modulus)
    sigStruct[.signature] = signature.littleEndian(count: 384)
    (sigStruct[.q1], sigStruct[.q2]) = (sigStruct.quotients.q1.littleEndian(count: 384), sigStruct.quotients.q2.littleEndian(count: 384))
    #expect(Self.judge(sigStruct))

    // Here SIGNATURE + MODULUS fits into the field: the same cube, with quotients to match, and refused.
    let beyond = signature + key.modulus
    sigStruct[.signature] = beyond.littleEndian(count: 384)
    let square = (beyond * beyond).quotientAndRemainder(dividingBy: key.modulus)
    let cube = (square.remainder * beyond).quotientAndRemainder(dividingBy: key.modulus)
    #expect(cube.remainder == BigUInt(littleEndian: message[...]))
    (sigStruct[.q1], sigStruct[.q2]) = (square.quotient.littleEndian(count: 384), cube.quotient.littleEndian(count: 384))
    #expect(!Self.judge(sigStruct))
    #expect(sigStruct.signatureFlaws == [.signatureNotBelowModulus])
  }

  /// A modulus that is no product of two primes can still "verify" by the formula only if the cube comes out; 1 and 3 never do.
  @Test(arguments: [1, 3]) func tinyModuliAreRefused(modulus: Int) {
    var sigStruct = SigStruct()
    sigStruct[offset: 128] = UInt8(modulus)
    #expect(!sigStruct.verifySignature())
    #expect(!sigStruct.signatureFlaws.isEmpty)
  }

  @Test func moreImagesThanAreRememberedKeepTheirVerdicts() {
    let good = SigStructVector.synthetic.sigStruct
    for round in 0..<40 {
      var bad = good
      bad[offset: 1040 + round] ^= 0x10
      #expect(!bad.hasValidSignature)
      #expect(good.hasValidSignature)
    }
  }

  @Test func paddingConstant() {
    #expect(SigStruct.padding.count == 352)
    var hash = RunningSHA256()
    SigStruct.padding.withUnsafeBytes { hash.update($0) }
    #expect(hash.digest().hex == "20bdc397af0aec772b02e5aced6c7074b7c0735dccfa822f9d9869e5aa543bb6")
  }
}

/// A key of the vector file.
private struct Key {
  let modulus: BigUInt
  let privateExponent: BigUInt

  init(_ name: String) {
    let primes = SigStructVector.primes(of: name)
    let (p, q) = (BigUInt(primes.p, radix: 16)!, BigUInt(primes.q, radix: 16)!)
    modulus = p * q
    privateExponent = BigUInt(3).inverse((p - 1) * (q - 1))!
  }
}
