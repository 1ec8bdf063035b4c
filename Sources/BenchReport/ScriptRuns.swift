import ScenarioLanguage
import SGXDriver

/// Scripts that ran on several drivers with their evidence collected: what the pages of the documents are made from.
public struct ScriptRuns: Sendable {
  public let drivers: [DriverVersion]
  /// One list a script, in the order of the drivers.
  public let files: [[FileResult]]

  public init(drivers: [DriverVersion], files: [[FileResult]]) {
    self.drivers = drivers
    self.files = files
  }

  /// Scripts in which something holds of a test that passed, in their order: on all drivers, or on which.
  func scripts(where holds: (TestResult) -> Bool) -> [String] {
    files.compactMap { results in
      let places = results.indices.filter { results[$0].tests.contains { $0.status == .passed && holds($0) } }
      guard !places.isEmpty else { return nil }
      return "`\(results[0].name)`" + (places.count == drivers.count ? "" : " (\(names(places)))")
    }
  }

  /// The first test that passed and in which something holds.
  func firstTest(where holds: (TestResult) -> Bool) -> String? {
    for results in files {
      // Tests in the order of the script, whatever the driver.
      let found = results.indices.flatMap { column in
        let tests = results[column].tests
        return tests.indices.filter { tests[$0].status == .passed && holds(tests[$0]) }.map { (test: $0, column: column) }
      }
      guard let first = found.min(by: { $0.test < $1.test }) else { continue }
      let columns = found.filter { $0.test == first.test }.map(\.column)
      let path = results[first.column].tests[first.test].path.joined(separator: ", ")
      return "`\(results[0].name)`: \(path)" + (columns.count == drivers.count ? "" : " (\(names(columns)))")
    }
    return nil
  }

  func names(_ places: [Int]) -> String { drivers.names(at: places) }

  /// Tests that did not end as they say, all or those that claim to meet something whose name begins so; a line each. Files that
  /// could not be run are among them.
  public func failures(of prefix: String? = nil) -> [String] {
    files.flatMap { results in
      results.enumerated().flatMap { column, result in
        let tests = result.tests.filter { test in
          [.failed, .error, .benchBroken].contains(test.status)
            && (prefix.map { prefix in test.claims.contains { $0.hasPrefix(prefix) } } ?? true)
        }
        return (result.error.map { ["\($0.text) on \(drivers[column].name)"] } ?? [])
          + tests.map { test in
            "\(test.file):\(test.line): \(test.path.joined(separator: ", ")) on \(drivers[column].name): \(test.failures.first?.message ?? "")"
          }
      }
    }
  }
}

extension [DriverVersion] {
  /// Names of some of these versions, neighbours as a range: `v39 to 6.0, reviewed`.
  func names(at places: [Int]) -> String {
    var parts: [String] = []
    var rest = places[...]
    while let first = rest.first {
      let count = rest.enumerated().prefix { $0.element == first + $0.offset }.count
      let last = first + count - 1
      parts.append(count < 3 ? self[first...last].map(\.name).joined(separator: ", ") : "\(self[first].name) to \(self[last].name)")
      rest = rest.dropFirst(count)
    }
    return parts.joined(separator: ", ")
  }
}
