/// How a report is written; the names of `--format`.
public enum ReportFormat: String, CaseIterable, Sendable {
  case pretty, tap, ktap, junit, json, html

  /// The whole report.
  public func text(of report: RunReport) -> String {
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
