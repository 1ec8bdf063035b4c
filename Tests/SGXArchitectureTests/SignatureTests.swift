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
      for (offset, bit) in [(field.range.lowerBound, UInt8(1)), (field.range.upperBound - 1, 0x80)] {
        var changed = good
        changed[offset: offset] ^= bit
        #expect(Self.judge(changed, "\(field.name) byte \(offset) bit \(bit)") == isOutside)
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

  /// Q1 - 1 with Q2 + SIGNATURE comes to the same message, by way of a remainder that is none.
  @Test func quotientsThatOnlyTogetherComeOutRight() {
    var changed = SigStructVector.synthetic.sigStruct
    let (q1, q2, signature) = (changed.number(.q1), changed.number(.q2), changed.number(.signature))
    changed[.q1] = (q1 - 1).littleEndian(count: 384)
    changed[.q2] = (q2 + signature).littleEndian(count: 384)
    #expect(!Self.judge(changed))
    #expect(changed.signatureFlaws == [.q1, .q2])
  }

  /// Signatures that were made with the key over a message with one wrong byte; a key of 3070 bits, good; the same with SIGNATURE + MODULUS,
  /// which has the same cube and quotients that fit.
  @Test(arguments: JudgedSigStruct.all) func theOracleAgrees(image: JudgedSigStruct) {
    #expect(Self.judge(image.sigStruct) == image.flaws.isEmpty)
    let flaws = image.sigStruct.signatureFlaws
    #expect(flaws.map(\.field.name) == image.flaws.map { String($0.prefix { $0 != " " }) })
    #expect(flaws.contains(.signatureNotBelowModulus) == image.flaws.contains { $0.hasSuffix("is not below MODULUS") })
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
    for round in 0..<70 {
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
