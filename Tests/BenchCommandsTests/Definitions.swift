/// What a file of LuaLS definitions says, read line by line: enough of the language for the files that `sgxbench init` writes.
struct Definitions {
  struct Class {
    /// Types by name, of fields.
    var fields: [String: String] = [:]
    var methods: [String: Function] = [:]
    var members: Set<String> { Set(fields.keys).union(methods.keys) }
  }

  struct Function {
    /// Types by name, of parameters.
    var parameters: [String: String] = [:]
  }

  var classes: [String: Class] = [:]
  /// Functions and variables without an owner.
  var globals: [String: Function] = [:]
  /// Members of library tables: `math.abs`.
  var libraries: [String: Set<String>] = [:]
  /// Values of an alias.
  var aliases: [String: [String]] = [:]

  init(_ texts: [String]) { for text in texts { read(text) } }

  private mutating func read(_ text: String) {
    // What stands above the line that it is about.
    var open = "", alias = "", parameters: [String: String] = [:]
    var owners: [String: String] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      let words = line.split(separator: " ").map(String.init)
      switch words.first {
      case "---@class":
        open = words[1].hasSuffix(":") ? String(words[1].dropLast()) : words[1]
        classes[open] = Class()
      case "---@field" where words[1] != "[integer]":
        let name = words[1].hasSuffix("?") ? String(words[1].dropLast()) : words[1]
        classes[open]?.fields[name] = Self.type(words.dropFirst(2))
      case "---@param": parameters[words[1].hasSuffix("?") ? String(words[1].dropLast()) : words[1]] = Self.type(words.dropFirst(2))
      case "---@alias":
        alias = words[1]
        aliases[alias] = []
      case "---|": aliases[alias]?.append(words[1].filter { $0 != "\"" })
      case "local": owners[words[1]] = open
      case "function":
        let name = String(line.dropFirst("function ".count).prefix { $0 != "(" })
        define(name, Function(parameters: parameters), owners)
        parameters = [:]
      default:
        if let first = words.first, words.count > 1, words[1] == "=" { define(first, Function(), owners) }
      }
    }
  }

  /// A type ends at the first blank that is not between brackets.
  private static func type(_ words: ArraySlice<String>) -> String {
    var text = "", depth = 0
    for word in words {
      text += text.isEmpty ? word : " " + word
      depth += word.filter { "<({".contains($0) }.count - word.filter { ">)}".contains($0) }.count
      if depth <= 0, !word.hasSuffix(":"), !word.hasSuffix(",") { break }
    }
    return text
  }

  private mutating func define(_ name: String, _ function: Function, _ owners: [String: String]) {
    let parts = name.split { $0 == "." || $0 == ":" }.map(String.init)
    guard parts.count == 2 else {
      globals[name] = function
      return
    }
    if let owner = owners[parts[0]] { classes[owner]?.methods[parts[1]] = function } else { libraries[parts[0], default: []].insert(parts[1]) }
  }

  /// The class that a type names, whatever stands around it: `sgx.At`, `sgx.LoaderName|sgx.Loader`, `sgx.Edit[]`, `table<string, sgx.Pin>`.
  func className(in type: String) -> String? {
    type.split { !($0.isLetter || $0.isNumber || $0 == ".") }.map(String.init).last { classes[$0] != nil }
  }
}
