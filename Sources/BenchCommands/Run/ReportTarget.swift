import BenchReport

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
