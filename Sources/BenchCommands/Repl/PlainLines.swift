#if canImport(Glibc)
  import Glibc
#endif

/// Lines of standard input where it is no terminal: no prompt, no history.
struct PlainLines: ReplLines {
  private var read: [UInt8] = []
  private var place = 0
  private var hasEnded = false

  /// An input may not have more, however its lines are read.
  private static let lineMax = 64 << 20

  mutating func next(isFirst: Bool) -> ReplLine {
    var searched = place
    while true {
      if let end = read[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { place = end + 1 }
        return .line(Array(read[place..<end]))
      }
      if hasEnded {
        defer { place = read.count }
        return place == read.count ? .end : .line(Array(read[place...]))
      }
      read.removeSubrange(..<place)
      place = 0
      searched = read.count
      if read.count > Self.lineMax { return .failed("a line has more than \(Self.lineMax) bytes") }
      if let problem = fill() { return .failed(problem) }
    }
  }

  /// Reads what is there; returns why it could not.
  private mutating func fill() -> String? {
    var block = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = block.withUnsafeMutableBytes { Glibc.read(0, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return String(cString: strerror(errno))
      }
      hasEnded = count == 0
      read += block.prefix(count)
      return nil
    }
  }
}
