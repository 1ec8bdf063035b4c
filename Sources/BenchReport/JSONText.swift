/// A JSON value whose members keep their order, so that the same input gives the same bytes. What commands print as JSON is one of these; the
/// report of a run is coded, because it is read back too.
package enum JSONText {
  case string(String)
  case number(UInt64)
  case bool(Bool)
  case null
  case array([JSONText])
  case object([(String, JSONText)])

  /// The number of the shape of what `measure`, `sigstruct` and `explain` print. It grows where a member goes or means something else; new
  /// members leave it as it is.
  package static let schema: UInt64 = 1

  /// An object with the number of its shape before its members: what a command prints as a whole.
  package var document: JSONText {
    guard case .object(let members) = self else { return self }
    return .object([("schema", .number(Self.schema))] + members)
  }

  /// The document with two spaces a level, and a line feed at its end.
  package var text: String { document.render(indent: "") + "\n" }

  /// The value without spaces, on one line.
  package var line: String {
    switch self {
    case .string(let text): Self.quoted(text)
    case .number(let number): String(number)
    case .bool(let flag): flag ? "true" : "false"
    case .null: "null"
    case .array(let items): "[" + items.map(\.line).joined(separator: ",") + "]"
    case .object(let members): "{" + members.map { Self.quoted($0.0) + ":" + $0.1.line }.joined(separator: ",") + "}"
    }
  }

  private func render(indent: String) -> String {
    let inner = indent + "  "
    switch self {
    case .string(let text): return Self.quoted(text)
    case .number(let number): return String(number)
    case .bool(let flag): return flag ? "true" : "false"
    case .null: return "null"
    case .array(let items) where items.isEmpty: return "[]"
    case .array(let items):
      return "[\n" + items.map { inner + $0.render(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let members) where members.isEmpty: return "{}"
    case .object(let members):
      let lines = members.map { inner + Self.quoted($0.0) + ": " + $0.1.render(indent: inner) }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  /// RFC 8259, section 7: quotation mark, reverse solidus and control characters are escaped.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
