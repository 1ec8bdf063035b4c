import Simulation

/// What the results of a script's tests make the host keep. A machine goes with its test; what is told of it stays to the end of the run, so
/// that thousands of tests with thousands of failures each would be gigabytes.
struct ReportMemory {
  /// Bytes of failures.
  private var failures = 0
  /// Bytes of traces.
  private var traces = 0

  /// Beyond this, of each test the first failure alone is told, and shortly.
  private static let failuresMax = 16 << 20
  private static let shortMessage = 200

  var isFull: Bool { failures >= Self.failuresMax }

  /// Counts a failure, and gives what is to be kept of it.
  mutating func add(_ failure: TestFailure) -> TestFailure {
    let kept = isFull ? failure.short(Self.shortMessage) : failure
    failures += 128 + kept.message.utf8.count + kept.traceback.utf8.count + kept.lastEvents.count * MemoryLayout<Event>.stride
    return kept
  }

  /// Counts the traces of a test; false where all of them together would be more than `limit` bytes.
  mutating func add(traces new: [[Event]], limit: Int) -> Bool {
    let bytes = new.reduce(0) { $0 + $1.count * MemoryLayout<Event>.stride }
    guard bytes <= limit - min(traces, limit) else { return false }
    traces += bytes
    return true
  }
}

extension TestFailure {
  /// Without what lies behind it, and with so many characters of its message.
  fileprivate func short(_ count: Int) -> TestFailure {
    TestFailure(file: file, line: line, message: String(message.prefix(count)), traceback: "", lastEvents: [])
  }
}
