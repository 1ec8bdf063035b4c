import BigInt

extension SigStruct {
  /// Why a signature does not verify. The processor says only SGX_INVALID_SIGNATURE; a person wants to know which part is wrong.
  public enum SignatureFlaw: Hashable, Sendable, CaseIterable {
    case modulusZero, modulusEven, signatureNotBelowModulus, signature, q1, q2

    /// The field at fault.
    public var field: Field {
      switch self {
      case .modulusZero, .modulusEven: .modulus
      case .signatureNotBelowModulus, .signature: .signature
      case .q1: .q1
      case .q2: .q2
      }
    }

    /// What the field must be.
    public var allowed: String {
      switch self {
      case .modulusZero, .modulusEven: "an odd number"
      case .signatureNotBelowModulus: "below MODULUS"
      case .signature: "the signature by MODULUS of bytes 0 to 127 and 900 to 1027 (PKCS#1 v1.5, SHA-256, exponent 3)"
      case .q1: "floor(SIGNATURE^2 / MODULUS)"
      case .q2: "floor((SIGNATURE^2 mod MODULUS) * SIGNATURE / MODULUS)"
      }
    }
  }

  /// Every flaw of the signature; empty exactly where `hasValidSignature`, and found another way: by dividing.
  public var signatureFlaws: [SignatureFlaw] {
    let modulus = number(.modulus)
    let signature = number(.signature)
    // Before any division.
    if modulus == 0 { return [.modulusZero] }
    if modulus & 1 == 0 { return [.modulusEven] }
    if signature >= modulus { return [.signatureNotBelowModulus] }
    let (q1, q2, cube) = quotients
    var flaws: [SignatureFlaw] = []
    if cube != BigUInt(littleEndian: Self.encodedMessage(of: signedDigest)[...]) { flaws.append(.signature) }
    if number(.q1) != q1 { flaws.append(.q1) }
    if number(.q2) != q2 { flaws.append(.q2) }
    return flaws
  }

  /// Q1 and Q2 as they must be, and SIGNATURE^3 mod MODULUS. MODULUS is not zero.
  var quotients: (q1: BigUInt, q2: BigUInt, cube: BigUInt) {
    let modulus = number(.modulus)
    let signature = number(.signature)
    precondition(modulus != 0, "sigstruct-modulus: nothing is divided by zero")
    let first = (signature * signature).quotientAndRemainder(dividingBy: modulus)
    let second = (first.remainder * signature).quotientAndRemainder(dividingBy: modulus)
    return (first.quotient, second.quotient, second.remainder)
  }
}

extension BigUInt {
  /// The number in `count` bytes, least significant first. It must fit.
  func littleEndian(count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    for (index, word) in words.enumerated() {
      for byte in 0..<(UInt.bitWidth / 8) {
        let value = UInt8(truncatingIfNeeded: word >> UInt(byte * 8))
        let offset = index * UInt.bitWidth / 8 + byte
        if offset < count { bytes[offset] = value } else { precondition(value == 0, "sigstruct-layout: the number fits into its field") }
      }
    }
    return bytes
  }

  /// The same, most significant first.
  func bigEndian(count: Int) -> [UInt8] { littleEndian(count: count).reversed() }
}
