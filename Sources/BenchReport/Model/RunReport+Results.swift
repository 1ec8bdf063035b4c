import LuaHost
import ScenarioLanguage
import Simulation
import Testbench

extension FileReport {
  /// What a runner found out, as plain values.
  ///
  /// - Parameters:
  ///   - replay: the command that repeats the run of this file, without the selection of a test.
  ///   - scriptOptions: what stands behind it, for the script itself.
  public init(_ result: FileResult, driver: String, seed: UInt64, replay: String, scriptOptions: String = "") {
    self.init(name: escapeForDisplay(Array(result.name.utf8)), driver: driver, seed: seed)
    let names = result.tests.contains { $0.status.isFailure } ? result.tests.map { $0.path.joined(separator: ", ") } : []
    tests = result.tests.map { TestReport($0, replay: replay, scriptOptions: scriptOptions, among: names) }
    selected = result.selected
    error = result.error.map { FileError(text: $0.text, traceback: TestReport.lines(of: $0.traceback), isLimit: $0.isLimit, hint: $0.hint, isBench: $0.isBench ? true : nil) }
    output = TestReport.printed(result.output)
    struck = result.struck
    stopped = result.stopped
    sha256 = result.sourceDigest
  }

  /// A file that could not be read.
  public init(name: String, driver: String, seed: UInt64, problem: String, hint: String? = nil) {
    self.init(name: escapeForDisplay(Array(name.utf8)), driver: driver, seed: seed)
    error = FileError(text: problem, traceback: [], isLimit: false, hint: hint)
  }

  /// A file of which nothing was run because the bench itself broke down.
  public init(name: String, driver: String, seed: UInt64, breakdown: String) {
    self.init(name: escapeForDisplay(Array(name.utf8)), driver: driver, seed: seed)
    error = FileError(text: "\(self.name): \(breakdown)", traceback: [], isLimit: false, isBench: true)
  }

  /// A file of which nothing was run because the system refused what the bench needs.
  public init(name: String, driver: String, seed: UInt64, refused: String) {
    self.init(name: escapeForDisplay(Array(name.utf8)), driver: driver, seed: seed)
    error = FileError(text: "\(self.name): \(refused)", traceback: [], isLimit: false, isSystem: true)
  }
}

extension TestReport {
  init(_ test: TestResult, replay: String, scriptOptions: String, among names: [String]) {
    path = test.path
    file = escapeForDisplay(Array(test.file.utf8))
    line = test.line
    index = test.index
    tags = test.tags
    status = test.status
    checks = test.checks
    visits = test.visits
    failures = test.failures.map { failure in
      Failure(
        file: escapeForDisplay(Array(failure.file.utf8)), line: failure.line, message: failure.message,
        traceback: Self.lines(of: failure.traceback), lastEvents: failure.lastEvents.map(\.text), source: failure.sourceLine)
    }
    note = test.note
    reason = test.reason
    isPinned = test.isPinned
    output = Self.printed(test.output)
    traces = test.traces.map { $0.map(\.text) }
    stories = test.stories.isEmpty ? nil : test.stories
    self.replay =
      test.status.isFailure ? replay + ShellWord.option("--filter", NamePattern.text(for: name, among: names)) + scriptOptions + Self.comment : nil
  }

  /// Behind a replay line, where a shell takes it for a comment: which sources the bench was built of.
  static let comment = "  # tree \(Bench.tree)"

  static func printed(_ bytes: [UInt8]) -> [String] {
    guard !bytes.isEmpty else { return [] }
    // The end of the last line begins no other.
    let text = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
    // Tabs stay: `print` writes them between values.
    return text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { escapeForDisplay($0, keepingLines: true) }
  }

  /// Without the blanks that lines begin with.
  static func lines(of text: String) -> [String] {
    text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { String($0.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) }
  }
}

/// A word of a command line.
public enum ShellWord {
  /// ` --filter 'a name'`, in one word where the value would be taken for an option.
  public static func option(_ name: String, _ value: String) -> String { " " + name + (value.hasPrefix("-") ? "=" : " ") + quoted(value) }

  /// As a POSIX shell reads it back; a plain word stays as it is.
  public static func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"),
        UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: "+"): true
      default: false
      }
    }
    if isPlain { return word }
    guard escapeForDisplay(Array(word.utf8)) == word else { return escaped(word) }
    var text = "'"
    for character in word.unicodeScalars { text += character == "'" ? "'\\''" : String(character) }
    return text + "'"
  }

  /// `$'a\x0ab'` (POSIX 2024, Dollar-Single-Quotes): what steers a terminal, or makes one line two, is written out, and the shell reads it
  /// back all the same.
  private static func escaped(_ word: String) -> String {
    var text = "$'"
    for scalar in word.unicodeScalars {
      if scalar == "'" || scalar == "\\" {
        text += "\\\(scalar)"
      } else if escapeForDisplay(Array(String(scalar).utf8)) == String(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        for byte in String(scalar).utf8 { text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
      }
    }
    return text + "'"
  }
}
