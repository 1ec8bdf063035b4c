import CPageCipher
// For its library: the functions that CPageCipher declares are in it.
import Crypto

/// A running SHA-256 by the library's own functions: what measurements use, which feed it in small pieces. A copy goes on alone.
/// Tests compare it with `RunningSHA256`, which is the same through the public API and can take its place.
package struct DirectSHA256: Sendable {
  private var hash = sgxbench_sha256()

  package init() { _ = CCryptoBoringSSL_SHA256_Init(&hash) }

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
