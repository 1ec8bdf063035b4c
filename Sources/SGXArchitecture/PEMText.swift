import SwiftASN1

/// The blocks of a PEM file, read as openssl reads them: text before, between and behind blocks, blanks at the ends of lines, lines of any
/// length and any ends of line are fine (RFC 7468, "Parsers … SHOULD ignore").
struct PEMText {
  /// What stands between a BEGIN and an END line.
  struct Block {
    let label: String
    /// It begins with headers that say it is encrypted (RFC 1421, Proc-Type).
    let isEncrypted: Bool
    /// Nil where the text is no base64, or the END line is missing or another one's.
    let der: [UInt8]?
  }

  let blocks: [Block]

  init(_ text: String) {
    var blocks: [Block] = []
    var open: (label: String, body: String, isEncrypted: Bool)?
    for line in text.split(whereSeparator: \.isNewline).map({ $0.filter { !$0.isWhitespace || $0 == " " }.trimmed }) {
      if let label = Self.label(of: line, after: "-----BEGIN ") {
        open = (label, "", false)
      } else if let label = Self.label(of: line, after: "-----END ") {
        if let block = open {
          let der = block.label == label ? Self.bytes(of: block.body) : nil
          blocks.append(Block(label: block.label, isEncrypted: block.isEncrypted, der: der))
        }
        open = nil
        // As a character: a string would be looked for by Foundation, which brings 40 MB of locale data.
      } else if line.contains(":" as Character) {
        if line.hasPrefix("Proc-Type:"), line.hasSuffix("ENCRYPTED") { open?.isEncrypted = true }
      } else {
        open?.body += line.filter { $0 != " " }
      }
    }
    // A block without an end is one that was cut off.
    if let open { blocks.append(Block(label: open.label, isEncrypted: open.isEncrypted, der: nil)) }
    self.blocks = blocks
  }

  private static func label(of line: String, after start: String) -> String? {
    line.hasPrefix(start) && line.hasSuffix("-----") ? String(line.dropFirst(start.utf8.count).dropLast(5)) : nil
  }

  /// The library decodes base64, and wants lines of 64.
  private static func bytes(of body: String) -> [UInt8]? {
    var lines = ""
    for (index, character) in body.enumerated() {
      if index > 0, index % 64 == 0 { lines += "\n" }
      lines.append(character)
    }
    return try? PEMDocument(pemString: "-----BEGIN X-----\n\(lines)\n-----END X-----").derBytes
  }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
