import BenchReport
import ScenarioLanguage

extension FileReport {
  /// What this file means for the status of the run.
  var exitStatus: ExitStatus {
    var status = ExitStatus.passed
    if let error { status = error.isSystem == true ? .setUp : error.isBench == true ? .benchBroken : error.isLimit ? .failed : .badInput }
    for test in tests {
      switch test.status {
      case .passed, .failedAsExpected, .pending, .otherDriver: break
      case .failed: status = status.or(.failed)
      case .error: status = status.or(.badInput)
      case .benchBroken: status = status.or(.benchBroken)
      }
    }
    return status
  }
}

/// What a run has come to, file by file.
struct RunTally {
  private(set) var status = ExitStatus.passed
  private(set) var counts = ReportCounts()
  /// Tests that the selection took.
  private(set) var selected = 0
  /// How often each injection of the run struck.
  private(set) var struck: [UInt64]

  init(injections: Int) { struck = [UInt64](repeating: 0, count: injections) }

  mutating func add(_ file: FileReport) {
    status = status.or(file.exitStatus)
    counts.add(file)
    selected += file.selected
    for (index, count) in file.struck.prefix(struck.count).enumerated() { struck[index] += count }
  }

  /// The status of a run that came to its end.
  ///
  /// - Parameter requiresAll: tests that are pending or for other drivers count as missing.
  func status(requiresAll: Bool) -> ExitStatus {
    let left = counts.pending + counts.otherDriver
    if requiresAll, left > 0 { return status.or(.incomplete) }
    return counts.tests > 0 && counts.tests == left ? status.or(.allSkipped) : status
  }
}
