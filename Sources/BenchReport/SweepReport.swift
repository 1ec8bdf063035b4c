import ScenarioLanguage
import SGXDriver
import Simulation
import Testbench

/// What a sweep found, points of one kind together.
public struct SweepReport {
  private let fault: String
  private let driver: String
  private let seed: UInt64
  private let flags: String

  /// - Parameter flags: what a repetition needs besides driver and seed.
  public init(fault: String, driver: String, seed: UInt64, flags: [String] = []) {
    self.flags = flags.map { " " + ShellWord.quoted($0) }.joined()
    self.fault = fault
    self.driver = driver
    self.seed = seed
  }

  /// Points that share call, site and consequence.
  private struct Group {
    let heading: String
    let first: SweepPoint
    var count: Int
  }

  /// One file's points: the total of each test, then each kind of point that did not survive, with a line that repeats its first.
  public func text(of file: FileResult) -> String {
    var text = ""
    for test in file.tests where !test.sweep.isEmpty {
      let survived = test.sweep.count { $0.survived }
      text += "  \(test.path.joined(separator: ", ")): \(test.sweep.count) points, \(survived) survived\n"
      for group in groups(test.sweep.filter { !$0.survived }) {
        text += "    \(group.count) \(group.heading)\n"
        text += "      first: sgxbench run \(ShellWord.quoted(file.name)) --driver \(driver) --seed \(seed)\(flags)"
        text += " --inject \(fault)@\(group.first.site.name),visit=\(group.first.visit)"
        if file.tests.count > 1 { text += ShellWord.option("--filter", test.path.joined(separator: ", ")) }
        text += TestReport.comment + "\n"
      }
    }
    return text
  }

  private func groups(_ points: [SweepPoint]) -> [Group] {
    var groups: [Group] = []
    for point in points {
      let heading = heading(of: point)
      if let index = groups.firstIndex(where: { $0.heading == heading }) {
        groups[index].count += 1
      } else {
        groups.append(Group(heading: heading, first: point, count: 1))
      }
    }
    return groups
  }

  private func heading(of point: SweepPoint) -> String {
    var parts = ["\(point.operation.text) says \(point.outcome.text)"]
    if point.leakedPages > 0 { parts.append("\(point.leakedPages) page\(point.leakedPages == 1 ? "" : "s") leaked") }
    if !point.warnings.isEmpty { parts.append("warnings \(point.warnings.map(\.name).joined(separator: ", "))") }
    if !point.breaches.isEmpty { parts.append("laws broken: \(point.breaches.map(\.invariant.rawValue).joined(separator: ", "))") }
    if !point.loadsAgain { parts.append("no enclave can be loaded afterwards") }
    if let finding = point.finding { parts.append(finding.text) }
    return "at \(point.site.name): " + parts.joined(separator: "; ")
  }
}

extension CallOutcome {
  /// In a word: 0, an errno's name, or what ended the process or the run.
  var text: String {
    switch self {
    case .success: "0"
    case .failure(let errno): errno.name
    case .leafResult(let result): "\(result.encoded) (\(result.text))"
    case .uninitialised: "an uninitialised value"
    case .killed(let signal): "nothing: \(signal.name) ended the process"
    case .stopped: "nothing: the run ended"
    case .restart: "ERESTARTSYS"
    }
  }
}
