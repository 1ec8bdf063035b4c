import LuaHost
import ScenarioLanguage

/// What several formats for programs have in common.
enum ReportText {
  /// In one line that steers nothing: control characters and line ends are written as `\x0a`.
  static func line(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
    return isPlain ? text : escapeForDisplay(Array(text.utf8))
  }

  /// Puts other text in the place of some code points. Not by characters: a quotation mark with an accent on it is another character, and
  /// still ends a string for whoever parses it.
  static func replacing(_ replacements: KeyValuePairs<Unicode.Scalar, String>, in text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      if let replacement = replacements.first(where: { $0.key == scalar })?.value {
        result += replacement
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
}

extension RunReport {
  /// Files that have something to say.
  var shownFiles: [FileReport] { files.filter(\.isShown) }

  /// The file's name, with driver and seed where the run has several.
  func title(of file: FileReport) -> String {
    let name = ReportText.line(file.name)
    let distinction = self.distinction(of: file)
    return distinction.isEmpty ? name : "\(name) (\(distinction))"
  }

  /// What tells this file's results from those of the same file in the run: `driver 5.11, seed 2`; empty in a plain run.
  func distinction(of file: FileReport) -> String {
    var parts: [String] = []
    if drivers.count > 1 { parts.append("driver \(ReportText.line(file.driver))") }
    if seeds.count > 1 { parts.append("seed \(file.seed)") }
    return parts.joined(separator: ", ")
  }

  /// Why results are missing, in a line; nil where none are.
  var incompleteness: String? {
    if let stopped = stopped ?? shownFiles.lazy.compactMap(\.stopped).first { return ReportText.line(stopped) }
    return complete ? nil : "not every selected test has its result here"
  }

  /// `sgxbench 0.1.0, seed 1, driver 6.1.192`
  var heading: String {
    let seed = seeds.isEmpty ? "" : ", \(PrettyReport.text(of: seeds))"
    let driver = drivers.count == 1 ? "driver \(drivers[0])" : "\(drivers.count) drivers"
    return ReportText.line("sgxbench \(bench)\(seed), \(driver)\(shard.map { ", part \($0.number) of \($0.count)" } ?? "")")
  }
}

extension TestReport {
  /// The reason why it is not run, is left out, or fails as it says.
  var why: String {
    switch status {
    case .pending: note ?? "pending"
    case .otherDriver: note ?? "not for this driver"
    case .failedAsExpected: note ?? "fails as expected"
    case .passed, .failed, .error, .benchBroken: note ?? ""
    }
  }

  /// `a.lua:4`, where the first failure is, else where the test stands.
  var place: String {
    if let failure = failures.first(where: { $0.line > 0 }) { return "\(failure.file):\(failure.line)" }
    return "\(file):\(line)"
  }
}

extension TestReport.Failure {
  /// `a.lua:4: message`
  var text: String { (line > 0 ? "\(file):\(line): " : "") + message }
}

extension TestStatus {
  /// In words, for readers.
  var words: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .failedAsExpected: "failed as it says"
    case .pending: "pending"
    case .otherDriver: "not for this driver"
    case .error: "the script is wrong"
    case .benchBroken: "a law of the bench itself is broken: please report this"
    }
  }
}
