import CTemplate
#if canImport(Glibc)
  import Glibc
#endif

/// The templates of the reports, which are part of the program.
struct Templates {
  private let sources: KeyValuePairs<String, [UInt8]>

  /// - Parameter sources: each template under the name by which others refer to it, as `{{>name}}`.
  init(_ sources: KeyValuePairs<String, [UInt8]>) { self.sources = sources }

  /// Fills a template in. Values are strings, whole numbers, truth values, tables by name, and lists of tables or strings. What a name has no
  /// value for is empty; a value of a table hides one of the same name in the tables around it.
  func fill(_ name: String, with values: [String: Any]) -> String {
    guard let source = sources.first(where: { $0.key == name })?.value else { preconditionFailure("template-exists: \(name)") }
    let table = Self.table(values)
    // The library asks for partials while it fills the page in, so they stand still until then.
    var copies: [UnsafeMutableBufferPointer<CChar>] = []
    defer { for copy in copies { copy.deallocate() } }
    for (partial, bytes) in sources where partial != name {
      let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
      _ = copy.initialize(from: bytes.map { CChar(bitPattern: $0) })
      copies.append(copy)
      ctemplate_set_partial(table, partial, copy.baseAddress!, copy.count)
    }
    var (count, isGood) = (0, false)
    let filled = Self.withBytes(of: source) { ctemplate_fill($0, source.count, table, &count, &isGood) }
    defer { free(filled) }
    let text = String(decoding: UnsafeRawBufferPointer(start: filled, count: count), as: UTF8.self)
    precondition(isGood, "template-parses: \(name): \(text)")
    return text
  }

  private static func table(_ values: [String: Any]) -> OpaquePointer {
    let table = ctemplate_table()
    for (name, value) in values {
      switch value {
      case let flag as Bool: ctemplate_set_flag(table, name, flag)
      case let values as [String: Any]: ctemplate_set_value(table, name, self.table(values))
      case let values as [[String: Any]]:
        let list = ctemplate_list()
        for value in values { ctemplate_append_value(list, self.table(value)) }
        ctemplate_set_value(table, name, list)
      case let texts as [String]:
        let list = ctemplate_list()
        for text in texts { withText(text) { ctemplate_append_text(list, $0, $1) } }
        ctemplate_set_value(table, name, list)
      default: withText("\(value)") { ctemplate_set_text(table, name, $0, $1) }
      }
    }
    return table
  }

  private static func withText(_ text: String, _ body: (UnsafePointer<CChar>, Int) -> Void) {
    let bytes = Array(Markup.allowed(text).utf8)
    withBytes(of: bytes) { body($0, bytes.count) }
  }

  private static func withBytes<Result>(of bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    // One byte more, so that an empty array has an address.
    (bytes + [0]).withUnsafeBufferPointer { $0.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) } }
  }
}

/// Text of XML and HTML.
enum Markup {
  /// Between tags and in attributes, where no template puts it there. By code points: a quotation mark with an accent on it is another character, and
  /// ends an attribute all the same.
  static func escaped(_ text: String) -> String {
    ReportText.replacing(["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"], in: allowed(text))
  }

  /// Without the code points that XML 1.0 has no way to write, which stand as `\u{fffe}`.
  static func allowed(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { !isAllowed($0) }) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if isAllowed(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xa: true
    case 0...0x1f, 0x7f...0x9f: false
    default: scalar.value & 0xfffe != 0xfffe
    }
  }
}
