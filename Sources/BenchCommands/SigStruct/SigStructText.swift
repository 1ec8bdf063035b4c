import BenchReport
import SGXArchitecture

extension SigStruct {
  /// A field for a person to read.
  func shown(_ field: Field) -> String {
    switch field {
    case .header, .header2, .isvFamilyID, .enclaveHash, .isvExtProdID: self[field].hex
    case .vendor: hexadecimal(vendor)
    case .date: Self.date(date)
    case .swDefined: hexadecimal(swDefined)
    case .reserved44, .reserved910, .reserved992, .reserved1028:
      field.range.first { self[offset: $0] != 0 }.map { "byte \($0) is \([self[offset: $0]].hex)" } ?? "zero"
    case .modulus, .signature, .q1, .q2: "\(self[field].prefix(8).map { [$0].hex }.joined())...\(Array(self[field].suffix(8)).hex)"
    case .exponent: String(exponent)
    case .miscSelect: hexadecimal(miscSelect.rawValue)
    case .miscMask: hexadecimal(miscMask.rawValue)
    case .cetAttributes: hexadecimal(cetAttributes)
    case .cetAttributesMask: hexadecimal(cetAttributesMask)
    case .attributes: "\(hexadecimal(attributes.rawValue)) XFRM \(hexadecimal(xfrm.rawValue))\(Self.list(attributes.names))"
    case .attributeMask: "\(hexadecimal(attributeMask.rawValue)) XFRM \(hexadecimal(xfrmMask.rawValue))"
    case .isvProdID: String(isvProdID)
    case .isvSVN: String(isvSVN)
    }
  }

  /// A field for a program to read. Stored bytes are text, so that no reader rounds them.
  func json(_ field: Field) -> JSONText {
    switch field {
    case .vendor: .number(UInt64(vendor))
    case .swDefined: .number(UInt64(swDefined))
    case .exponent: .number(UInt64(exponent))
    case .miscSelect: .number(UInt64(miscSelect.rawValue))
    case .miscMask: .number(UInt64(miscMask.rawValue))
    case .cetAttributes: .number(UInt64(cetAttributes))
    case .cetAttributesMask: .number(UInt64(cetAttributesMask))
    case .isvProdID: .number(UInt64(isvProdID))
    case .isvSVN: .number(UInt64(isvSVN))
    case .date: .string(hexadecimal(date))
    case .attributes: json(attributes, xfrm)
    case .attributeMask: json(attributeMask, xfrmMask)
    case .header, .header2, .reserved44, .modulus, .signature, .reserved910, .isvFamilyID, .enclaveHash, .reserved992, .isvExtProdID,
      .reserved1028, .q1, .q2:
      .string(self[field].hex)
    }
  }

  /// A field that EINIT refuses.
  func json(_ malformation: Malformation) -> JSONText {
    .object([
      ("field", .string(malformation.field.name)), ("offset", .number(UInt64(malformation.offset))),
      ("found", .string(found(malformation))), ("allowed", .string(malformation.field.allowed)),
    ])
  }

  /// What stands where something else must: the field, or the one byte of a reserved area.
  func found(_ malformation: Malformation) -> String {
    switch malformation.field {
    case .reserved44, .reserved910, .reserved992, .reserved1028: [self[offset: malformation.offset]].hex
    default: shown(malformation.field)
    }
  }

  private func json(_ flags: AttributeFlags, _ xfrm: XFRM) -> JSONText {
    .object([
      ("flags", .string(hexadecimal(flags.rawValue))), ("xfrm", .string(hexadecimal(xfrm.rawValue))),
      ("names", .array(flags.names.map { .string($0) })),
    ])
  }

  private static func list(_ names: [String]) -> String { names.isEmpty ? "" : " (\(names.joined(separator: ", ")))" }

  /// A date that is one as a date, anything else as a number: loaders write what they like.
  private static func date(_ date: UInt32) -> String {
    let text = String(date, radix: 16)
    guard text.utf8.count == 8, SigningDate(argument: text) != nil else { return hexadecimal(date) }
    let digits = Array(text)
    return "\(String(digits[..<4]))-\(String(digits[4..<6]))-\(String(digits[6...]))"
  }
}

extension SigStruct.Field {
  /// What EINIT accepts, for the fields whose contents it tests before anything else.
  var allowed: String {
    switch self {
    case .header, .header2: SigStruct()[self].hex
    case .vendor: "0x0 or 0x8086"
    case .exponent: "3"
    case .reserved44, .reserved910, .reserved992, .reserved1028: "00"
    case .cetAttributes, .cetAttributesMask: "0x0 on a processor without CET"
    case .date, .swDefined, .modulus, .signature, .miscSelect, .miscMask, .isvFamilyID, .attributes, .attributeMask, .enclaveHash,
      .isvExtProdID, .isvProdID, .isvSVN, .q1, .q2:
      "anything"
    }
  }
}

func hexadecimal<Value: FixedWidthInteger>(_ value: Value) -> String { "0x" + String(value, radix: 16) }
