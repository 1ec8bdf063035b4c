import LuaHost

/// An option that a script declares in the table it returns: `options = { pages = { default = 8, help = "…" } }`.
public struct ScriptOption: Hashable, Sendable {
  public let name: String
  public let kind: Kind
  /// Its default, as text.
  public let standard: String
  /// What it is for, in the script's words; may be empty.
  public let help: String

  /// Of what kind its values are: that of its default.
  public enum Kind: String, Sendable {
    case wholeNumber = "integer"
    case text = "string"
    case flag = "boolean"
  }

  /// The value that a text means, or nil where it is of another kind.
  func value(of text: String) -> LuaValue? {
    switch kind {
    case .text: return .string(text)
    case .flag: return text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
    case .wholeNumber:
      let isHex = text.hasPrefix("0x")
      return Int64(isHex ? text.dropFirst(2) : text[...], radix: isHex ? 16 : 10).map { .integer($0) }
    }
  }

  /// Whether a text is a value of this option.
  public func accepts(_ text: String) -> Bool { value(of: text) != nil }
}

/// What a script says of itself, without any of its tests run.
public struct ScriptDeclarations: Sendable {
  public let name: String
  /// Its `about`.
  public internal(set) var about: String?
  public internal(set) var tests: [DeclaredTest] = []
  /// In the order of their names.
  public internal(set) var options: [ScriptOption] = []
  /// Images that its table pins to a digest, by name in byte order.
  public internal(set) var pinnedImages: [String] = []
  /// Why the script cannot be run, if it cannot.
  public internal(set) var error: ScenarioError?
}
