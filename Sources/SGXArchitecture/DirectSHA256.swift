import CPageCipher
// For its library: the functions that CPageCipher declares are in it.
import Crypto

/// A running SHA-256 by the library's own functions: what measurements use, which feed it in small pieces. A copy goes on alone.
/// Tests compare it with `RunningSHA256`, which is the same through the public API and can take its place.
package struct DirectSHA256: Sendable {
  private var hash = sgxbench_sha256()

  package init() {
    precondition(Self.isTheLibrarys, "library-functions: SHA-256 by the library's own functions is that of its public API")
    _ = CCryptoBoringSSL_SHA256_Init(&hash)
  }

  /// Whether the library's own functions are what their declarations say, found out by the first measurement: they stay inside the room that is
  /// theirs, and a copy goes on alone and gives the digest of the public API.
  package static let isTheLibrarys: Bool = {
    let message = (0..<150).map { UInt8(truncatingIfNeeded: $0 * 167) }
    var library = RunningSHA256()
    message.withUnsafeBytes { library.update($0) }
    var hash = sgxbench_sha256()
    hash.room.14 = guardWord
    hash.room.15 = guardWord
    _ = CCryptoBoringSSL_SHA256_Init(&hash)
    message.withUnsafeBytes { _ = CCryptoBoringSSL_SHA256_Update(&hash, $0.baseAddress, 100) }
    var copy = hash
    message.withUnsafeBytes { _ = CCryptoBoringSSL_SHA256_Update(&copy, $0.baseAddress! + 100, 50) }
    let digest = [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
      _ = CCryptoBoringSSL_SHA256_Final(bytes.baseAddress, &copy)
      count = 32
    }
    let rooms = [hash.room.14, hash.room.15, copy.room.14, copy.room.15]
    return digest == library.digest().bytes && rooms.allSatisfy { $0 == guardWord }
  }()

  /// Lies behind the 112 bytes of SHA256_CTX.
  private static let guardWord: UInt64 = 0x5a5a_1234_a5a5_4321

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    _ = CCryptoBoringSSL_SHA256_Update(&hash, bytes.baseAddress, bytes.count)
  }

  /// The digest of what was fed so far; the running hash is not disturbed.
  package func digest() -> Digest {
    var finished = hash
    return Digest(bytes: [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
      _ = CCryptoBoringSSL_SHA256_Final(bytes.baseAddress, &finished)
      count = 32
    })
  }
}
