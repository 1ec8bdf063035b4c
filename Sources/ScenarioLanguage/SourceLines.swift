import LuaHost

/// The sources that a run has read, for reports that show the line at which a check failed.
///
/// A line is looked for once, and each source gone through once: thousands of failures may stand at the end of a long script.
struct SourceLines {
  private struct Source {
    let name: String
    let bytes: [UInt8]
    /// Where each line begins; empty until one is asked for.
    var starts: [Int] = []
    /// Lines that were asked for, as they are shown.
    var shown: [Int: String?] = [:]
  }

  private var sources: [Source] = []
  /// Bytes that are shown of a line.
  private static let shownMax = 120

  mutating func add(_ bytes: [UInt8], name: String) { sources.append(Source(name: name, bytes: bytes)) }

  /// A line as it may be shown, without the blanks around it; nil where there is none, or nothing on it.
  ///
  /// - Parameter number: from 1.
  subscript(file: String, number: Int) -> String? {
    mutating get {
      guard let place = sources.firstIndex(where: { $0.name == file }) else { return nil }
      if let known = sources[place].shown[number] { return known }
      if sources[place].starts.isEmpty { sources[place].starts = Self.starts(of: sources[place].bytes) }
      let text = Self.shown(number, of: sources[place])
      sources[place].shown[number] = .some(text)
      return text
    }
  }

  private static func starts(of bytes: [UInt8]) -> [Int] {
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
    return starts
  }

  private static func shown(_ number: Int, of source: Source) -> String? {
    guard source.starts.indices.contains(number - 1) else { return nil }
    let end = number < source.starts.count ? source.starts[number] - 1 : source.bytes.count
    var line = source.bytes[source.starts[number - 1]..<end].drop(while: isBlank)
    while let last = line.last, isBlank(last) { line.removeLast() }
    guard !line.isEmpty else { return nil }
    let shown = line.prefix(shownMax).map { isBlank($0) ? UInt8(ascii: " ") : $0 }
    return escapeForDisplay(shown) + (line.count > shownMax ? " ..." : "")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}
