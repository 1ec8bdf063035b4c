import ScenarioLanguage

/// JUnit's XML, as Jenkins and GitLab read it: a suite for each file on each driver with each seed.
///
/// Times are 0: nothing in a report comes from a clock. Class and name tell every result from every other, since GitLab compares
/// branches by them; so driver and seed stand in the name where the run has several.
public struct JUnitReport {
  private let report: RunReport
  private var suites: [[String: Any]] = []
  private var totals = Counts()
  /// Class and name of every result so far, and how many results wanted a name.
  private var known: Set<String> = []
  private var wanted: [String: Int] = [:]

  private struct Counts {
    var tests = 0
    var failures = 0
    var errors = 0
    var skipped = 0

    var values: [String: Any] { ["tests": tests, "failures": failures, "errors": errors, "skipped": skipped] }
  }

  /// The whole of a run.
  public static func text(of report: RunReport) -> String {
    var junit = JUnitReport(report: report)
    for file in report.shownFiles { junit.add(file) }
    if let reason = report.incompleteness { junit.addIncompleteness(reason) }
    var values = junit.totals.values
    values["name"] = report.heading
    values["suites"] = junit.suites
    return Templates(["junit": PackageResources.junit_mustache]).fill("junit", with: values)
  }

  private init(report: RunReport) { self.report = report }

  private mutating func add(_ file: FileReport) {
    let distinction = report.distinction(of: file)
    let suffix = distinction.isEmpty ? "" : " (\(distinction))"
    var counts = Counts()
    var cases = file.tests.map { test in
      var values = values(of: test)
      values["classname"] = Self.className(of: file.name)
      values["name"] = distinct(ReportText.line(test.name), suffix, in: Self.className(of: file.name))
      counts.tests += 1
      switch test.status {
      case .passed, .failedAsExpected: break
      case .pending, .otherDriver: counts.skipped += 1
      case .failed: counts.failures += 1
      case .error, .benchBroken: counts.errors += 1
      }
      return values
    }
    if let error = file.error {
      let type = error.isSystem == true ? "system" : error.isBench == true ? TestStatus.benchBroken.rawValue : error.isLimit ? "limit" : "script"
      cases.append(problem(error.text, type: type, of: file, name: distinct("the script can be run", suffix, in: Self.className(of: file.name)), more: (error.hint.map { ["hint: \($0)"] } ?? []) + error.traceback))
    }
    if let reason = file.stopped {
      let name = distinct("the script ran to its end", suffix, in: Self.className(of: file.name))
      cases.append(problem("stopped: \(reason)", type: "incomplete", of: file, name: name))
    }
    let problems = cases.count - counts.tests
    counts.tests += problems
    counts.errors += problems
    var properties: [[String: Any]] = [
      ["name": "driver", "value": file.driver], ["name": "seed", "value": file.seed], ["name": "bench", "value": report.bench],
    ]
    if let tree = report.tree { properties.append(["name": "tree", "value": tree]) }
    properties += report.injections.map { ["name": "inject", "value": $0] }
    properties += report.arguments.map { ["name": "option \($0.name)", "value": $0.value] }
    addSuite(counts, ["name": report.title(of: file), "properties": properties, "cases": cases, "output": Self.block(file.output)])
  }

  private mutating func addSuite(_ counts: Counts, _ values: [String: Any]) {
    totals.tests += counts.tests
    totals.failures += counts.failures
    totals.errors += counts.errors
    totals.skipped += counts.skipped
    suites.append(values.merging(counts.values) { $1 })
  }

  private mutating func addIncompleteness(_ reason: String) {
    let value: [String: Any] = [
      "classname": "sgxbench", "name": "the run is complete", "file": "", "line": 0, "assertions": 0,
      "error": ["message": reason, "type": "incomplete", "text": reason],
    ]
    addSuite(Counts(tests: 1, errors: 1), ["name": "the run", "properties": [["name": "bench", "value": report.bench]], "cases": [value]])
  }

  /// A number behind a name that the class has already: readers take results of one name for one.
  private mutating func distinct(_ name: String, _ suffix: String, in className: String) -> String {
    let key = "\(className)\n\(name)\(suffix)"
    while true {
      let number = wanted[key, default: 0] + 1
      wanted[key] = number
      let candidate = (number == 1 ? name : "\(name) [\(number)]") + suffix
      if known.insert("\(className)\n\(candidate)").inserted { return candidate }
    }
  }

  private func values(of test: TestReport) -> [String: Any] {
    var values: [String: Any] = [
      "file": test.file, "line": test.line, "assertions": test.checks,
      "printed": Self.block(test.output + (test.status == .failedAsExpected ? [test.why] : []) + Self.traces(of: test)),
    ]
    let details: [String: Any] = [
      "message": ReportText.line(test.failures.first?.message ?? test.status.words), "type": test.status.rawValue, "text": Self.details(of: test),
    ]
    switch test.status {
    case .passed, .failedAsExpected: break
    case .pending, .otherDriver: values["wasSkipped"] = [ReportText.line(test.why)]
    case .failed: values["failure"] = details
    case .error, .benchBroken: values["error"] = details
    }
    return values
  }

  private func problem(_ text: String, type: String, of file: FileReport, name: String, more: [String] = []) -> [String: Any] {
    [
      "classname": Self.className(of: file.name), "name": name, "file": file.name, "line": 0, "assertions": 0,
      "error": ["message": ReportText.line(text), "type": type, "text": ([text] + more).joined(separator: "\n")],
    ]
  }

  /// `Scripts/power/one_load.lua` as `Scripts.power.one_load`: Jenkins takes what stands before the last dot for a package.
  private static func className(of file: String) -> String {
    let path = file.hasSuffix(".lua") ? String(file.dropLast(4)) : file
    let parts = path.split(separator: "/").filter { $0 != "." && $0 != ".." }
    return parts.map { ReportText.replacing([".": "_"], in: String($0)) }.joined(separator: ".")
  }

  /// Jenkins shows the first failure of a test only, so that all of them are in one.
  private static func details(of test: TestReport) -> String {
    var lines = ReportLines()
    lines.addFailures(test.failures, indent: "")
    if let replay = test.replay { lines.text += "replay: \(replay)\n" }
    return lines.text
  }

  private static func traces(of test: TestReport) -> [String] {
    test.traces.enumerated().flatMap { number, events in ["trace of machine \(number + 1), \(events.count) events:"] + events }
  }

  /// Nothing where there is no line, so that the template leaves the element out.
  private static func block(_ lines: [String]) -> [String] { lines.isEmpty ? [] : [lines.joined(separator: "\n")] }
}
