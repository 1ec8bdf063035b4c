import SGXArchitecture

/// What `init` wrote last: `.sgxbench/written`, a line of SHA-256 and path for each file, as sha256sum has them. A file that still is what
/// its line says was not changed by anybody and may be replaced.
struct WrittenFiles {
  static let path = ".sgxbench/written"

  /// Digests by path, in the order of the lines.
  private var lines: [(path: String, digest: String)] = []

  init(_ bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: true)
      guard parts.count == 2 else { continue }
      let path = parts[1].drop { $0 == UInt8(ascii: " ") }
      lines.append((String(decoding: path, as: UTF8.self), String(decoding: parts[0], as: UTF8.self)))
    }
  }

  /// Whether the file is as `init` left it.
  func holds(_ path: String, _ bytes: [UInt8]) -> Bool { lines.contains { $0.path == path && $0.digest == Self.digest(of: bytes) } }

  mutating func note(_ path: String, _ bytes: [UInt8]) {
    lines.removeAll { $0.path == path }
    lines.append((path, Self.digest(of: bytes)))
  }

  var bytes: [UInt8] { Array(lines.map { "\($0.digest)  \($0.path)\n" }.joined().utf8) }

  static func digest(of bytes: [UInt8]) -> String {
    var hash = RunningSHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.digest().hex
  }
}
