import ScenarioLanguage
import Testbench

extension HTMLReport {
  /// One test with everything that is known of it.
  mutating func test(_ test: TestReport, of file: FileReport) -> [String: Any] {
    testNumber += 1
    let id = "test-\(testNumber)"
    let isFailure = test.status.isFailure
    if isFailure { addLink(to: test, id: id, of: file) }
    var values: [String: Any] = [
      "id": id, "kind": test.status.rawValue, "badge": Self.badge(of: test.status), "isOpen": isFailure,
      "name": ReportText.line(test.path.last ?? ""),
      "headings": test.path.dropLast().map { ReportText.line($0) }, "meta": Self.meta(of: test), "output": Self.block(test.output),
      "failures": test.failures.map { Self.failure($0) },
      "traces": test.traces.enumerated().map { number, events in
        ["title": "Trace of machine \(number + 1), \(Self.counted(events.count, "event"))", "text": Self.block(events).first ?? ""]
      },
    ]
    if !isFailure, test.status != .passed { values["why"] = [ReportText.line(test.why)] }
    if test.status == .benchBroken { values["why"] = [test.status.words] }
    values["replay"] = test.replay.map { [ReportText.line($0)] }
    values["lastEvents"] = test.failures.first { !$0.lastEvents.isEmpty }.map { Self.block($0.lastEvents.map { ReportText.line($0) }) }
    let stories = test.stories ?? []
    if tells(stories, isFailure: isFailure) {
      values["machines"] = stories.enumerated().map { number, story in machine(story, number: number + 1, of: stories.count, isOpen: isFailure) }
    } else if !stories.isEmpty {
      values["untold"] = ["What its machines did is left out here, since this report has many tests; run this test alone to see it."]
    } else if isFailure, test.stories == nil {
      values["untold"] = ["Nothing is told of its machines: it made none, or the run was not asked to (--stories)."]
    }
    return values
  }

  /// Whether there is room for these stories; they take it if so.
  private mutating func tells(_ stories: [MachineStory], isFailure: Bool) -> Bool {
    // A drawing weighs about as much as forty rows.
    let rows = stories.reduce(0) { $0 + $1.calls.count + $1.marks.count + $1.map.runs.count + 40 }
    guard rows > 0, rows <= (isFailure ? rowsLeftFailed : rowsLeftPassed) else { return false }
    if isFailure { rowsLeftFailed -= rows } else { rowsLeftPassed -= rows }
    return true
  }

  private mutating func addLink(to test: TestReport, id: String, of file: FileReport) {
    var link: [String: Any] = ["id": id, "name": "\(report.title(of: file)): \(ReportText.line(test.name))"]
    link["message"] = test.failures.first.map { [ReportText.line($0.message)] }
    links.append(link)
  }

  private static func failure(_ failure: TestReport.Failure) -> [String: Any] {
    var values: [String: Any] = ["message": ReportText.line(failure.message), "traceback": block(failure.traceback)]
    if let source = failure.source { values["source"] = [ReportText.line(source)] }
    if failure.line > 0 { values["place"] = [ReportText.line("\(failure.file):\(failure.line)")] }
    return values
  }

  private static func meta(of test: TestReport) -> String {
    var parts = [test.status.words, counted(Int(clamping: test.checks), "check"), "\(test.visits) visits of fault sites", "\(test.file):\(test.line)"]
    if test.checks == 0, test.status == .passed { parts[1] = "no check was made" }
    if !test.tags.isEmpty { parts.append("tags: " + test.tags.joined(separator: ", ")) }
    if test.isPinned { parts.append("names its own driver") }
    return ReportText.line(parts.joined(separator: " · "))
  }

  private static func badge(of status: TestStatus) -> String {
    switch status {
    case .passed: "ok"
    case .failedAsExpected: "ok, fails"
    case .pending: "pending"
    case .otherDriver: "skipped"
    case .failed: "FAIL"
    case .error: "ERROR"
    case .benchBroken: "BUG"
    }
  }
}
