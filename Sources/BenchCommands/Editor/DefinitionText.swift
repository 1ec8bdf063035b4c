import ScenarioLanguage

/// Definitions for the Lua language server, made from the table by which scripts are read (`ScenarioLanguage/API/`).
struct DefinitionText {
  let api: API
  /// Classes of option tables that were written already: two functions may take the same.
  private var written: Set<String> = []

  init(_ api: API = API()) { self.api = api }

  /// A file for each kind, and one for what comes back.
  static func files(_ api: API = API()) -> [(name: String, text: String)] {
    var definitions = DefinitionText(api)
    var files: [(name: String, text: String)] = []
    for kind in api.kinds { files.append(("\(kind.name.rawValue).lua", definitions.text(of: kind))) }
    files.append(("results.lua", definitions.results))
    files.append(("words.lua", words))
    return files
  }

  private mutating func text(of kind: APIKind) -> String {
    var text = kind.isModule ? Self.head : "---@meta _\n-- \(kind.sentence)\n"
    text += "\n---@class \(kind.className)\n"
    for property in kind.properties { text += Self.field(property) }
    let variable = kind.isModule ? "sgx" : String(kind.className.dropFirst("sgx.".count))
    text += "local \(variable) = {}\n"
    for function in kind.functions {
      for (name, fields) in Self.classes(of: function) where written.insert(name).inserted { text += Self.optionClass(name, fields) }
      for name in [function.name] + function.aliases { text += Self.function(function, called: "\(variable)\(kind.isModule ? "." : ":")\(name)") }
    }
    if kind.isModule { text += "\nreturn sgx\n" }
    return text
  }

  private static let head = """
    ---@meta sgx
    -- local sgx = require "sgx". See Docs/Functions.md.

    ---A whole number, or text with a unit or a base: "256 KiB", "0x8000000000000000".
    ---@alias sgx.Number integer|string

    ---r, w and x in any order; "" is nothing.
    ---@alias sgx.Permissions ""|"r"|"rw"|"rx"|"rwx"|"x"|"w"|string

    """

  /// Classes of a function's option table and of tables in it, the innermost first.
  private static func classes(of function: APIFunction) -> [(name: String, fields: [APIField])] {
    guard let options = function.options else { return [] }
    return classes(in: options) + [(function.optionsClass, options)]
  }

  private static func classes(in fields: [APIField]) -> [(name: String, fields: [APIField])] {
    var found: [(name: String, fields: [APIField])] = []
    for field in fields {
      switch field.type {
      case .table(let name, let inner), .tables(let name, let inner):
        for each in classes(in: inner) + [(name, inner)] where !found.contains(where: { $0.name == each.name }) { found.append(each) }
      default: break
      }
    }
    return found
  }

  private static func optionClass(_ name: String, _ fields: [APIField]) -> String {
    var text = "\n---@class \(name)\n"
    for field in fields {
      text += "---@field \(field.name)\(field.presence == .required ? "" : "?") \(field.type.luaType) \(plain(field.fullSentence))\n"
    }
    return text
  }

  private static func function(_ function: APIFunction, called name: String) -> String {
    var text = "\n---\(plain(function.sentence))\n"
    for overload in function.overloads { text += "---@overload \(overload)\n" }
    var parameters = function.arguments.map(\.name)
    for field in function.arguments {
      text += "---@param \(field.name)\(field.presence == .required ? "" : "?") \(field.type.luaType) \(plain(field.fullSentence))\n"
    }
    if let options = function.options {
      parameters.append("options")
      text += "---@param options\(options.contains { $0.presence == .required } ? "" : "?") \(function.optionsClass)\n"
    }
    for result in function.results { text += "---@return \(result.type)\(result.name.isEmpty ? "" : " \(result.name)")\n" }
    return text + "function \(name)(\(parameters.joined(separator: ", "))) end\n"
  }

  /// Tests and checks.
  private static var words: String {
    var text = "---@meta _\n-- The words of a scenario that need no module: tests and checks. See Docs/ScenarioReference.md.\n"
    for word in API.words { text += function(word, called: word.name) }
    text += "\n---@class sgx.Expectation\nlocal Expectation = {}\n"
    for check in API.checks { text += function(check, called: "Expectation:\(check.name)") }
    return text
  }

  private var results: String {
    var text = "---@meta _\n-- Tables that come back from calls. See Docs/Results.md.\n"
    for record in APIRecord.all {
      text += "\n---\(Self.plain(record.sentence))\n---@class \(record.className)\n"
      for field in record.fields { text += Self.field(field) }
    }
    return text
  }

  private static func field(_ property: APIProperty) -> String {
    "---@field \(property.name) \(property.type)\(property.sentence.isEmpty ? "" : " \(plain(property.sentence))")\n"
  }

  /// Without the marks of a page.
  private static func plain(_ text: String) -> String { text.replacing("`", with: "") }
}
