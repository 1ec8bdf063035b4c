import ScenarioLanguage
import Synchronization

/// Tests that have ended in scripts that have not, for the report of a run that does not wait for them.
final class PartialResults: Sendable {
  // A list: it is as long as units run at the same time, and the first use of a dictionary costs a start what a small script does.
  private let parts = Mutex<[(unit: Int, tests: [TestResult])]>([])

  func add(_ test: TestResult, of unit: Int) {
    parts.withLock { parts in
      if let index = parts.firstIndex(where: { $0.unit == unit }) { parts[index].tests.append(test) } else { parts.append((unit, [test])) }
    }
  }

  /// The script's whole result is in the report.
  func forget(_ unit: Int) { parts.withLock { $0.removeAll { $0.unit == unit } } }

  func take(_ unit: Int) -> [TestResult] {
    parts.withLock { parts in
      guard let index = parts.firstIndex(where: { $0.unit == unit }) else { return [] }
      return parts.remove(at: index).tests
    }
  }
}
