import LuaHost

/// The sources that a run has read, for reports that show the line at which a check failed.
struct SourceLines {
  private var sources: [(name: String, bytes: [UInt8])] = []
  /// Bytes that are shown of a line.
  private static let shownMax = 120

  mutating func add(_ bytes: [UInt8], name: String) { sources.append((name, bytes)) }

  /// A line as it may be shown, without the blanks around it; nil where there is none, or nothing on it.
  ///
  /// - Parameter number: from 1.
  subscript(file: String, number: Int) -> String? {
    guard number > 0, let bytes = sources.first(where: { $0.name == file })?.bytes else { return nil }
    var rest = bytes[...]
    for _ in 1..<number {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      rest = rest[(end + 1)...]
    }
    let line = rest.prefix { $0 != UInt8(ascii: "\n") }.map { Self.isBlank($0) ? UInt8(ascii: " ") : $0 }
    let shown = line.drop(while: Self.isBlank).reversed().drop(while: Self.isBlank).reversed()
    guard !shown.isEmpty else { return nil }
    return escapeForDisplay(shown.prefix(Self.shownMax)) + (shown.count > Self.shownMax ? " ..." : "")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}
