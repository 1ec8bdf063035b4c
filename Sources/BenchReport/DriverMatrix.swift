import ScenarioLanguage

/// The report of scenarios on several drivers: a row a test, a column a driver, and below them what was not expected.
public struct DriverMatrix {
  private let drivers: [String]
  private var lines = ReportLines()
  private var files = 0
  private var cells: [Cell: Int] = [:]
  private var namesItsOwn = false
  private var repeats = false
  private var checks: UInt64 = 0
  private var visits: UInt64 = 0

  /// - Parameter drivers: labels of the columns.
  public init(drivers: [String]) { self.drivers = drivers }

  /// What a square shows.
  enum Cell: Character, CaseIterable {
    case passed = "+"
    case failedAsExpected = "x"
    case failed = "F"
    case error = "E"
    case benchBroken = "B"
    case pending = "p"
    case otherDriver = "-"
    /// The test names its own driver, so this column repeats the first.
    case pinned = "="
    /// The file could not be run to this test.
    case absent = " "

    init(_ status: TestStatus) {
      switch status {
      case .passed: self = .passed
      case .failed: self = .failed
      case .failedAsExpected: self = .failedAsExpected
      case .pending: self = .pending
      case .otherDriver: self = .otherDriver
      case .error: self = .error
      case .benchBroken: self = .benchBroken
      }
    }

    var meaning: String {
      switch self {
      case .passed: "passed"
      case .failedAsExpected: "failed as it says"
      case .failed: "FAILED"
      case .error: "in error"
      case .benchBroken: "broke a law of the bench"
      case .pending: "pending"
      case .otherDriver: "not for this driver"
      case .pinned: "names its own driver"
      case .absent: "not reached"
      }
    }
  }

  /// The heads of the columns, as stairs: names of any length fit above columns of two characters.
  public mutating func begin(seeds: [UInt64]) {
    repeats = seeds.count > 1
    lines.text += "sgxbench \(Bench.version), \(PrettyReport.text(of: seeds)), \(drivers.count) drivers:\n"
    for (column, driver) in drivers.enumerated() {
      lines.text += "  " + String(repeating: "| ", count: column) + driver + "\n"
    }
  }

  /// One script's results, in the order of the drivers.
  public mutating func add(_ results: [FileReport]) {
    guard results.contains(where: \.isShown) else { return }
    files += 1
    lines.text += results[0].name + (repeats ? " (seed \(results[0].seed))" : "") + "\n"
    let rows = Row.rows(of: results)
    for row in rows { add(row) }
    addErrors(results)
    for row in rows { addDetails(row) }
  }

  private mutating func add(_ row: Row) {
    lines.text += "  " + row.cells.map { "\($0.rawValue) " }.joined() + " " + row.name + "\n"
    if row.cells.contains(.pinned) { namesItsOwn = true }
    for (cell, test) in zip(row.cells, row.tests).prefix(row.isOnce ? 1 : drivers.count) {
      cells[cell, default: 0] += 1
      checks += test?.checks ?? 0
      visits += test?.visits ?? 0
    }
  }

  /// Why files could not be run, each reason once.
  private mutating func addErrors(_ results: [FileReport]) {
    for group in grouped(results.map { $0.error?.text }) {
      cells[.error, default: 0] += group.places.count
      lines.text += "  ERROR \(group.value) (on \(names(group.places)))\n"
      if let hint = results[group.places[0]].error?.hint { lines.text += "    hint: \(hint)\n" }
      lines.addTraceback(results[group.places[0]].error?.traceback ?? [], indent: "    ")
    }
    let outputs = grouped(results.map { $0.output.isEmpty ? nil : $0.output })
    for group in outputs { lines.addOutput(group.value, indent: "  ") }
    for group in grouped(results.map(\.stopped)) { lines.text += "  STOPPED \(group.value) (on \(names(group.places)))\n" }
  }

  /// Reasons of a row's failures, expected or not, and what it printed; what is the same on several drivers stands there once.
  private mutating func addDetails(_ row: Row) {
    let tests = row.isOnce ? Array(row.tests.prefix(1)) : row.tests
    let expected = grouped(tests.map { $0?.status == .failedAsExpected ? $0?.reason : nil })
    let excluded = grouped(tests.map { $0?.status == .otherDriver ? $0?.reason : nil })
    let failed = grouped(
      tests.map { test -> [String]? in
        guard let test, [.failed, .error, .benchBroken].contains(test.status) else { return nil }
        return test.failures.map { "\($0.file):\($0.line): \($0.message)\n\($0.traceback)" }
      })
    let printed = grouped(tests.map { $0?.output.isEmpty == false ? $0?.output : nil })
    guard !expected.isEmpty || !excluded.isEmpty || !failed.isEmpty || !printed.isEmpty else { return }
    lines.text += "  \(row.name)\n"
    for group in excluded { lines.text += "    not for \(names(group.places)): \(group.value)\n" }
    for group in expected { lines.text += "    fails on \(names(group.places)) as it says: \(group.value)\n" }
    for group in failed {
      lines.text += "    FAIL  on \(row.isOnce ? "the driver it names" : names(group.places))\n"
      lines.addFailures(tests[group.places[0]]?.failures ?? [], indent: "      ")
    }
    for group in printed {
      lines.text += "    printed on \(names(group.places)):\n"
      lines.addOutput(group.value, indent: "      ")
    }
  }

  /// Equal values together, in the order of the drivers; nil is left out.
  private func grouped<Value: Equatable>(_ values: [Value?]) -> [(value: Value, places: [Int])] {
    var groups: [(value: Value, places: [Int])] = []
    for (place, value) in values.enumerated() {
      guard let value else { continue }
      if let index = groups.firstIndex(where: { $0.value == value }) {
        groups[index].places.append(place)
      } else {
        groups.append((value, [place]))
      }
    }
    return groups
  }

  private func names(_ places: [Int]) -> String {
    places.count == drivers.count && places.count > 1 ? "every driver" : places.map { drivers[$0] }.joined(separator: ", ")
  }

  /// What the signs mean, and how many there were of each.
  public mutating func end(stopped: String? = nil) {
    let used = Cell.allCases.filter { cells[$0, default: 0] > 0 && $0 != .absent && $0 != .pinned }
    let parts = used.map { "\($0.rawValue) \(cells[$0]!) \($0.meaning)" }
    lines.text += "\(files == 1 ? "1 file" : "\(files) files") on \(drivers.count) drivers: "
    lines.text += (parts.isEmpty ? "no test" : parts.joined(separator: ", "))
    if namesItsOwn { lines.text += "; = names its own driver, counted once" }
    lines.text += "; \(checks) checks, \(visits) visits of fault sites\n"
    if let stopped { lines.text += "INCOMPLETE: \(stopped)\n" }
  }

  /// Takes what was written so far.
  public mutating func take() -> String {
    defer { lines.text = "" }
    return lines.text
  }
}

/// A test on every driver.
private struct Row {
  let name: String
  var tests: [TestReport?]

  /// It names its own driver, or is pending: the first column says it all.
  var isOnce: Bool { tests.allSatisfy { $0?.isPinned == true } || tests.allSatisfy { $0?.status == .pending } }

  var cells: [DriverMatrix.Cell] {
    let own = tests.map { $0.map { DriverMatrix.Cell($0.status) } ?? .absent }
    guard isOnce, own[0] != .pending else { return own }
    return [own[0]] + [DriverMatrix.Cell](repeating: .pinned, count: own.count - 1)
  }

  /// Tests of one script side by side. They are the same on each driver, but for a script that a limit stopped on one of them.
  static func rows(of results: [FileReport]) -> [Row] {
    var rows: [(path: [String], line: Int, row: Row)] = []
    for (column, result) in results.enumerated() {
      for (place, test) in result.tests.enumerated() {
        let fits: (Int) -> Bool = { rows[$0].path == test.path && rows[$0].line == test.line && rows[$0].row.tests[column] == nil }
        let index: Int
        if place < rows.count, fits(place) {
          index = place
        } else if column > 0, let other = rows.indices.first(where: fits) {
          index = other
        } else {
          let empty = [TestReport?](repeating: nil, count: results.count)
          rows.append((test.path, test.line, Row(name: test.path.joined(separator: ", "), tests: empty)))
          index = rows.count - 1
        }
        rows[index].row.tests[column] = test
      }
    }
    return rows.map(\.row)
  }
}
