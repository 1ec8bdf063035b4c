import ArgumentParser
import SGXArchitecture

/// Bytes written in hexadecimal, in the order in which they are stored.
struct HexText: ExpressibleByArgument {
  let bytes: [UInt8]

  init?(argument: String) {
    guard let bytes = [UInt8](hex: argument.utf8) else { return nil }
    self.bytes = bytes
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
