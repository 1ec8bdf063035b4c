import ScenarioLanguage

/// The Test Anything Protocol, flat: a point a test, and one for each file that could not be run.
///
/// The version line says 13: of what version 14 adds only subtests change the syntax, there are none here, and readers of 13 that refuse 14
/// are common (perl's TAP::Parser up to 3.44 is one). Escapes of `#` in names are those of 14, which older readers know as well.
public struct TAPReport {
  private var text = ""
  private var number = 0

  /// The whole of a run.
  public static func text(of report: RunReport) -> String {
    var tap = TAPReport()
    let files = report.shownFiles
    let count = files.reduce(0) { $0 + $1.tests.count + ($1.error == nil ? 0 : 1) }
    tap.text = "TAP version 13\n1..\(count)\(count == 0 ? " # SKIP no test ran" : "")\n# \(report.heading)\n"
    for file in files { tap.add(file, title: report.title(of: file)) }
    if let reason = report.incompleteness { tap.text += "Bail out! \(reason)\n" }
    return tap.text
  }

  private mutating func add(_ file: FileReport, title: String) {
    addComments(file.output)
    for test in file.tests { add(test, title: title) }
    if let error = file.error {
      addPoint(isOK: false, name: title)
      var block = YAMLBlock()
      block.add("message", error.text)
      block.add("severity", "error")
      if let hint = error.hint { block.add("hint", hint) }
      block.add("traceback", lines: error.traceback)
      text += block.text
    }
    if let reason = file.stopped { text += "# \(title): stopped: \(ReportText.line(reason))\n" }
  }

  private mutating func add(_ test: TestReport, title: String) {
    addComments(test.output)
    let name = "\(title): \(test.name)"
    switch test.status {
    case .passed: addPoint(isOK: true, name: name)
    case .failedAsExpected:
      // Not as work to be done: the failure is what the test asserts about that driver.
      addPoint(isOK: true, name: name)
      var block = YAMLBlock()
      block.add("outcome", test.status.rawValue)
      block.add("reason", test.why)
      text += block.text
    case .pending, .otherDriver: addPoint(isOK: true, name: name, directive: "SKIP \(ReportText.line(test.why))")
    case .failed, .error, .benchBroken:
      addPoint(isOK: false, name: name)
      addDiagnosis(of: test)
    }
    for (number, events) in test.traces.enumerated() {
      text += "# trace of machine \(number + 1), \(events.count) events:\n"
      addComments(events)
    }
  }

  private mutating func addPoint(isOK: Bool, name: String, directive: String? = nil) {
    number += 1
    let name = ReportText.replacing(["\\": "\\\\", "#": "\\#"], in: ReportText.line(name))
    text += "\(isOK ? "ok" : "not ok") \(number) - \(name)\(directive.map { " # \($0)" } ?? "")\n"
  }

  /// The bar keeps what scripts print from being read as anything else, such as `# Subtest:`.
  private mutating func addComments(_ lines: [String]) {
    for line in lines { text += line.isEmpty ? "# |\n" : "# | \(ReportText.line(line))\n" }
  }

  private mutating func addDiagnosis(of test: TestReport) {
    var block = YAMLBlock()
    block.add("message", test.failures.first?.message ?? test.status.words)
    block.add("severity", test.status == .failed ? "fail" : "error")
    if test.status == .benchBroken { block.add("outcome", test.status.words) }
    block.add("at", test.place)
    if let source = test.failures.first(where: { $0.line > 0 })?.source { block.add("source", source) }
    if test.failures.count > 1 {
      block.add("failures", test.failures.map { [("message", $0.message), ("at", $0.line > 0 ? "\($0.file):\($0.line)" : "")] })
    }
    block.add("traceback", lines: test.failures.first?.traceback ?? [])
    block.add("last_events", lines: test.failures.first { !$0.lastEvents.isEmpty }?.lastEvents ?? [])
    if let replay = test.replay { block.add("replay", replay) }
    text += block.text
  }
}

/// A YAML block below a point, in the subset that TAP readers know. A list of strings is none of it: perl's reader takes an item such as
/// `"EADD: done"` for a table, so that lines stand in a literal block.
struct YAMLBlock {
  private var body = ""

  mutating func add(_ key: String, _ value: String) { body += "  \(key): \(Self.quoted(value))\n" }

  /// Lines as they are; nothing where there is none.
  mutating func add(_ key: String, lines: [String]) {
    let lines = lines.map { ReportText.line(String($0.drop { $0 == " " })) }.filter { !$0.isEmpty }
    guard !lines.isEmpty else { return }
    body += "  \(key): |\n"
    for line in lines { body += "    \(line)\n" }
  }

  /// A list of tables, each with at least one entry; empty values are left out.
  mutating func add(_ key: String, _ tables: [[(String, String)]]) {
    body += "  \(key):\n"
    for table in tables {
      for (index, entry) in table.enumerated() where index == 0 || !entry.1.isEmpty {
        body += "    \(index == 0 ? "-" : " ") \(entry.0): \(Self.quoted(entry.1))\n"
      }
    }
  }

  var text: String { "  ---\n\(body)  ...\n" }

  /// Two escapes are enough: there is no control character left.
  static func quoted(_ text: String) -> String {
    "\"" + ReportText.replacing(["\\": "\\\\", "\"": "\\\""], in: ReportText.line(text)) + "\""
  }
}
