import ScenarioLanguage

/// How many there were of each kind, over files, drivers and repetitions.
public struct ReportCounts: Sendable, Equatable {
  public var files = 0
  public var passed = 0
  public var failed = 0
  public var expectedFailures = 0
  public var pending = 0
  public var otherDriver = 0
  /// Tests and files that could not be run, and broken laws of the bench.
  public var errors = 0
  public var checks: UInt64 = 0
  public var visits: UInt64 = 0

  public init() {}

  public init(_ report: RunReport) {
    for file in report.files { add(file) }
  }

  public mutating func add(_ file: FileReport) {
    guard file.isShown else { return }
    files += 1
    if file.error != nil { errors += 1 }
    for test in file.tests {
      checks += test.checks
      visits += test.visits
      switch test.status {
      case .passed: passed += 1
      case .failedAsExpected: expectedFailures += 1
      case .pending: pending += 1
      case .otherDriver: otherDriver += 1
      case .failed: failed += 1
      case .error, .benchBroken: errors += 1
      }
    }
  }

  /// Tests that have a result.
  public var tests: Int { passed + failed + expectedFailures + pending + otherDriver + errors }
}

extension FileReport {
  /// Reports leave out files of which no test was selected.
  public var isShown: Bool { selected > 0 || error != nil || stopped != nil }
}
