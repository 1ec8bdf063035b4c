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

  public init(descriptor: Int32) { self.descriptor = descriptor }

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
        error = errno
        return
      }
      written += count
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
  /// - Parameter hint: what most often lies behind it; a line of its own.
  static func write(_ text: String, hint: String? = nil) {
    var output = Output(descriptor: 2)
    output.write("sgxbench: \(text)\n" + (hint.map { "hint: \($0)\n" } ?? ""))
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
