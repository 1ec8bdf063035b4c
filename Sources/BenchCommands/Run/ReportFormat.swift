import BenchReport

/// How a report is written; the names of `--format`.
enum ReportFormat: String, CaseIterable, Sendable {
  case pretty, tap, ktap, junit, json, html

  /// The whole report.
  func text(of report: RunReport) -> String {
    switch self {
    case .pretty: PrettyReport.text(of: report)
    case .tap: TAPReport.text(of: report)
    case .ktap: KTAPReport.text(of: report)
    case .junit: JUnitReport.text(of: report)
    case .json: report.json
    case .html: HTMLReport.text(of: report)
    }
  }
}

/// `--format NAME` or `--format NAME:FILE`.
struct ReportTarget: Sendable {
  let format: ReportFormat
  /// Nil: standard output.
  let file: String?

  /// Nil where the name is none.
  init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let format = ReportFormat(rawValue: String(parts[0])) else { return nil }
    if parts.count == 2, parts[1].isEmpty { return nil }
    self.init(format, file: parts.count == 2 ? String(parts[1]) : nil)
  }

  init(_ format: ReportFormat, file: String?) {
    self.format = format
    self.file = file
  }
}
