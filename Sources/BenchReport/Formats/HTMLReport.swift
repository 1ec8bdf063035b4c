import LuaHost
import ScenarioLanguage
import Testbench

/// The report as one page that needs no network: results, and of each test what its machines did.
///
/// - HTMLReport+Test.swift, HTMLReport+Machine.swift: the parts of a test
/// - StoryDrawing.swift, MapDrawing.swift: the pictures
/// - Templates/: the page itself, its style, and a script for comfort
public struct HTMLReport {
  let report: RunReport
  let files: [FileReport]
  /// Rows of stories that may still be told, of tests that failed and of others: a report of thousands of tests stays readable.
  var rowsLeftFailed = HTMLReport.rowsFailedMax
  var rowsLeftPassed = HTMLReport.rowsPassedMax
  /// Links to what failed, in order.
  var links: [[String: Any]] = []
  var testNumber = 0
  private var fileNumber = 0

  static let rowsFailedMax = 20_000
  static let rowsPassedMax = 4_000
  static let linksMax = 200
  static let matrixRowsMax = 2_000
  /// Lines that a test's output, traceback or trace may have here.
  static let linesMax = 2_000

  /// The whole of a run.
  public static func text(of report: RunReport) -> String {
    var html = HTMLReport(report: report, files: report.shownFiles)
    let values = html.page()
    return Templates([
      "page": PackageResources.page_mustache, "test": PackageResources.test_mustache, "machine": PackageResources.machine_mustache,
    ]).fill("page", with: values)
  }

  private init(report: RunReport, files: [FileReport]) {
    self.report = report
    self.files = files
  }

  private mutating func page() -> [String: Any] {
    let counts = ReportCounts(report)
    let incomplete = report.incompleteness
    let hasFailed = counts.failed + counts.errors > 0
    let verdict = hasFailed ? "failed" : incomplete != nil ? "incomplete" : counts.tests == 0 ? "no test" : "passed"
    // A test that ran on several drivers, or with several seeds, has as many results.
    let noun = report.drivers.count * report.seeds.count > 1 ? "result" : "test"
    let size = "\(Self.counted(counts.tests, noun)) in \(Self.counted(Set(files.map(\.name)).count, "file"))"
    var summary = "\(size): \(counts.passed + counts.expectedFailures) passed"
    if counts.failed > 0 { summary += ", \(counts.failed) failed" }
    if counts.errors > 0 { summary += ", \(counts.errors) in error" }
    var values: [String: Any] = [
      "css": String(decoding: PackageResources.report_css, as: UTF8.self), "js": String(decoding: PackageResources.report_js, as: UTF8.self),
      "title": "\(verdict): \(summary)", "verdict": verdict, "verdictClass": verdict == "no test" ? "pending" : verdict, "summary": summary,
      "bar": Self.bar(of: counts), "facts": facts(counts), "files": files.map { file($0) },
      "footer":
        "Made by sgxbench \(ReportText.line(report.bench)). Nothing on this page comes from a clock: the same scenarios, seed and driver "
        + "make the same page.",
    ]
    values["incomplete"] = incomplete.map { [$0] }
    if !links.isEmpty {
      let more = links.count > Self.linksMax ? "and \(links.count - Self.linksMax) more below" : nil
      values["failing"] = [
        "heading": links.count == 1 ? "What failed" : "What failed: \(links.count)", "links": Array(links.prefix(Self.linksMax)),
        "more": more.map { [$0] } ?? [],
      ]
    }
    if report.drivers.count > 1 { values["matrix"] = matrix() }
    return values
  }

  private static func bar(of counts: ReportCounts) -> [[String: Any]] {
    let parts: [(String, Int, String)] = [
      ("passed", counts.passed, "passed"), ("failed-as-expected", counts.expectedFailures, "failed as they say"), ("failed", counts.failed, "failed"),
      ("error", counts.errors, "in error"), ("pending", counts.pending, "pending"), ("other-driver", counts.otherDriver, "not for the driver"),
    ]
    return parts.filter { $0.1 > 0 }.map { ["kind": $0.0, "count": $0.1, "words": $0.2] }
  }

  private func facts(_ counts: ReportCounts) -> [[String: Any]] {
    var facts: [(String, String)] = [("bench", "sgxbench \(report.bench)" + (report.tree.map { ", tree \($0)" } ?? ""))]
    facts.append((report.drivers.count == 1 ? "driver" : "drivers", report.drivers.joined(separator: ", ")))
    if let first = report.seeds.first {
      let last = report.seeds[report.seeds.count - 1]
      facts.append(report.seeds.count == 1 ? ("seed", "\(first)") : ("seeds", "\(first) to \(last)"))
    }
    if let shard = report.shard { facts.append(("part", "\(shard.number) of \(shard.count)")) }
    for injection in report.injections { facts.append(("injected", injection)) }
    for argument in report.arguments { facts.append(("option \(argument.name)", argument.value)) }
    facts.append(("checks", "\(counts.checks)"))
    facts.append(("visits of fault sites", "\(counts.visits)"))
    return facts.map { ["name": $0.0, "value": ReportText.line($0.1)] }
  }

  private mutating func file(_ file: FileReport) -> [String: Any] {
    fileNumber += 1
    let id = "file-\(fileNumber)"
    var counts = ReportCounts()
    counts.add(file)
    let bad = counts.failed + counts.errors
    var tally = bad == 0 ? "\(counts.passed + counts.expectedFailures) passed" : "\(bad) of \(counts.tests) failed"
    let left = counts.pending + counts.otherDriver
    if left > 0 { tally += ", \(left) not run" }
    if file.error != nil, file.tests.isEmpty { tally = "could not be run" }
    var values: [String: Any] = [
      "id": id, "name": report.title(of: file), "tally": tally, "isOpen": bad > 0 || file.stopped != nil || files.count == 1, "output": Self.block(file.output),
      "tests": file.tests.map { test($0, of: file) },
    ]
    if let error = file.error {
      let hint = error.hint.map { [ReportText.line($0)] } ?? []
      values["error"] = ["text": ReportText.line(error.text), "traceback": Self.block(error.traceback), "hint": hint]
      links.append(["id": id, "name": report.title(of: file), "message": [ReportText.line(error.text)]])
    }
    values["stopped"] = file.stopped.map { [ReportText.line($0)] }
    return values
  }

  /// A row a test, a column a driver; words, not colours alone.
  private func matrix() -> [String: Any] {
    var rows: [[String: Any]] = []
    var left = 0
    var rest = files[...]
    while let first = rest.first {
      // A script that was named twice has as many results again.
      let group = rest.prefix { $0.name == first.name && $0.seed == first.seed }.prefix(report.drivers.count)
      rest = rest.dropFirst(group.count)
      let drivers = report.drivers.map { driver in group.first { $0.driver == driver } }
      let names = group.max { $0.tests.count < $1.tests.count }?.tests ?? []
      let room = Self.matrixRowsMax - rows.count
      left += max(names.count - room, 0)
      for test in names.prefix(room) {
        let cells = drivers.map { file -> [String: Any] in
          guard let found = file?.tests.first(where: { $0.index == test.index }) else { return ["kind": "", "word": "–"] }
          return ["kind": found.status.rawValue, "word": found.status.symbol]
        }
        let seed = report.seeds.count > 1 ? " (seed \(first.seed))" : ""
        rows.append(["name": ReportText.line("\(first.name)\(seed): \(test.name)"), "cells": cells])
      }
    }
    let more = left > 0 ? ["\(left) more tests are left out of this table"] : []
    return ["drivers": report.drivers.map { ReportText.line($0) }, "rows": rows, "more": more]
  }

  static func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }

  /// Nothing where there is no line, so that the template leaves the element out; the beginning where there are too many.
  static func block(_ lines: [String]) -> [String] {
    guard lines.count > linesMax else { return lines.isEmpty ? [] : [lines.joined(separator: "\n")] }
    return [lines.prefix(linesMax).joined(separator: "\n") + "\n(\(lines.count - linesMax) more lines are left out here; json has them)"]
  }
}

extension TestStatus {
  /// In a narrow column.
  fileprivate var symbol: String {
    switch self {
    case .passed: "ok"
    case .failedAsExpected: "xfail"
    case .pending: "pend"
    case .otherDriver: "skip"
    case .failed: "FAIL"
    case .error: "ERROR"
    case .benchBroken: "BUG"
    }
  }
}
