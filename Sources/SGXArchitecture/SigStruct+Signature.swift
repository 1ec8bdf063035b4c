import BigInt
import Synchronization
#if canImport(Glibc)
  import Glibc
#endif

extension SigStruct {
  /// True where SIGNATURE is a signature of this structure by the key of MODULUS, with Q1 and Q2 the quotients that belong to it
  /// (SDM 3D, EINIT, Operation; RSASSA-PKCS1-v1_5 with SHA-256 and exponent 3).
  ///
  /// MODULUS must be odd and SIGNATURE below it. Nothing is divided: Q1 and Q2 are right if and only if they leave remainders between 0
  /// and MODULUS - 1, and the second remainder is then SIGNATURE^3 mod MODULUS. A modulus of fewer than 3072 bits is judged
  /// by the same formula.
  public var hasValidSignature: Bool {
    if let known = KnownSignatures.verdict(on: bytes) { return known }
    let verdict = verifySignature()
    KnownSignatures.keep(verdict, on: bytes)
    return verdict
  }

  /// The check itself, without the memory.
  func verifySignature() -> Bool {
    let modulus = number(.modulus)
    let signature = number(.signature)
    guard bytes[Field.modulus.range.lowerBound] & 1 == 1, signature < modulus else { return false }
    guard let square = Self.remainder(of: signature * signature, by: modulus, quotient: number(.q1)) else { return false }
    guard let cube = Self.remainder(of: square * signature, by: modulus, quotient: number(.q2)) else { return false }
    return cube == BigUInt(littleEndian: Self.encodedMessage(of: signedDigest)[...])
  }

  /// `value - quotient * modulus`, if that is a remainder.
  private static func remainder(of value: BigUInt, by modulus: BigUInt, quotient: BigUInt) -> BigUInt? {
    let product = quotient * modulus
    guard product <= value else { return nil }
    let rest = value - product
    return rest < modulus ? rest : nil
  }

  /// A field as a number.
  func number(_ field: Field) -> BigUInt { BigUInt(littleEndian: bytes[field.range]) }

  /// The 384 bytes that the signature decodes to, least significant first (RFC 8017, EMSA-PKCS1-v1_5).
  static func encodedMessage(of digest: Digest) -> [UInt8] {
    var message: [UInt8] = [0x00, 0x01]
    message += [UInt8](repeating: 0xff, count: 330)
    message += [0x00]
    message += sha256Identifier
    message += digest.bytes
    return message.reversed()
  }

  /// The DER header of a SHA-256 digest (RFC 8017, section 9.2, note 1).
  private static let sha256Identifier: [UInt8] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
  ]

  /// PADDING, which EINIT keeps: the first 352 bytes of the decoded signature, the same for every valid SIGSTRUCT.
  public static let padding: [UInt8] = Array(encodedMessage(of: Digest(bytes: [UInt8](repeating: 0, count: 32))).reversed()[..<352])
}

/// Verdicts on the last images, so that a scenario that loads one enclave many times pays for its signature once. The verdict
/// depends on the image alone, so nobody can see whether it was remembered.
private enum KnownSignatures {
  private struct Memory: ~Copyable {
    var entries: [(image: [UInt8], verdict: Bool)] = []
    /// Where the next one goes.
    var next = 0
  }
  private static let countMax = 16
  private static let memory = Mutex(Memory())

  static func verdict(on image: [UInt8]) -> Bool? {
    memory.withLock { memory in
      for entry in memory.entries where isSame(entry.image, image) { return entry.verdict }
      return nil
    }
  }

  static func keep(_ verdict: Bool, on image: [UInt8]) {
    memory.withLock { memory in
      if memory.entries.count < countMax {
        memory.entries.append((image, verdict))
      } else {
        memory.entries[memory.next] = (image, verdict)
        memory.next = (memory.next + 1) % countMax
      }
    }
  }

  private static func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.withUnsafeBytes { a in b.withUnsafeBytes { b in memcmp(a.baseAddress!, b.baseAddress!, SigStruct.size) == 0 } }
  }
}

extension BigUInt {
  /// A number whose bytes lie least significant first.
  init(littleEndian bytes: ArraySlice<UInt8>) {
    let size = MemoryLayout<UInt>.size
    var words = [UInt](repeating: 0, count: (bytes.count + size - 1) / size)
    words.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    self.init(words: words.map(UInt.init(littleEndian:)))
  }
}
