import LuaHost

/// What most often lies behind a text that Lua could not read.
enum SyntaxHint {
  /// Nil where there is nothing sure to say.
  static func hint(for failure: LuaFailure, source: [UInt8]) -> String? {
    guard failure.kind == .syntax, let line = failure.line else { return nil }
    let message = String(decoding: failure.message, as: UTF8.self)
    guard let token = token(of: message) else { return nil }
    if token == "!" { return "Lua writes 'not', and '~=' for 'is not equal to'" }
    let isInTable = message.utf8.starts(with: "'}' expected".utf8)
    guard isInTable || message.utf8.starts(with: "')' expected".utf8), beginsValue(token) else { return nil }
    let lines = source.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "\n") }
    guard lines.indices.contains(line - 1) else { return nil }
    guard trimmed(lines[line - 1]).starts(with: token.utf8) else { return "a comma may be missing in front of \(token)" }
    // At the end of a line of a call it is more often the parenthesis that is missing.
    guard isInTable, let before = lines[..<(line - 1)].lastIndex(where: { !isBlank($0) }) else { return nil }
    return "a comma may be missing at the end of line \(before + 1)"
  }

  /// What stands between the quotes behind "near", without them: `near 'b'`, `near '"b"'`.
  private static func token(of message: String) -> Substring? {
    let words = Array(message.utf8)
    let near = Array(" near '".utf8)
    guard words.last == UInt8(ascii: "'"), words.count > near.count,
      let start = words.indices.dropLast(near.count).last(where: { words[$0...].starts(with: near) })
    else { return nil }
    return Substring(decoding: words[(start + near.count)..<(words.count - 1)], as: UTF8.self)
  }

  private static let words: Set<Substring> = [
    "and", "break", "do", "else", "elseif", "end", "for", "goto", "if", "in", "local", "or", "repeat", "return", "then", "until", "while",
  ]

  private static func beginsValue(_ token: Substring) -> Bool {
    guard let first = token.utf8.first, !words.contains(token) else { return false }
    switch first {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "{"):
      return true
    default: return false
    }
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
  }

  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    let text = trimmed(line)
    return text.isEmpty || text.starts(with: "--".utf8)
  }
}
