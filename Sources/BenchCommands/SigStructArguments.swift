import ArgumentParser
import SGXArchitecture

/// Bytes written in hexadecimal, in the order in which they are stored.
struct HexText: ExpressibleByArgument {
  let bytes: [UInt8]

  init?(argument: String) {
    let digits = Array(argument.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      // `UInt8(_:radix:)` alone would take a sign.
      guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  func require(bytes count: Int, for option: String) throws {
    guard bytes.count == count else { throw ValidationError("\(option): \(bytes.count * 2) digits, must be \(count * 2)") }
  }
}

/// A number in decimal, or in hexadecimal after 0x.
struct NumberText<Value: FixedWidthInteger & UnsignedInteger & Sendable>: ExpressibleByArgument {
  let value: Value

  init(_ value: Value) { self.value = value }

  init?(argument: String) {
    let isHexadecimal = argument.hasPrefix("0x")
    let digits = isHexadecimal ? argument.dropFirst(2) : argument[...]
    guard digits.utf8.first != UInt8(ascii: "+"), let value = Value(digits, radix: isHexadecimal ? 16 : 10) else { return nil }
    self.value = value
  }

  var defaultValueDescription: String { value < 10 ? String(value) : hexadecimal(value) }
}

/// A day as YYYYMMDD.
struct SigningDate: ExpressibleByArgument {
  /// As SIGSTRUCT.DATE holds it: the digits, in hexadecimal.
  let value: UInt32

  init?(argument: String) {
    let digits = Array(argument.utf8)
    guard digits.count == 8, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    guard let number = UInt32(argument), let value = UInt32(argument, radix: 16) else { return nil }
    guard (1...12).contains(number / 100 % 100), (1...31).contains(number % 100) else { return nil }
    self.value = value
  }
}
