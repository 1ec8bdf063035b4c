import ArgumentParser
import BenchReport
import ScenarioLanguage
import SGXDriver
import Simulation

/// What a shell offers for options whose words it cannot know.
enum CompletionWords {
  static let drivers = CompletionKind.list(DriverRelease.known.map(\.name) + ["all"])
  static let faults = CompletionKind.list(faultNames)
  /// Asked of the program itself, since there are hundreds. For zsh a description stands behind a colon.
  static let plannedFaults = CompletionKind.custom { _, _, _ in
    CompletionShell.requesting == .zsh ? everyFaultAtASite.map { $0.split(separator: ":").joined(separator: "\\:") } : everyFaultAtASite
  }
  static let formats = CompletionKind.list(ReportFormat.allCases.map(\.rawValue))
  static let scripts = CompletionKind.file(extensions: ["lua"])

  private static let faultNames = ["power", "nomem", "efault", "GP", "PF", "UD", "SIGALRM", "SIGINT", "SIGKILL"]

  /// `power@leaf:EADD` and its like: each fault at each site where it can strike.
  static var everyFaultAtASite: [String] {
    faultNames.flatMap { fault in Site.all.map { "\(fault)@\($0.name)" } }.filter { (try? FaultText.parse($0)) != nil }
  }
}
