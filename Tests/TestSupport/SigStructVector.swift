import Foundation
import SGXArchitecture

/// One vector of `Tests/Vectors/sigstruct.json`: a signed SIGSTRUCT with what must come out of it. `Scripts/dev/sigstruct_oracle.py`
/// recomputes the file.
public struct SigStructVector: Sendable, CustomStringConvertible {
  public let id: String
  /// The name of its key in the file: `test` or `other`.
  public let key: String
  public let image: [UInt8]
  /// SHA-256 of the image, of what is signed, and of MODULUS.
  public let sha256: String, signedSHA256: String, signer: String

  public var description: String { id }

  public var sigStruct: SigStruct { try! SigStruct(bytes: image) }
  public var signingKey: SigningKey { key == "test" ? .test : .otherTest }

  public static let all: [SigStructVector] = File.loaded.sigstructs.map {
    SigStructVector(
      id: $0.id, key: $0.key, image: bytes(hexadecimal: $0.expected.image), sha256: $0.expected.sha256,
      signedSHA256: $0.expected.signed_sha256, signer: $0.expected.mrsigner)
  }

  /// The primes of a key of the file, in hexadecimal.
  public static func primes(of key: String) -> (p: String, q: String) { (File.loaded.keys[key]!.p, File.loaded.keys[key]!.q) }

  /// The vector of the fact sheets; its enclave is `V3` of the measurement vectors.
  public static var synthetic: SigStructVector { all[0] }

  private struct File: Decodable {
    struct Primes: Decodable { let p: String, q: String }
    let keys: [String: Primes]
    struct Entry: Decodable {
      let id: String, key: String
      let expected: Expected
    }
    struct Expected: Decodable { let sha256: String, signed_sha256: String, mrsigner: String, image: String }
    let sigstructs: [Entry]

    static let loaded: File = {
      let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      do {
        return try JSONDecoder().decode(File.self, from: Data(contentsOf: tests.appendingPathComponent("Vectors/sigstruct.json")))
      } catch {
        preconditionFailure("sigstruct.json cannot be read: \(error)")
      }
    }()
  }
}

/// Bytes written as pairs of hexadecimal digits.
public func bytes(hexadecimal text: String) -> [UInt8] {
  let digits = Array(text.utf8)
  return stride(from: 0, to: digits.count, by: 2).map {
    UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)!
  }
}
