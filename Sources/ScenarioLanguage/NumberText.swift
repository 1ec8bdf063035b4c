/// Reads numbers as people write them in scenarios.
enum NumberText {
  /// `0x1000`, `4096`, `64 KiB`, `2 MiB`, `1 GiB`; nil where it is none of them or too large for 64 bits.
  static func parse(_ text: some StringProtocol) -> UInt64? {
    let units: [(String, UInt64)] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("B", 0)]
    var digits = Substring(text)
    var shift: UInt64 = 0
    for (unit, bits) in units where digits.hasSuffix(unit) {
      digits = digits.dropLast(unit.count)
      while digits.last == " " { digits = digits.dropLast() }
      shift = bits
      break
    }
    let isHex = digits.hasPrefix("0x")
    guard let value = UInt64(isHex ? digits.dropFirst(2) : digits, radix: isHex ? 16 : 10) else { return nil }
    let shifted = value << shift
    return shifted >> shift == value ? shifted : nil
  }

  /// A number of bytes with the largest unit that it is a multiple of: `16 MiB`.
  static func shown(_ bytes: Int64) -> String {
    for (unit, bits) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] as [(String, Int64)] where bytes > 0 && bytes % (1 << bits) == 0 {
      return "\(bytes >> bits) \(unit)"
    }
    return "\(bytes)"
  }
}
