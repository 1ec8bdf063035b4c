extension SigStruct {
  /// The fields, by the manual's names and in the order of the image.
  public enum Field: CaseIterable, Hashable, Sendable {
    case header, vendor, date, header2, swDefined, reserved44, modulus, exponent, signature, miscSelect, miscMask
    case cetAttributes, cetAttributesMask, reserved910, isvFamilyID, attributes, attributeMask, enclaveHash, reserved992
    case isvExtProdID, isvProdID, isvSVN, reserved1028, q1, q2

    /// Where it lies in the image.
    public var range: Range<Int> {
      switch self {
      case .header: 0..<16
      case .vendor: 16..<20
      case .date: 20..<24
      case .header2: 24..<40
      case .swDefined: 40..<44
      case .reserved44: 44..<128
      case .modulus: 128..<512
      case .exponent: 512..<516
      case .signature: 516..<900
      case .miscSelect: 900..<904
      case .miscMask: 904..<908
      case .cetAttributes: 908..<909
      case .cetAttributesMask: 909..<910
      case .reserved910: 910..<912
      case .isvFamilyID: 912..<928
      case .attributes: 928..<944
      case .attributeMask: 944..<960
      case .enclaveHash: 960..<992
      case .reserved992: 992..<1008
      case .isvExtProdID: 1008..<1024
      case .isvProdID: 1024..<1026
      case .isvSVN: 1026..<1028
      case .reserved1028: 1028..<1040
      case .q1: 1040..<1424
      case .q2: 1424..<1808
      }
    }

    /// The manual's spelling; reserved areas by their offset.
    public var name: String {
      switch self {
      case .header: "HEADER"
      case .vendor: "VENDOR"
      case .date: "DATE"
      case .header2: "HEADER2"
      case .swDefined: "SWDEFINED"
      case .reserved44: "RESERVED_44"
      case .modulus: "MODULUS"
      case .exponent: "EXPONENT"
      case .signature: "SIGNATURE"
      case .miscSelect: "MISCSELECT"
      case .miscMask: "MISCMASK"
      case .cetAttributes: "CET_ATTRIBUTES"
      case .cetAttributesMask: "CET_ATTRIBUTES_MASK"
      case .reserved910: "RESERVED_910"
      case .isvFamilyID: "ISVFAMILYID"
      case .attributes: "ATTRIBUTES"
      case .attributeMask: "ATTRIBUTEMASK"
      case .enclaveHash: "ENCLAVEHASH"
      case .reserved992: "RESERVED_992"
      case .isvExtProdID: "ISVEXTPRODID"
      case .isvProdID: "ISVPRODID"
      case .isvSVN: "ISVSVN"
      case .reserved1028: "RESERVED_1028"
      case .q1: "Q1"
      case .q2: "Q2"
      }
    }

    /// True for the parts that the signature covers.
    public var isSigned: Bool { SigStruct.signedRanges.contains { $0.overlaps(range) } }
  }
}
