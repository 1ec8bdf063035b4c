import Mustache

/// The templates of the reports, which are part of the program.
struct Templates {
  private let library: MustacheLibrary

  /// - Parameter sources: each template under the name by which others refer to it.
  init(_ sources: KeyValuePairs<String, [UInt8]>) {
    MustacheContentTypes.register(MarkupText(), named: "XML")
    var library = MustacheLibrary()
    for (name, source) in sources {
      do { try library.register(String(decoding: source, as: UTF8.self), named: name) } catch {
        preconditionFailure("template-parses: \(name): \(error)")
      }
    }
    self.library = library
  }

  /// Fills a template in. Values are strings, numbers, truth values, dictionaries by name and arrays of them; what a name has no value for is empty.
  func fill(_ name: String, with values: [String: Any]) -> String {
    guard let text = library.render(values, withTemplate: name) else { preconditionFailure("template-exists: \(name)") }
    return text
  }
}

/// How text stands in XML and HTML, between tags and in attributes.
///
/// The library's own escape goes by characters as readers see them, so that a quotation mark with an accent on it would pass as it is and end an
/// attribute. This one goes by code points, and leaves out those that XML 1.0 has no way to write.
struct MarkupText: MustacheContentType {
  func escapeText(_ text: String) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      default:
        let isAllowed = scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) && scalar.value & 0xfffe != 0xfffe
        if isAllowed {
          escaped.unicodeScalars.append(scalar)
        } else {
          escaped += "\\u{\(String(scalar.value, radix: 16))}"
        }
      }
    }
    return escaped
  }
}
