import ScenarioLanguage

/// What scenarios may say, made from the table (`ScenarioLanguage/API/`): the page `Docs/Functions.md`, and one row of it.
package enum APIPage {
  /// The whole page.
  package static func text(_ api: API = API()) -> String {
    var text = """
      # Functions of scenarios

      Every function and property of the module `sgx` and of handles. The program makes this page from the table by which it reads a script
      (`sgxbench explain api`; one function: `sgxbench explain api enclave:create`). What comes back is in [Results.md](Results.md), what the
      words mean in [ScenarioReference.md](ScenarioReference.md). A field without a default may be left out unless it is required.

      """
    var told: Set<String> = []
    for kind in api.kinds { text += "\n" + section(kind, &told) }
    return text
  }

  private static func section(_ kind: APIKind, _ told: inout Set<String>) -> String {
    var text = "## \(kind.isModule ? "The module sgx" : kind.name.rawValue.capitalizedFirst)\n\n\(kind.sentence)\n"
    if !kind.properties.isEmpty {
      text += "\n| property | type | |\n|---|---|---|\n"
      for property in kind.properties { text += row("`\(kind.name.rawValue).\(property.name)`", type(property.type), property.sentence) }
    }
    text += "\n| function | returns | |\n|---|---|---|\n"
    for function in kind.functions {
      let also = function.aliases.isEmpty ? "" : " Also " + function.aliases.map { "`\($0)`" }.joined(separator: ", ") + "."
      text += row("`\(signature(function, of: kind))`", function.results.map { type($0.type) }.joined(separator: ", "), function.sentence + also)
    }
    for function in kind.functions { text += options(of: function, in: kind, &told) }
    return text
  }

  /// The table of a function's option fields, those of tables within it behind them.
  private static func options(of function: APIFunction, in kind: APIKind, _ told: inout Set<String>) -> String {
    guard let fields = function.options else { return "" }
    let owner = kind.owner(of: function.name)
    guard told.insert(function.optionsClass).inserted else { return "\n`\(owner)` takes the fields of `sgx.sigstruct`, all of which may be left out.\n" }
    var text = "\n| field of `\(owner)` | what it is | |\n|---|---|---|\n"
    text += rows(fields, path: "")
    return text
  }

  private static func rows(_ fields: [APIField], path: String) -> String {
    fields.map { field in
      let text = row("`\(path)\(field.name)`\(field.presence == .required ? ", required" : "")", field.type.words, sentence(of: field))
      switch field.type {
      case .table(_, let inner), .tables(_, let inner): return text + rows(inner, path: "\(path)\(field.name).")
      default: return text
      }
    }.joined()
  }

  private static func sentence(of field: APIField) -> String {
    let value = field.defaultText.map { "\($0 == "\"\"" ? "nothing" : "`\($0)`") where nothing is said." }
    return [field.sentence, value].compactMap { $0 }.joined(separator: " ")
  }

  private static func row(_ cells: String...) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
  }

  private static func type(_ type: String) -> String { "`\(type.replacing("sgx.", with: ""))`" }

  /// `enclave:create { size, base, … }`
  private static func signature(_ function: APIFunction, of kind: APIKind) -> String {
    let owner = kind.owner(of: function.name)
    let arguments = function.arguments.map { $0.presence == .required ? $0.name : "[\($0.name)]" }
    guard function.options != nil else { return "\(owner)(\(arguments.joined(separator: ", ")))" }
    return arguments.isEmpty ? "\(owner) { … }" : "\(owner)(\(arguments.joined(separator: ", ")), { … })"
  }

  /// One function or property, or everything of a kind; nil where nothing has that name.
  package static func text(of name: String, _ api: API = API()) -> String? {
    let parts = name.split(whereSeparator: { $0 == ":" || $0 == "." }).map(String.init)
    guard let first = parts.first, let kind = api.kinds.first(where: { $0.name.rawValue == first }) else { return nil }
    var told: Set<String> = []
    guard parts.count > 1 else { return section(kind, &told) }
    if let property = kind.properties.first(where: { $0.name == parts[1] }) {
      return "\(first).\(property.name): \(property.type)\n\(property.sentence)\n"
    }
    guard let function = kind.function(parts[1]) else { return nil }
    var text = "\(signature(function, of: kind))\n\(function.sentence)\n"
    if !function.results.isEmpty { text += "returns \(function.results.map(\.type).joined(separator: ", "))\n" }
    for field in function.arguments { text += line(field, indent: 2) }
    for field in function.options ?? [] { text += lines(field, indent: 2) }
    return text
  }

  private static func lines(_ field: APIField, indent: Int) -> String {
    switch field.type {
    case .table(_, let inner), .tables(_, let inner): line(field, indent: indent) + inner.map { lines($0, indent: indent + 2) }.joined()
    default: line(field, indent: indent)
    }
  }

  private static func line(_ field: APIField, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    return "\(margin)\(field.name)\(field.presence == .required ? " (required)" : ""): \(field.type.words). \(sentence(of: field))\n".replacing("`", with: "")
  }

  /// Names that somebody may have meant.
  package static func suggestion(for name: String, _ api: API = API()) -> String {
    let names = api.kinds.flatMap { kind in kind.functions.map { kind.owner(of: $0.name) } + kind.properties.map { "\(kind.name.rawValue).\($0.name)" } + [kind.name.rawValue] }
    return NearestWord.suggestion(for: name, among: names)
  }
}

/// The page `Docs/Results.md`: tables that come back from calls.
package enum ResultsPage {
  package static var text: String {
    var text = """
      # Results

      Tables that come back from calls and properties. The program makes this page (`sgxbench explain results`). A field whose type ends with `?`
      can be nil; one that a table cannot have is an error. Their text, as `print` shows it, is their fields.

      """
    for record in APIRecord.all {
      text += "\n## \(record.className)\n\n\(record.sentence)\(record.isReadOnly ? " Read-only." : "")\n\n| field | type | |\n|---|---|---|\n"
      for field in record.fields {
        let type = field.type.replacing("sgx.", with: "").replacing("|", with: "\\|")
        text += "| `\(field.name)` | `\(type)` | \(field.sentence) |\n"
      }
    }
    return text
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
