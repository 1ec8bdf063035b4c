import LuaHost
import ScenarioLanguage
import Simulation
import Testbench

/// The report for people: a line a test, the reasons of failures, a summary.
public struct PrettyReport {
  public private(set) var text = ""
  private var counts = Counts()

  public init() {}

  private struct Counts {
    var files = 0
    var passed = 0
    var failed = 0
    var expectedFailures = 0
    var pending = 0
    var errors = 0
    var checks: UInt64 = 0
    var visits: UInt64 = 0
  }

  /// The first line names what a run is repeated by.
  public mutating func begin(seed: UInt64, driver: String) {
    text += "sgxbench \(Bench.version), seed \(seed), driver \(driver)\n"
  }

  public mutating func add(_ file: FileResult) {
    counts.files += 1
    text += escapeForDisplay(Array(file.name.utf8)) + "\n"
    addOutput(file.output, indent: "  ")
    var open: [String] = []
    for test in file.tests {
      addHeadings(of: test, open: &open)
      add(test)
    }
    if let error = file.error {
      counts.errors += 1
      text += "  ERROR \(error.text)\n"
      addTraceback(error.traceback, indent: "    ")
    }
  }

  private mutating func addHeadings(of test: TestResult, open: inout [String]) {
    let headings = Array(test.path.dropLast())
    let shared = zip(open, headings).prefix { $0 == $1 }.count
    for (depth, heading) in headings.enumerated().dropFirst(shared) {
      text += String(repeating: "  ", count: depth + 1) + heading + "\n"
    }
    open = headings
  }

  private mutating func add(_ test: TestResult) {
    let indent = String(repeating: "  ", count: test.path.count)
    let name = test.path.last ?? ""
    counts.checks += test.checks
    counts.visits += test.visits
    switch test.status {
    case .passed:
      counts.passed += 1
      let warning = test.checks == 0 ? " (no check was made)" : ""
      text += "\(indent)ok    \(name)\(warning)\n"
    case .failedAsExpected:
      counts.expectedFailures += 1
      text += "\(indent)ok    \(name) (\(test.note ?? "fails as expected"))\n"
    case .pending:
      counts.pending += 1
      text += "\(indent)pend  \(name)\n"
    case .failed:
      counts.failed += 1
      text += "\(indent)FAIL  \(name)\n"
    case .error:
      counts.errors += 1
      text += "\(indent)ERROR \(name)\n"
    case .benchBroken:
      counts.errors += 1
      text += "\(indent)BUG   \(name) (a law of the bench itself is broken: please report this)\n"
    }
    addOutput(test.output, indent: indent + "  ")
    if test.status != .failedAsExpected { addFailures(test.failures, indent: indent + "  ") }
    addTraces(test.traces, indent: indent + "  ")
  }

  /// Every reason; what the machine did before the first one stands once behind them.
  private mutating func addFailures(_ failures: [TestFailure], indent: String) {
    for failure in failures {
      let place = failure.line > 0 ? "\(escapeForDisplay(Array(failure.file.utf8))):\(failure.line): " : ""
      text += "\(indent)\(place)\(failure.message)\n"
      addTraceback(failure.traceback, indent: indent + "  ")
    }
    guard let events = failures.first(where: { !$0.lastEvents.isEmpty })?.lastEvents else { return }
    text += "\(indent)last events:\n"
    for event in events { text += "\(indent)  \(event.text)\n" }
  }

  private mutating func addTraceback(_ traceback: String, indent: String) {
    for line in traceback.split(separator: "\n") { text += "\(indent)\(line.drop { $0 == " " })\n" }
  }

  private mutating func addOutput(_ output: [UInt8], indent: String) {
    for line in output.split(separator: UInt8(ascii: "\n")) { text += "\(indent)| \(escapeForDisplay(Array(line)))\n" }
  }

  private mutating func addTraces(_ traces: [[Event]], indent: String) {
    for (number, events) in traces.enumerated() {
      text += "\(indent)trace of machine \(number + 1), \(events.count) events:\n"
      for event in events { text += "\(indent)  \(event.text)\n" }
    }
  }

  /// The last line: what there was of each kind.
  public mutating func end() {
    // Plain concatenation: the first use of `joined` costs as much as running a small scenario.
    var line = counts.files == 1 ? "1 file" : "\(counts.files) files"
    line += ": \(counts.passed + counts.expectedFailures) passed"
    if counts.expectedFailures > 0 { line += " (\(counts.expectedFailures) by failing as they say)" }
    line += ", \(counts.failed) failed"
    if counts.errors > 0 { line += ", \(counts.errors) in error" }
    if counts.pending > 0 { line += ", \(counts.pending) pending" }
    text += line + "; \(counts.checks) checks, \(counts.visits) visits of fault sites\n"
  }

  /// Takes what was written so far.
  public mutating func take() -> String {
    defer { text = "" }
    return text
  }
}

/// What this bench is.
public enum Bench {
  public static let version = "0.1.0"
}
