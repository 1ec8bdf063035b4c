#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import ScenarioLanguage

/// Why reports cannot be read or put together, in a line.
public struct ReportProblem: Error, Sendable {
  public let text: String
}

extension RunReport {
  /// Reads a report that `json` wrote.
  ///
  /// - Parameter name: what messages call it.
  public static func read(_ bytes: [UInt8], name: String) throws(ReportProblem) -> RunReport {
    struct Head: Decodable {
      let report: String
      let version: Int
    }
    let clean: [UInt8]
    do throws(CleanJSON.Problem) { clean = try CleanJSON.clean(bytes) } catch { throw ReportProblem(text: "\(name) is damaged: \(error.text)") }
    let decoder = JSONDecoder()
    guard let head = try? decoder.decode(Head.self, from: Data(clean)), head.report == "sgxbench run" else {
      throw ReportProblem(text: "\(name) is not a report of sgxbench; --format json:FILE writes one")
    }
    guard head.version == 1 else { throw ReportProblem(text: "\(name) is a report of version \(head.version); this bench reads version 1") }
    let report: RunReport
    do { report = try decoder.decode(RunReport.self, from: Data(clean)) } catch {
      throw ReportProblem(text: "\(name) is damaged: \(place(of: error))")
    }
    if let place = report.damage { throw ReportProblem(text: "\(name) is damaged: a value that no run writes at report\(place)") }
    return report
  }

  /// Where a value is missing or of another kind.
  private static func place(of error: any Error) -> String {
    let (what, path): (String, [any CodingKey]) =
      switch error {
      case DecodingError.keyNotFound(let key, let context): ("no '\(key.stringValue)'", context.codingPath)
      case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
        ("a value of another kind than it should be", context.codingPath)
      default: ("unreadable", [])
      }
    let place = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    return "\(what) at report\(place)"
  }

  /// The report of the whole run from those of its parts, in any order.
  ///
  /// A part that is missing makes the whole incomplete, and `stopped` names it.
  ///
  /// - Parameter parts: reports and what messages call them.
  /// - Throws: a message where they are not parts of one run, or two are the same part.
  public static func merged(_ parts: [(report: RunReport, name: String)]) throws(ReportProblem) -> RunReport {
    guard let first = parts.first else { throw ReportProblem(text: "nothing to merge") }
    guard let count = first.report.shard?.count else {
      if parts.count == 1 { return first.report }
      throw ReportProblem(text: "\(first.name) is no part of a run; --shard makes parts")
    }
    var byNumber: [Int: (report: RunReport, name: String)] = [:]
    for part in parts {
      guard let shard = part.report.shard, shard.count == count, part.report.hasSameHead(as: first.report) else {
        throw ReportProblem(text: "\(part.name) and \(first.name) are not parts of one run: \(part.report.difference(from: first.report))")
      }
      if let other = byNumber[shard.number] {
        throw ReportProblem(text: "\(part.name) and \(other.name) are both part \(shard.number) of \(count)")
      }
      byNumber[shard.number] = part
    }
    let present = (1...count).compactMap { byNumber[$0] }
    var whole = present[0].report
    whole.shard = nil
    for part in present.dropFirst() { try whole.take(part.report, part.name, first.name) }
    // Only one that ended early lists fewer files.
    for part in present where part.report.complete && part.report.files.count != whole.files.count {
      throw ReportProblem(text: "\(part.name) is damaged: it has \(part.report.files.count) of \(whole.files.count) files, and says that it is complete")
    }
    let missing = (1...count).filter { byNumber[$0] == nil }
    let reasons =
      present.compactMap { part in part.report.stopped.map { "\(part.name): \($0)" } }
      + (missing.isEmpty ? [] : ["part \(missing.map(String.init).joined(separator: ", ")) of \(count) is missing"])
    whole.complete = reasons.isEmpty && present.allSatisfy(\.report.complete)
    whole.stopped = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    return whole
  }

  private func hasSameHead(as other: RunReport) -> Bool {
    bench == other.bench && tree == other.tree && drivers == other.drivers && seeds == other.seeds && arguments == other.arguments && injections == other.injections
  }

  private func difference(from other: RunReport) -> String {
    if bench != other.bench { return "made by sgxbench \(bench) and \(other.bench)" }
    if tree != other.tree { return "made by sgxbench of the trees \(tree ?? "unknown") and \(other.tree ?? "unknown")" }
    if drivers != other.drivers { return "their drivers differ" }
    if seeds != other.seeds { return "their seeds differ" }
    if arguments != other.arguments { return "their scripts' options differ" }
    if injections != other.injections { return "their --inject differ" }
    return "\(shard.map { "part \($0.number) of \($0.count)" } ?? "a whole run") and \(other.shard.map { "part \($0.number) of \($0.count)" } ?? "a whole run")"
  }

  /// Files stand in the same order in every part; a part that ended early has fewer of them.
  private mutating func take(_ part: RunReport, _ name: String, _ firstName: String) throws(ReportProblem) {
    for (index, file) in part.files.enumerated() {
      guard index < files.count else {
        files.append(file)
        continue
      }
      guard files[index].name == file.name, files[index].driver == file.driver, files[index].seed == file.seed else {
        throw ReportProblem(text: "\(name) and \(firstName) are not parts of one run: file \(index + 1) is \(file.name) and \(files[index].name)")
      }
      guard files[index].sha256 == file.sha256 else {
        throw ReportProblem(text: "\(name) and \(firstName) are not parts of one run: \(file.name) was another script")
      }
      if let test = files[index].test(alsoIn: file) {
        throw ReportProblem(text: "\(name): test \(test.index) of \(file.name), '\(test.path.joined(separator: ", "))', is in another part too")
      }
      files[index].take(file)
    }
  }
}

extension FileReport {
  /// A test of the other's that is here as well.
  fileprivate func test(alsoIn part: FileReport) -> TestReport? {
    let known = Set(tests.map(\.index))
    return part.tests.first { known.contains($0.index) }
  }

  fileprivate mutating func take(_ part: FileReport) {
    tests = (tests + part.tests).sorted { $0.index < $1.index }
    selected += part.selected
    error = error ?? part.error
    stopped = stopped ?? part.stopped
    if output.isEmpty { output = part.output }
    if struck.isEmpty { struck = part.struck } else { for (index, count) in part.struck.prefix(struck.count).enumerated() { struck[index] += count } }
  }
}
