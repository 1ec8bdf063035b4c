import CryptoExtras
import Foundation
import Testing

@testable import SGXArchitecture

/// Signing with the key elsewhere: the signer here is the library, which knows nothing of SIGSTRUCT.
@Suite("Signing in two steps") struct TwoStepSigningTests {
  private static func pem(_ name: String) throws -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: folder.appending(path: "Vectors/keys/\(name).pem"), encoding: .utf8)
  }

  private static func signature(of bytes: [UInt8], by name: String = "pkcs8") throws -> [UInt8] {
    let key = try _RSA.Signing.PrivateKey(pemRepresentation: pem(name))
    return [UInt8](try key.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation)
  }

  private static var unsigned: SigStruct {
    var sigStruct = SigStruct()
    sigStruct.attributes = .mode64Bit
    sigStruct.isvProdID = 7
    return sigStruct
  }

  @Test func whatComesBackIsWhatSignMakes() throws {
    var ours = Self.unsigned
    ours.sign(with: try SigningKey(pem: Self.pem("pkcs8")))
    var sigStruct = try SigStruct(signedBytes: Self.unsigned.signedBytes)
    let key = try SignerKey(pem: Self.pem("public"))
    #expect(key.mrSigner == ours.signer)
    try sigStruct.attach(try Self.signature(of: Self.unsigned.signedBytes), by: key)
    #expect(sigStruct == ours)
    #expect(sigStruct.hasValidSignature)
  }

  @Test func aWrongSignatureSaysWhatItIs() throws {
    let key = try SignerKey(pem: Self.pem("public"))
    let right = try Self.signature(of: Self.unsigned.signedBytes)
    var other = Self.unsigned
    other.isvSVN = 1
    func problem(_ signature: [UInt8]) -> SigStruct.WrongSignature? {
      var sigStruct = Self.unsigned
      do throws(SigStruct.WrongSignature) { try sigStruct.attach(signature, by: key) } catch {
        #expect(sigStruct == Self.unsigned, "a refused signature changes nothing")
        return error
      }
      return nil
    }
    #expect(problem(right) == nil)
    #expect(problem(right.reversed()) == .reversed)
    #expect(problem(Array(right.dropLast())) == .size(383))
    #expect(problem([UInt8](repeating: 0xff, count: 384)) == .otherKey)
    #expect(problem([UInt8](repeating: 0, count: 384)) == .otherKey)
    #expect(problem(try Self.signature(of: Self.unsigned.signedBytes, by: "other")) == .otherKey)
    #expect(
      problem(try Self.signature(of: other.signedBytes))
        == .otherBytes(signed: other.signedDigest, wanted: Self.unsigned.signedDigest))
    let library = try _RSA.Signing.PrivateKey(pemRepresentation: Self.pem("pkcs8"))
    #expect(problem([UInt8](try library.signature(for: Self.unsigned.signedBytes, padding: .PSS).rawRepresentation)) == .otherKey)
  }

  @Test func thePrivateKeyHasItsPublicHalf() throws {
    #expect(try SignerKey(pem: Self.pem("pkcs1")) == SignerKey(pem: Self.pem("public")))
    #expect(try SignerKey(pem: Self.pem("pkcs8")) == SignerKey(try SigningKey(pem: Self.pem("pkcs1"))))
  }

  /// Whatever openssl reads: text around the blocks, blanks, other ends of line, lines of another length, other blocks before.
  @Test func textAroundABlockIsNoMatter() throws {
    let plain = try Self.pem("pkcs8"), key = try SigningKey(pem: plain).modulus
    let body = plain.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
    let variants = [
      "Key: of mine\n\n" + plain + "behind it\n", plain.replacingOccurrences(of: "\n", with: "\r\n"),
      plain.replacingOccurrences(of: "\n", with: "  \n"), "-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----",
      "-----BEGIN RSA PARAMETERS-----\nAAAA\n-----END RSA PARAMETERS-----\n" + plain,
    ]
    for variant in variants { #expect(try SigningKey(pem: variant).modulus == key, "\(variant.prefix(40))") }
  }

  @Test func aBlockThatIsCutOffIsNoKey() throws {
    let lines = try Self.pem("pkcs8").split(separator: "\n")
    #expect(throws: SigningKey.Problem.malformed) { try SigningKey(pem: lines.dropLast().joined(separator: "\n")) }
    #expect(throws: SigningKey.Problem.malformed) { try SigningKey(pem: (lines.prefix(4) + lines.suffix(1)).joined(separator: "\n")) }
    #expect(throws: SigningKey.Problem.notPEM) { try SigningKey(pem: "") }
    #expect(throws: SignerKey.Problem.key(.malformedPublic)) {
      try SignerKey(pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    }
    #expect(throws: SignerKey.Problem.wrongLabels(["DH PARAMETERS"])) {
      try SignerKey(pem: "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n")
    }
  }
}
