import CSourceTree
import LuaHost
import ScenarioLanguage

/// The report for people: a line a test, the reasons of failures, a summary.
public struct PrettyReport {
  private var lines = ReportLines()
  private var counts = ReportCounts()
  private let colours: Bool
  private let isQuiet: Bool
  private var repeats = false
  /// Tests and files that failed, for the list at the end.
  private var failed: [String] = []

  /// - Parameters:
  ///   - colours: for a terminal that shows them.
  ///   - isQuiet: says nothing of what passed, is pending or is not for the driver, but in the last line.
  public init(colours: Bool = false, isQuiet: Bool = false) {
    self.colours = colours
    self.isQuiet = isQuiet
  }

  /// The whole of a run at once.
  public static func text(of report: RunReport, colours: Bool = false) -> String {
    if report.drivers.count > 1 { return matrix(of: report) }
    var pretty = PrettyReport(colours: colours)
    pretty.begin(seeds: report.seeds, driver: report.drivers[0])
    for file in report.files { pretty.add(file) }
    pretty.end(stopped: report.stopped)
    return pretty.take()
  }

  private static func matrix(of report: RunReport) -> String {
    var matrix = DriverMatrix(drivers: report.drivers)
    matrix.begin(seeds: report.seeds)
    var rest = report.files[...]
    while !rest.isEmpty {
      let count = rest.prefix { $0.name == rest.first!.name && $0.seed == rest.first!.seed }.count
      matrix.add(Array(rest.prefix(min(count, report.drivers.count))))
      rest = rest.dropFirst(min(count, report.drivers.count))
    }
    matrix.end(stopped: report.stopped)
    return matrix.take()
  }

  /// The first line names what a run is repeated by.
  public mutating func begin(seeds: [UInt64], driver: String) {
    repeats = seeds.count > 1
    lines.text += "sgxbench \(Bench.version), \(Self.text(of: seeds)), driver \(driver)\n"
  }

  static func text(of seeds: [UInt64]) -> String {
    seeds.count == 1 ? "seed \(seeds[0])" : "seeds \(seeds[0]) to \(seeds[seeds.count - 1])"
  }

  public mutating func add(_ file: FileReport) {
    guard file.isShown else { return }
    counts.add(file)
    if isQuiet, file.error == nil, file.stopped == nil, !file.tests.contains(where: { $0.status.isFailure }) { return }
    lines.text += file.name + (repeats ? " (seed \(file.seed))" : "") + "\n"
    lines.addOutput(file.output, indent: "  ")
    var open: [String] = []
    for test in file.tests where !isQuiet || test.status.isFailure {
      addHeadings(of: test, open: &open)
      add(test)
    }
    if let error = file.error {
      failed.append(error.text)
      lines.text += "  \(painted("ERROR", .red)) \(error.text)\n"
      if let hint = error.hint { lines.text += "    hint: \(hint)\n" }
      lines.addTraceback(error.traceback, indent: "    ")
    }
    if let reason = file.stopped {
      lines.text += "  \(painted("STOPPED", .yellow)) \(reason)\n"
    }
  }

  private mutating func addHeadings(of test: TestReport, open: inout [String]) {
    let headings = Array(test.path.dropLast())
    let shared = zip(open, headings).prefix { $0 == $1 }.count
    for (depth, heading) in headings.enumerated().dropFirst(shared) {
      lines.text += String(repeating: "  ", count: depth + 1) + heading + "\n"
    }
    open = headings
  }

  private mutating func add(_ test: TestReport) {
    let indent = String(repeating: "  ", count: test.path.count)
    let name = test.path.last ?? ""
    switch test.status {
    case .passed:
      let warning = test.checks == 0 ? " (no check was made)" : ""
      lines.text += "\(indent)\(painted("ok", .green))    \(name)\(warning)\n"
    case .failedAsExpected:
      lines.text += "\(indent)\(painted("ok", .green))    \(name) (\(Self.line(test.note) ?? "fails as expected"))\n"
    case .pending:
      lines.text += "\(indent)\(painted("pend", .yellow))  \(name)\n"
    case .otherDriver:
      lines.text += "\(indent)\(painted("skip", .yellow))  \(name) (\(Self.line(test.note) ?? ""))\n"
    case .failed:
      lines.text += "\(indent)\(painted("FAIL", .red))  \(name)\n"
    case .error:
      lines.text += "\(indent)\(painted("ERROR", .red)) \(name)\n"
    case .benchBroken:
      lines.text += "\(indent)\(painted("BUG", .red))   \(name) (a law of the bench itself is broken: please report this)\n"
    }
    if test.status.isFailure {
      var place = "\(test.file):\(test.line): "
      for (index, part) in test.path.enumerated() { place += index == 0 ? part : ", " + part }
      failed.append(place)
    }
    lines.addOutput(test.output, indent: indent + "  ")
    if test.status != .failedAsExpected { lines.addFailures(test.failures, indent: indent + "  ") }
    if let replay = test.replay { lines.text += "\(indent)  replay: \(replay)\n" }
    lines.addTraces(test.traces, indent: indent + "  ")
  }

  /// A reason that a script gives may have several lines.
  private static func line(_ note: String?) -> String? { note.map { escapeForDisplay(Array($0.utf8)) } }

  /// The last line: what there was of each kind.
  ///
  /// - Parameters:
  ///   - stopped: why the run ended early, if it did.
  public mutating func end(stopped: String? = nil) {
    addFailed()
    // Plain concatenation: the first use of `joined` costs as much as running a small scenario.
    var line = counts.files == 1 ? "1 file" : "\(counts.files) files"
    line += ": \(counts.passed + counts.expectedFailures) passed"
    if counts.expectedFailures > 0 { line += " (\(counts.expectedFailures) by failing as they say)" }
    line += ", \(counts.failed) failed"
    if counts.errors > 0 { line += ", \(counts.errors) in error" }
    if counts.pending > 0 { line += ", \(counts.pending) pending" }
    if counts.otherDriver > 0 { line += ", \(counts.otherDriver) not for this driver" }
    lines.text += line + "; \(counts.checks) checks, \(counts.visits) visits of fault sites\n"
    if let stopped { lines.text += "\(painted("INCOMPLETE", .yellow)): \(stopped)\n" }
  }

  /// What failed, once more, where there is so much that one would have to look for it.
  private mutating func addFailed() {
    guard !failed.isEmpty, counts.files > 1 || counts.tests > 20 else { return }
    lines.text += "failed:\n"
    for place in failed.prefix(Self.failedMax) { lines.text += "  \(place)\n" }
    if failed.count > Self.failedMax { lines.text += "  and \(failed.count - Self.failedMax) more\n" }
  }

  private static let failedMax = 100

  private enum Colour: String {
    case red = "31", green = "32", yellow = "33"
  }

  private func painted(_ word: String, _ colour: Colour) -> String { colours ? "\u{1b}[\(colour.rawValue)m\(word)\u{1b}[0m" : word }

  /// Takes what was written so far.
  public mutating func take() -> String {
    defer { lines.text = "" }
    return lines.text
  }
}

/// What this bench is.
public enum Bench {
  public static let version = "0.1.0"
  /// Which sources it was built of: see `Scripts/dev/digest.sh`. A program of others that leaves the digest out says `unknown`.
  public static var tree: String { String(cString: sgxbench_source_tree()) }
}
