/// The words of a Lua source text, as far as a reader needs them who looks for names and texts; what is no name, text or comment is a sign.
/// It runs over wrong programs without complaint: whether a text is Lua at all is for Lua to say.
package struct LuaWords: Sequence, IteratorProtocol {
  package struct Word: Equatable {
    package enum Kind: Equatable {
      case name
      /// Its value, where it has no escape in it.
      case text([UInt8]?)
      case comment
      case sign
    }
    package let kind: Kind
    /// Where it is in the source.
    package let range: Range<Int>
    /// From 1, as Lua counts.
    package let line: Int
  }

  private let source: [UInt8]
  private var at = 0
  private var line = 1

  package init(_ source: [UInt8]) { self.source = source }

  package mutating func next() -> Word? {
    skipBlanks()
    guard at < source.count else { return nil }
    let (start, firstLine) = (at, line)
    let kind = read()
    return Word(kind: kind, range: start..<at, line: firstLine)
  }

  private func byte(_ offset: Int = 0) -> UInt8 { at + offset < source.count ? source[at + offset] : 0 }

  private mutating func skipBlanks() {
    while at < source.count {
      switch source[at] {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): newline()
      case UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0b, 0x0c: at += 1
      default: return
      }
    }
  }

  /// LF, CR, and either with the other behind it are one end of a line.
  private mutating func newline() {
    let first = source[at]
    at += 1
    if at < source.count, source[at] != first, source[at] == UInt8(ascii: "\n") || source[at] == UInt8(ascii: "\r") { at += 1 }
    line += 1
  }

  private mutating func read() -> Word.Kind {
    switch source[at] {
    case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
      at += 2
      if let level = longBracket() {
        _ = readLong(level)
      } else {
        while at < source.count, source[at] != UInt8(ascii: "\n"), source[at] != UInt8(ascii: "\r") { at += 1 }
      }
      return .comment
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(readQuoted())
    case UInt8(ascii: "["):
      guard let level = longBracket() else { break }
      return .text(readLong(level))
    case let letter where Self.isNamePart(letter):
      while at < source.count, Self.isNamePart(source[at]) { at += 1 }
      return Self.isDigit(letter) ? .sign : .name
    default: break
    }
    at += 1
    return .sign
  }

  /// The level of a long bracket that begins here, or nil.
  private func longBracket() -> Int? {
    guard byte() == UInt8(ascii: "[") else { return nil }
    var level = 0
    while byte(1 + level) == UInt8(ascii: "=") { level += 1 }
    return byte(1 + level) == UInt8(ascii: "[") ? level : nil
  }

  private mutating func readLong(_ level: Int) -> [UInt8] {
    at += level + 2
    // A line's end directly behind the bracket is no part of it.
    if at < source.count, source[at] == UInt8(ascii: "\n") || source[at] == UInt8(ascii: "\r") { newline() }
    let start = at
    let close = [UInt8(ascii: "]")] + [UInt8](repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
    while at < source.count {
      if source[at] == UInt8(ascii: "]"), source[at...].starts(with: close) {
        defer { at += close.count }
        return Array(source[start..<at])
      }
      if source[at] == UInt8(ascii: "\n") || source[at] == UInt8(ascii: "\r") { newline() } else { at += 1 }
    }
    return Array(source[start...])
  }

  private mutating func readQuoted() -> [UInt8]? {
    let quote = source[at]
    at += 1
    let start = at
    var isPlain = true
    while at < source.count, source[at] != quote {
      switch source[at] {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return nil
      case UInt8(ascii: "\\"):
        isPlain = false
        at += 1
        if at < source.count, source[at] == UInt8(ascii: "z") {
          at += 1
          skipBlanks()
        } else if at < source.count, source[at] == UInt8(ascii: "\n") || source[at] == UInt8(ascii: "\r") {
          newline()
        } else {
          at = Swift.min(at + 1, source.count)
        }
      default: at += 1
      }
    }
    let value = source[start..<at]
    at = Swift.min(at + 1, source.count)
    return isPlain ? Array(value) : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
}
