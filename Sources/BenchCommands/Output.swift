import LuaHost
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writes bytes to a descriptor and says whether they arrived. `print` would end with 0 on a full disk.
public struct Output {
  private let descriptor: Int32
  /// Set by the first write that failed; nothing is written afterwards.
  public internal(set) var error: Int32 = 0

  /// False for a pipe that is a report's place: its reader is given some seconds to read on.
  private let waitsForEver: Bool
  static let secondsPatient = 10

  public init(descriptor: Int32) { self.init(descriptor: descriptor, waitsForEver: true) }

  init(descriptor: Int32, waitsForEver: Bool) {
    self.descriptor = descriptor
    self.waitsForEver = waitsForEver
  }

  public mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { write($0) }
  }

  mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard error == 0 else { return }
    var written = 0
    while written < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN, waitForReader() { continue }
        error = errno == EAGAIN ? ETIMEDOUT : errno
        return
      }
      written += count
    }
  }

  /// True once more can be written.
  private func waitForReader() -> Bool {
    var awaited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    let milliseconds = waitsForEver ? -1 : Int32(Self.secondsPatient * 1000)
    while true {
      let ready = poll(&awaited, 1, milliseconds)
      if ready < 0, errno == EINTR { continue }
      if ready == 0 { errno = EAGAIN }
      return ready > 0
    }
  }

  /// One line on standard error about a report that did not arrive; quiet where the reader has simply gone.
  func complain() {
    guard error != 0, error != EPIPE else { return }
    Message.write("cannot write standard output: \(String(cString: strerror(error)))")
  }
}

/// Lines on standard error.
enum Message {
  /// More than this of what a file or a caller says is in nobody's interest.
  private static let bytesMax = 16 << 10

  /// What whoever wrote the message forgot to escape is escaped here; what is escaped stays as it is.
  static func shown(_ text: String) -> String { cut(escapeForDisplay(Array(text.utf8), keepingLines: true)) }

  private static func cut(_ text: String) -> String {
    let bytes = text.utf8
    guard bytes.count > bytesMax else { return text }
    var end = bytes.index(bytes.startIndex, offsetBy: bytesMax)
    while end > bytes.startIndex, bytes[end] & 0xc0 == 0x80 { end = bytes.index(before: end) }
    return "\(text[..<end])… (\(bytes.count - bytesMax) bytes more)"
  }

  /// - Parameter hint: what most often lies behind it; a line of its own.
  static func write(_ text: String, hint: String? = nil) {
    var output = Output(descriptor: 2)
    output.write("sgxbench: \(shown(text))\n" + (hint.map { "hint: \(shown($0))\n" } ?? ""))
  }
}

/// Whether somebody looks at it.
func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

/// Nanoseconds of a clock that only runs forward; for what is said about time on a terminal, nothing else.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
