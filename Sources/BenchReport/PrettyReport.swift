import LuaHost
import ScenarioLanguage
import Simulation
import Testbench

/// The report for people: a line a test, the reasons of failures, a summary.
public struct PrettyReport {
  private var lines = ReportLines()
  private var counts = Counts()

  public init() {}

  private struct Counts {
    var files = 0
    var passed = 0
    var failed = 0
    var expectedFailures = 0
    var pending = 0
    var otherDriver = 0
    var errors = 0
    var checks: UInt64 = 0
    var visits: UInt64 = 0
  }

  /// The first line names what a run is repeated by.
  public mutating func begin(seed: UInt64, driver: String) {
    lines.text += "sgxbench \(Bench.version), seed \(seed), driver \(driver)\n"
  }

  public mutating func add(_ file: FileResult) {
    counts.files += 1
    lines.text += escapeForDisplay(Array(file.name.utf8)) + "\n"
    lines.addOutput(file.output, indent: "  ")
    var open: [String] = []
    for test in file.tests {
      addHeadings(of: test, open: &open)
      add(test)
    }
    if let error = file.error {
      counts.errors += 1
      lines.text += "  ERROR \(error.text)\n"
      lines.addTraceback(error.traceback, indent: "    ")
    }
  }

  private mutating func addHeadings(of test: TestResult, open: inout [String]) {
    let headings = Array(test.path.dropLast())
    let shared = zip(open, headings).prefix { $0 == $1 }.count
    for (depth, heading) in headings.enumerated().dropFirst(shared) {
      lines.text += String(repeating: "  ", count: depth + 1) + heading + "\n"
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
      lines.text += "\(indent)ok    \(name)\(warning)\n"
    case .failedAsExpected:
      counts.expectedFailures += 1
      lines.text += "\(indent)ok    \(name) (\(test.note ?? "fails as expected"))\n"
    case .pending:
      counts.pending += 1
      lines.text += "\(indent)pend  \(name)\n"
    case .otherDriver:
      counts.otherDriver += 1
      lines.text += "\(indent)skip  \(name) (\(test.note ?? ""))\n"
    case .failed:
      counts.failed += 1
      lines.text += "\(indent)FAIL  \(name)\n"
    case .error:
      counts.errors += 1
      lines.text += "\(indent)ERROR \(name)\n"
    case .benchBroken:
      counts.errors += 1
      lines.text += "\(indent)BUG   \(name) (a law of the bench itself is broken: please report this)\n"
    }
    lines.addOutput(test.output, indent: indent + "  ")
    if test.status != .failedAsExpected { lines.addFailures(test.failures, indent: indent + "  ") }
    lines.addTraces(test.traces, indent: indent + "  ")
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
    if counts.otherDriver > 0 { line += ", \(counts.otherDriver) not for this driver" }
    lines.text += line + "; \(counts.checks) checks, \(counts.visits) visits of fault sites\n"
  }

  /// Takes what was written so far.
  public mutating func take() -> String {
    defer { lines.text = "" }
    return lines.text
  }
}

/// What this bench is.
public enum Bench {
  public static let version = "0.1.0"
}
