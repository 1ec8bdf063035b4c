/// What an argument, a field of an option table or an optional part of either may be, in one row: reading and checking, the reference, the
/// definitions for editors, completion and `sgxbench explain api` are all made from it.
package struct APIField: Sendable {
  /// By which the binding reads it; never shown.
  package let key: String
  /// What scripts write.
  package var name: String
  package var type: APIType
  package var presence: Presence
  package var sentence: String

  /// What it means to leave a field out.
  package enum Presence: Sendable, Equatable {
    case required
    /// It is nil then.
    case optional
    /// What it is then.
    case number(Int64)
    case flag(Bool)
    case text(String)
    /// What the binding takes where no other field stands for it.
    case fallback(Int64)
  }

  package init(_ key: String, _ type: APIType, _ sentence: String) { self.init(key, type, .optional, sentence) }

  package init(_ key: String, _ type: APIType, _ presence: Presence, _ sentence: String) {
    self.key = key
    name = key
    self.type = type
    self.presence = presence
    self.sentence = sentence
  }

  /// The default as a script would write it; nil where there is none.
  package var defaultText: String? {
    switch presence {
    case .required, .optional: return nil
    case .number(let value), .fallback(let value): return value > 4096 && value & 0xfff == 0xfff ? "0x" + String(value, radix: 16) : type.unit == "bytes" ? NumberText.shown(value) : "\(value)"
    case .flag(let value): return "\(value)"
    case .text(let value): return "\"\(value)\""
    }
  }

  /// The sentence, and behind it what the row says beside it: range and default.
  package var fullSentence: String {
    let parts = [sentence, type.rangeText.map { "\($0)." }, defaultText.map { "\($0) where nothing is said." }]
    return parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
  }
}

/// What a value may be.
package indirect enum APIType: Sendable {
  /// A number of so many bits, of which all may be said; one of 64 bits may be written negative, or as text.
  case bits(Int)
  /// A number of bytes, not negative.
  case bytes
  case address
  case offset
  /// A number of pages of 4 KiB, whose bytes fit into 64 bits.
  case pages
  /// A number in a range.
  case count(ClosedRange<Int64>)
  case flag
  case text
  /// So many bytes, or twice as many hexadecimal digits.
  case binary(Int)
  case words([String])
  /// `r`, `w` and `x`.
  case permissions
  /// A word of one of the bench's own lists: the name of its alias in the definitions.
  case name(String)
  /// A handle of this type.
  case handle(String)
  /// A descriptor: a number, or a handle that has one.
  case descriptor
  case table(String, [APIField])
  case tables(String, [APIField])
  /// A list of values; the type of one, as the definitions write it.
  case list(String)
  /// Names with true or false each; the class in the definitions.
  case switches(String)
  /// What stays in Lua, as the definitions write it.
  case lua(String)

  /// What a number counts.
  package var unit: String? {
    switch self {
    case .bytes: "bytes"
    case .address: "address"
    case .offset: "offset"
    case .pages: "pages"
    default: nil
    }
  }

  package var rangeText: String? {
    switch self {
    case .bits(let bits) where bits < 64: "\(bits) bits"
    case .count(let range):
      range.lowerBound == .min ? nil : range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    default: nil
    }
  }

  /// The type as the Lua language server writes it.
  package var luaType: String {
    switch self {
    case .bits, .bytes, .address, .offset, .pages, .count: "sgx.Number"
    case .flag: "boolean"
    case .text, .binary: "string"
    case .words(let words): words.map { "\"\($0)\"" }.joined(separator: "|")
    case .permissions: "sgx.Permissions"
    case .name(let alias): alias
    case .handle(let type): "sgx.\(type.prefix(1).uppercased())\(type.dropFirst())"
    case .descriptor: "sgx.Provision|sgx.Enclave|integer"
    case .table(let name, _): name
    case .tables(let name, _): "\(name)[]"
    case .list(let element): "\(element)[]"
    case .switches(let name): name
    case .lua(let type): type
    }
  }

  /// The type in words, for the reference.
  package var words: String {
    switch self {
    case .bits(let bits): bits == 64 ? "number" : "number, \(bits) bits"
    case .bytes: "bytes"
    case .address: "address"
    case .offset: "offset"
    case .pages: "pages"
    case .count: rangeText.map { "number, \($0)" } ?? "number"
    case .flag: "true or false"
    case .text: "string"
    case .binary(let bytes): "\(bytes) bytes, or \(2 * bytes) hexadecimal digits"
    case .words(let words): words.map { "`\"\($0)\"`" }.joined(separator: ", ")
    case .permissions: "`r`, `w`, `x`"
    case .name: "string"
    case .handle(let type): type
    case .descriptor: "descriptor: a handle or a number"
    case .table: "table"
    case .tables: "list of tables"
    case .list: "list"
    case .switches: "table of true or false"
    // Not `contains`: where a library brings Foundation along, that is Foundation's search, and 40 MB of locale data with it.
    case .lua(let type): type.hasPrefix("fun") ? "function" : type.hasSuffix("[]") ? "list" : type.hasSuffix("|sgx.Loader") ? "string or table" : "any"
    }
  }
}
