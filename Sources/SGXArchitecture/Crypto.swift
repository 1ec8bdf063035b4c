import Crypto

/// The one place that names the cryptography library.
///
/// A running SHA-256 is a value: a copy goes on alone, which is what makes forks of a machine cheap.
package struct RunningSHA256: Sendable {
  private var hash = SHA256()

  package init() {}

  package mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

  /// The digest of what was fed so far; the running hash is not disturbed.
  package func digest() -> Digest { Digest(bytes: [UInt8](hash.finalize())) }
}

/// A SHA-256 digest, in the order in which it is printed.
public struct Digest: Hashable, Sendable {
  public let bytes: [UInt8]
  package init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "digest-size: a SHA-256 digest has 32 bytes")
    self.bytes = bytes
  }
  /// Lower-case hexadecimal, 64 digits.
  public var hex: String { bytes.hex }
}

extension Digest {
  /// The digest whose bytes are these words, each least significant byte first, as IA32_SGXLEPUBKEYHASH0 to 3 hold it.
  package init(words: [UInt64]) {
    self.init(bytes: words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } })
  }
}
