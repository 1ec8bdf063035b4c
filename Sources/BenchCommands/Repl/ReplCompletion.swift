import ScenarioLanguage
import SGXDriver
import Simulation

/// What the Tab key offers.
final class ReplCompletion {
  private let session: InteractiveSession
  /// Lines of the input that were read already.
  var begun: [UInt8] = []

  init(_ session: InteractiveSession) { self.session = session }

  /// What is put at the cursor, and the choices that remain, a few to a line; empty where there are none to show.
  func complete(_ line: [UInt8]) -> (insertion: String, choices: String) {
    let typed = String(decoding: begun + [UInt8(ascii: "\n")] + line, as: UTF8.self)
    let (word, candidates) = candidates(for: typed)
    let fitting = candidates.filter { $0.hasPrefix(word) }
    guard let first = fitting.first else { return ("", "") }
    let shared = fitting.dropFirst().reduce(first) { shared, name in String(zip(shared, name).prefix { $0 == $1 }.map(\.0)) }
    let insertion = String(shared.dropFirst(word.count))
    return (insertion, fitting.count > 1 && insertion.isEmpty ? Self.columns(fitting) : "")
  }

  /// The word that is being typed, and everything that may stand there.
  func candidates(for typed: String) -> (word: String, candidates: [String]) {
    if let (field, word) = Self.openString(in: typed) { return (word, Self.values(of: field)) }
    let word = String(typed.reversed().prefix { Self.isName($0) }.reversed())
    let before = typed.dropLast(word.count)
    if let separator = before.last, separator == "." || separator == ":" {
      let path = Self.path(before.dropLast())
      return (word, path.isEmpty ? [] : session.completions(of: path, String(separator)))
    }
    if let owner = Self.optionTable(in: before) {
      let fields = session.completions(of: owner, "{")
      if !fields.isEmpty { return (word, fields.map { $0 + " = " }) }
    }
    return word.isEmpty ? (word, []) : (word, session.completions(of: "", "") + Self.words)
  }

  private static let words = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or",
    "repeat", "return", "then", "true", "until", "while",
  ]

  /// What a string may be, by the name of the field it is for.
  private static func values(of field: String) -> [String] {
    switch field {
    case "driver": DriverRelease.known.map(\.name)
    case "site": Site.all.map(\.name)
    default: []
    }
  }

  /// The field in front of a string that is still open, and what of it was typed: `driver = "5` gives `driver` and `5`.
  private static func openString(in typed: String) -> (field: String, word: String)? {
    var quote: (mark: Character, place: String.Index)?
    var isEscaped = false
    for index in typed.indices {
      let character = typed[index]
      if isEscaped {
        isEscaped = false
      } else if quote != nil, character == "\\" {
        isEscaped = true
      } else if let open = quote {
        if character == open.mark || character == "\n" { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = (character, index)
      }
    }
    guard let quote else { return nil }
    let before = Self.trimmed(typed[..<quote.place])
    guard before.last == "=" else { return ("", "") }
    let field = Self.trimmed(before.dropLast()).reversed().prefix { isName($0) }.reversed()
    return (String(field), String(typed[typed.index(after: quote.place)...]))
  }

  /// The function whose option table is open here, at a place where a field may begin.
  private static func optionTable(in typed: Substring) -> String? {
    let before = trimmed(typed)
    guard before.last == "{" || before.last == ",", let table = openBracket(in: before), before[table] == "{" else { return nil }
    var head = trimmed(before[..<table])
    // The table stands alone, in parentheses, or behind other arguments.
    if head.last == "(" || head.last == "," {
      guard let call = openBracket(in: head), head[call] == "(" else { return nil }
      head = trimmed(head[..<call])
    }
    let owner = path(head)
    return owner.isEmpty ? nil : owner
  }

  /// The innermost bracket that is still open.
  private static func openBracket(in text: Substring) -> String.Index? {
    var depth = 0
    for index in text.indices.reversed() {
      switch text[index] {
      case "}", ")": depth += 1
      case "{", "(":
        if depth == 0 { return index }
        depth -= 1
      default: break
      }
    }
    return nil
  }

  /// The names, dots and colons that the text ends with.
  private static func path(_ text: Substring) -> String {
    String(text.reversed().prefix { isName($0) || $0 == "." || $0 == ":" }.reversed())
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let last = text.last, last == " " || last == "\t" || last == "\n" { text.removeLast() }
    return text
  }

  private static func isName(_ character: Character) -> Bool {
    character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
  }

  private static let width = 78

  /// The names in columns of one width, row by row.
  private static func columns(_ names: [String]) -> String {
    let column = (names.map(\.count).max() ?? 0) + 2
    let perLine = max(1, width / column)
    var text = ""
    for (index, name) in names.enumerated() {
      if index > 0, index % perLine == 0 { text += "\n" }
      let isLast = index == names.count - 1 || index % perLine == perLine - 1
      text += isLast ? name : name + String(repeating: " ", count: column - name.count)
    }
    return text
  }
}
