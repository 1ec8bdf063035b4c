/// The version of the words that a script's text says it is written in. A script of a newer version fails at its first new word, ahead of
/// the table that it returns, so that the text is asked.
package enum RequiredVersion {
  /// The version that this bench has. It also runs scripts of version 1, whose plain schedules count other steps and are refused.
  package static let mine = 2

  /// What to say of a script that this bench cannot run; nil where its text asks for nothing newer.
  static func hint(source: [UInt8]) -> String? {
    guard let wanted = newer(in: source) else { return nil }
    return "the script requires sgxbench \(wanted), and this bench has the words of sgxbench \(mine): it takes a newer bench"
  }

  /// The number in `requires = "sgxbench 2"` where it is above this bench's own.
  private static func newer(in source: [UInt8]) -> String? {
    let word = Array("requires".utf8)
    for start in source.indices where source[start] == word[0] && source[start...].starts(with: word) {
      var rest = source[(start + word.count)...].drop(while: isBlank)
      guard rest.popFirst() == UInt8(ascii: "=") else { continue }
      rest = rest.drop(while: isBlank)
      guard let quote = rest.popFirst(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), rest.starts(with: "sgxbench ".utf8) else { continue }
      let number = rest.dropFirst(9).prefix { $0 != quote }
      guard (1...9).contains(number.count), number.allSatisfy({ (0x30...0x39).contains($0) }), number.first != 0x30 else { continue }
      let text = String(decoding: number, as: UTF8.self)
      if let number = Int(text), number > mine { return text }
    }
    return nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
