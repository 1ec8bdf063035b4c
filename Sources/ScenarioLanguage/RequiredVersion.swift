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
    // The last three words: a name, a sign and a text.
    var name = false, sign = false
    for word in LuaWords(source) where word.kind != .comment {
      if name, sign, case .text(let value?) = word.kind, let number = number(in: value), Int(number).map({ $0 > mine }) == true { return number }
      sign = name && !sign && source[word.range].elementsEqual("=".utf8)
      name = sign || word.kind == .name && source[word.range].elementsEqual("requires".utf8)
    }
    return nil
  }

  /// `2` of `sgxbench 2`.
  private static func number(in text: [UInt8]) -> String? {
    guard text.starts(with: "sgxbench ".utf8) else { return nil }
    let number = text.dropFirst(9)
    guard (1...9).contains(number.count), number.allSatisfy({ (0x30...0x39).contains($0) }), number.first != 0x30 else { return nil }
    return String(decoding: number, as: UTF8.self)
  }
}
