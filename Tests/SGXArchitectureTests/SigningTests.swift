import Foundation
import SGXArchitecture
import TestSupport
import Testing

@Suite struct SigningTests {
  private static func pem(_ name: String) throws -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: tests.appendingPathComponent("Vectors/keys/\(name).pem"), encoding: .utf8)
  }

  /// The image without its signature, signed anew, is the image.
  @Test(arguments: SigStructVector.all) func signingGivesTheVectors(vector: SigStructVector) {
    var sigStruct = vector.sigStruct
    for field in [SigStruct.Field.modulus, .exponent, .signature, .q1, .q2] {
      sigStruct[field] = [UInt8](repeating: 0x5a, count: field.range.count)
    }
    sigStruct.sign(with: vector.signingKey)
    #expect(sigStruct == vector.sigStruct)
    var hash = sigStruct
    hash.sign(with: vector.signingKey)
    #expect(hash == sigStruct, "signing twice gives the same bytes")
  }

  @Test func theTwoTestKeysDiffer() {
    var first = SigStruct()
    first.sign(with: .test)
    var second = SigStruct()
    second.sign(with: .otherTest)
    #expect(first.hasValidSignature)
    #expect(second.hasValidSignature)
    #expect(first.signer != second.signer)
  }

  @Test(arguments: ["pkcs1", "pkcs8", "other"]) func keysAreReadFromPEM(name: String) throws {
    let key = try SigningKey(pem: Self.pem(name))
    let expected = name == "other" ? SigningKey.otherTest : .test
    #expect(key.modulus == expected.modulus)
    var sigStruct = SigStruct()
    sigStruct.sign(with: key)
    var byTestKey = SigStruct()
    byTestKey.sign(with: expected)
    #expect(sigStruct == byTestKey)
  }

  @Test(arguments: [
    ("bits2048", SigningKey.Problem.wrongSize(bits: 2048)), ("bits3070", .wrongSize(bits: 3070)),
    ("exponent65537", .wrongExponent(65537)), ("encrypted-pkcs8", .encrypted), ("encrypted-pkcs1", .encrypted),
    ("public", .wrongLabel("PUBLIC KEY")), ("elliptic", .malformed),
  ])
  func otherKeysAreRefused(name: String, problem: SigningKey.Problem) throws {
    let text = try Self.pem(name)
    #expect(throws: problem) { try SigningKey(pem: text) }
  }

  @Test func whatIsNoKeyIsRefused() throws {
    let good = try Self.pem("pkcs8")
    #expect(throws: SigningKey.Problem.notPEM) { try SigningKey(pem: "") }
    #expect(throws: SigningKey.Problem.notPEM) { try SigningKey(pem: "hello\n") }
    #expect(throws: SigningKey.Problem.malformed) { try SigningKey(pem: String(good.dropLast(30))) }
    #expect(throws: SigningKey.Problem.malformed) { try SigningKey(pem: "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n") }
    let middle = good.index(good.startIndex, offsetBy: good.count / 2)
    let flipped = good[..<middle] + (good[middle] == "A" ? "B" : "A") + good[good.index(after: middle)...]
    #expect(throws: SigningKey.Problem.malformed, "numbers that do not belong together") { try SigningKey(pem: String(flipped)) }
    #expect(throws: SigningKey.Problem.wrongLabel("CERTIFICATE")) { try SigningKey(pem: "-----BEGIN CERTIFICATE-----\n") }
  }

  @Test func linesMayEndAsOnWindows() throws {
    let text = try Self.pem("pkcs8").replacingOccurrences(of: "\n", with: "\r\n")
    #expect(try SigningKey(pem: text).modulus == SigningKey.test.modulus)
  }

  @Test func problemsReadWell() {
    let texts = [
      SigningKey.Problem.notPEM, .wrongLabel("X"), .encrypted, .malformed, .wrongSize(bits: 2048), .wrongExponent(65537), .wrongExponent(nil),
    ].map(\.text)
    #expect(Set(texts).count == texts.count)
    #expect(texts[4].contains("2048"))
    #expect(texts[5].contains("65537"))
  }
}
