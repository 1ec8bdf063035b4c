import SGXArchitecture
import ScenarioLanguage

/// A source text as it goes into a bundle.
struct ScriptPart {
  /// What the bundle calls it: a file's own name, or a module's name.
  let name: String
  /// Lower-case SHA-256 of the whole file.
  let digest: String
  /// The first line where it begins with `#`, without its end.
  let mark: [UInt8]?
  /// The text without a byte-order mark. A first line that begins with `#` is empty, so that lines keep their numbers.
  let text: [UInt8]

  init(name: String, file: [UInt8]) {
    self.name = name
    var hash = RunningSHA256()
    file.withUnsafeBytes { hash.update($0) }
    digest = hash.digest().hex
    let source = file.starts(with: [0xef, 0xbb, 0xbf]) ? file.dropFirst(3) : file[...]
    if source.first == UInt8(ascii: "#") {
      let mark = source.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
      self.mark = Array(mark)
      text = Array(source.dropFirst(mark.count))
    } else {
      mark = nil
      text = Array(source)
    }
  }

  /// Lines of a text, as Lua counts them: ends of lines.
  static func lineEnds(in text: [UInt8]) -> Int {
    var count = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      index += 1
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else { continue }
      if index < text.count, text[index] != byte, text[index] == UInt8(ascii: "\n") || text[index] == UInt8(ascii: "\r") { index += 1 }
      count += 1
    }
    return count
  }

  /// The text of a module. In the script that is run `-- covers:` is a claim, in a module it is a comment like any other, and stays one.
  ///
  /// - Throws: a problem where such a line is in a text, which cannot be changed.
  func moduleText() throws(Refusal) -> [UInt8] {
    let marker = Array("-- covers:".utf8)
    var changed = text
    var isCut = false
    for word in LuaWords(text) {
      let body = text[word.range]
      switch word.kind {
      case .name, .sign: break
      case .comment, .text:
        for start in body.indices where body[start...].starts(with: marker) && Self.beginsLine(text, start) {
          guard word.kind == .comment else {
            throw Refusal("module '\(name)', line \(word.line): a text with a line that begins with '-- covers:' would be a claim")
          }
          changed[start + 2] = UInt8(ascii: "~")
          isCut = true
        }
      }
    }
    return isCut ? changed : text
  }

  private static func beginsLine(_ text: [UInt8], _ start: Int) -> Bool {
    let line = text[..<start].reversed().prefix { $0 != UInt8(ascii: "\n") }
    return line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }
}
