import CBreakdown
import ScenarioLanguage
#if canImport(Glibc)
  import Glibc
#endif

/// Where the bench itself broke down before this process took over (Sources/CBreakdown). The run is made again around these places, and its
/// reports say what happened there.
struct Breakdowns: Sendable {
  private struct Place: Sendable {
    let unit: Int
    /// From 1; 0: outside of the unit's tests.
    let test: Int
    let signal: Int32
  }

  private var places: [Place] = []

  /// Those of the run that this process goes on with; none in its first process.
  init() {
    guard let past = breakdown_past(), past.pointee != 0 else { return }
    for entry in String(cString: past).split(separator: ",") {
      let numbers = entry.split(separator: ".").compactMap { Int($0) }
      if numbers.count == 3 { places.append(Place(unit: numbers[0], test: numbers[1], signal: Int32(truncatingIfNeeded: numbers[2]))) }
    }
  }

  /// What struck while the unit was in none of its tests, if something did.
  func outsideOfTests(unit: Int) -> Breakdown.Cause? {
    places.first { $0.unit == unit && $0.test == 0 }.map { Self.cause(of: $0.signal) }
  }

  func inTests(unit: Int) -> [Breakdown] {
    places.isEmpty ? [] : places.filter { $0.unit == unit && $0.test > 0 }.map { Breakdown(test: $0.test, cause: Self.cause(of: $0.signal)) }
  }

  private static func cause(of signal: Int32) -> Breakdown.Cause {
    signal == Int32(BREAKDOWN_NO_MEMORY) ? .noMemory : .signal(name(of: signal))
  }

  private static func name(of signal: Int32) -> String {
    switch signal {
    case SIGILL: "SIGILL"
    case SIGTRAP: "SIGTRAP"
    case SIGABRT: "SIGABRT"
    case SIGBUS: "SIGBUS"
    case SIGFPE: "SIGFPE"
    case SIGSEGV: "SIGSEGV"
    default: "signal \(signal)"
    }
  }

  // What the handler has to know.

  /// From now on a breakdown in a test is survived, and any other is told.
  static func watch() { breakdown_watch(CommandLine.unsafeArgv) }

  /// The calling thread is at this test of this unit, or at the unit outside of its tests.
  static func mark(unit: Int, test: Int = 0) { breakdown_mark(Int64(unit), Int64(test)) }

  static func markNothing() { breakdown_mark(Int64(BREAKDOWN_NOWHERE), 0) }

  /// Nobody waits any more for threads that are at work.
  static func runIsEnding() { breakdown_ending() }

  /// Runs `body` on a thread that survives the end of its stack.
  static func guarded(_ body: () -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { breakdown_guard({ $0?.assumingMemoryBound(to: (() -> Void).self).pointee() }, UnsafeMutableRawPointer(mutating: $0)) }
    }
  }
}

/// Standard output of a run, without what a process before this one has written.
struct ReportStream {
  private var output = Output(descriptor: 1)
  /// Bytes still to come that are out already.
  private var known = breakdown_report_bytes()

  var hasFailed: Bool { output.error != 0 }

  mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      let skipped = min(known, UInt64(bytes.count))
      known -= skipped
      guard skipped < bytes.count else { return }
      breakdown_begin_write()
      output.write(UnsafeBufferPointer(rebasing: bytes[Int(skipped)...]))
      breakdown_end_write(UInt64(bytes.count) - skipped, 0)
    }
  }

  func complain() { output.complain() }
}

/// Messages about files of a run, without those that a process before this one has written.
struct MessageStream {
  private var known = breakdown_messages()

  mutating func write(_ text: String, hint: String?) {
    guard known == 0 else {
      known -= 1
      return
    }
    breakdown_begin_write()
    Message.write(text, hint: hint)
    breakdown_end_write(0, 1)
  }
}
