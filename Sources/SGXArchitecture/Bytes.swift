extension [UInt8] {
  /// Writes an integer in little-endian order, as every SGX structure holds them.
  package mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    for index in 0..<(Value.bitWidth / 8) {
      self[offset + index] = UInt8(truncatingIfNeeded: value >> Value(index * 8))
    }
  }

  /// Reads a little-endian integer. The caller has checked that it is there.
  package func load<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value {
    (0..<(Value.bitWidth / 8)).reduce(0) { $0 | Value(truncatingIfNeeded: self[offset + $1]) << Value($1 * 8) }
  }

  /// From hexadecimal digits in either case, two a byte; nil for anything else.
  package init?(hex digits: some Collection<UInt8>) {
    guard digits.count.isMultiple(of: 2) else { return nil }
    self = []
    reserveCapacity(digits.count / 2)
    var high: UInt8?
    for digit in digits {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
      default: return nil
      }
      if let first = high { append(first << 4 | value) }
      high = high == nil ? value : nil
    }
  }

  /// Lower-case hexadecimal.
  package var hex: String {
    let digits = [UInt8]("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(count * 2)
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
