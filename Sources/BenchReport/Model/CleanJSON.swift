import LuaHost

/// JSON of unknown origin made fit to be read: strings hold nothing that could steer a terminal or make one line two, as those that a run
/// writes, and no object says the same thing twice, of which readers would believe one or the other.
struct CleanJSON {
  /// What is wrong, in words.
  struct Problem: Error {
    let text: String
  }

  private let bytes: [UInt8]
  private var place = 0
  private var result: [UInt8] = []

  /// What is open: an array, or an object with the names it has, and the one whose value comes.
  private struct Open {
    let isObject: Bool
    // Changed where it lies: a copy for each name would make a long object a matter of hours.
    var names: Set<[UInt8]> = []
    var name: [UInt8]?
  }
  private var open: [Open] = []

  private static let depthMax = 64

  /// The same text, cleaned. Where it is no JSON it comes back as it is from there on, for the reader to refuse.
  static func clean(_ bytes: [UInt8]) throws(Problem) -> [UInt8] {
    var cleaner = CleanJSON(bytes)
    try cleaner.run()
    return cleaner.result
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    result.reserveCapacity(bytes.count)
  }

  private mutating func run() throws(Problem) {
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "{"): try enter(Open(isObject: true))
      case UInt8(ascii: "["): try enter(Open(isObject: false))
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: ","):
        if !open.isEmpty { open[open.count - 1].name = nil }
      case UInt8(ascii: "\""):
        try string()
        continue
      default: break
      }
      result.append(byte)
      place += 1
    }
  }

  private mutating func enter(_ new: Open) throws(Problem) {
    guard open.count < Self.depthMax else { throw Problem(text: "it is nested more than \(Self.depthMax) deep") }
    open.append(new)
  }

  private mutating func string() throws(Problem) {
    guard let decoded = decode() else {
      result += bytes[place...]
      place = bytes.count
      return
    }
    var keepsLines = false
    if let last = open.indices.last, open[last].isObject {
      if let name = open[last].name {
        // The reason a test gives may have lines; whoever shows it looks after them.
        keepsLines = name.elementsEqual("note".utf8)
      } else {
        guard open[last].names.insert(decoded).inserted else {
          throw Problem(text: "it says '\(escapeForDisplay(decoded.prefix(80)))' twice in one object")
        }
        open[last].name = decoded
      }
    }
    write(decoded, keepsLines: keepsLines)
  }

  /// Reads the string at the place; nil where it does not end, or an escape is none.
  private mutating func decode() -> [UInt8]? {
    var text: [UInt8] = []
    var index = place + 1
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\"") {
        place = index
        return text
      }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard index < bytes.count else { return nil }
      let kind = bytes[index]
      index += 1
      switch kind {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
      case UInt8(ascii: "b"): text.append(8)
      case UInt8(ascii: "f"): text.append(12)
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "r"): text.append(13)
      case UInt8(ascii: "t"): text.append(9)
      case UInt8(ascii: "u"):
        guard let scalar = scalar(at: &index) else { return nil }
        text += Array(String(scalar).utf8)
      default: return nil
      }
    }
    return nil
  }

  /// Four hexadecimal digits, or twice that for a surrogate pair; half a pair is the replacement character.
  private func scalar(at index: inout Int) -> Unicode.Scalar? {
    guard let first = unit(at: index) else { return nil }
    index += 4
    guard (0xd800..<0xdc00).contains(first) else { return Unicode.Scalar(first) ?? "\u{fffd}" }
    guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u"), let second = unit(at: index + 2),
      (0xdc00..<0xe000).contains(second)
    else { return "\u{fffd}" }
    index += 6
    return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
  }

  private func unit(at index: Int) -> UInt32? {
    guard index + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[index..<(index + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  private mutating func write(_ text: [UInt8], keepsLines: Bool) {
    result.append(UInt8(ascii: "\""))
    // Tabs may stand in what a script prints.
    for part in text.split(separator: 9, omittingEmptySubsequences: false).enumerated() {
      if part.offset > 0 { result += Array("\\t".utf8) }
      for byte in escapeForDisplay(part.element, keepingLines: keepsLines).utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
        case 10: result += Array("\\n".utf8)
        default: result.append(byte)
        }
      }
    }
    result.append(UInt8(ascii: "\""))
  }
}
