import ScenarioLanguage
import Synchronization

/// Tests that have ended in scripts that have not, for the report of a run that does not wait for them.
final class PartialResults: Sendable {
  private let tests = Mutex<[Int: [TestResult]]>([:])

  func add(_ test: TestResult, of unit: Int) { tests.withLock { $0[unit, default: []].append(test) } }

  /// The script's whole result is in the report.
  func forget(_ unit: Int) { tests.withLock { $0[unit] = nil } }

  func take(_ unit: Int) -> [TestResult] { tests.withLock { $0.removeValue(forKey: unit) ?? [] } }
}
