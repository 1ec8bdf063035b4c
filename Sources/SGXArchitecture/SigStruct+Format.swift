extension SigStruct {
  /// HEADER and HEADER2 as two words each (SDM 3D, "Enclave Signature Structure").
  static let headerWords: (UInt64, UInt64) = (0x0000_00e1_0000_0006, 0x0000_0000_0001_0000)
  static let header2Words: (UInt64, UInt64) = (0x0000_0060_0000_0101, 0x0000_0001_0000_0060)

  /// VENDOR of an enclave by Intel; all others have 0.
  public static let intelVendor: UInt32 = 0x8086

  /// A field that EINIT refuses as SGX_INVALID_SIG_STRUCT.
  public struct Malformation: Hashable, Sendable {
    public let field: Field
    /// First byte of the image that is wrong.
    public let offset: Int
  }

  /// The fields that fail the first test of EINIT: constants, VENDOR, EXPONENT and reserved bytes.
  ///
  /// - Parameter hasCET: false where the CET fields count as reserved.
  public func malformations(hasCET: Bool) -> [Malformation] {
    let good = SigStruct()
    var checked: [Field] = [
      .header, .vendor, .header2, .reserved44, .exponent, .reserved910, .reserved992, .reserved1028,
    ]
    if !hasCET { checked.insert(contentsOf: [.cetAttributes, .cetAttributesMask], at: 5) }
    return checked.compactMap { field in
      if field == .vendor, vendor == Self.intelVendor { return nil }
      guard let offset = field.range.first(where: { bytes[$0] != good.bytes[$0] }) else { return nil }
      return Malformation(field: field, offset: offset)
    }
  }

  /// The same question without the details.
  package func isWellFormed(hasCET: Bool) -> Bool {
    bytes.withUnsafeBytes { image in
      func word(_ offset: Int) -> UInt64 { image.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian }
      func half(_ offset: Int) -> UInt32 { image.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian }
      guard word(0) == Self.headerWords.0, word(8) == Self.headerWords.1 else { return false }
      guard word(24) == Self.header2Words.0, word(32) == Self.header2Words.1 else { return false }
      guard half(16) == 0 || half(16) == Self.intelVendor, half(512) == 3 else { return false }
      var reserved = UInt64(half(44)) | word(992) | word(1000) | word(1028) | UInt64(half(1036))
      for offset in stride(from: 48, to: 128, by: 8) { reserved |= word(offset) }
      reserved |= UInt64(hasCET ? half(908) >> 16 : half(908))
      return reserved == 0
    }
  }
}
