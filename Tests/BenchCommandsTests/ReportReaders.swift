import Foundation

/// A program that is not ours, by way of the shell.
enum Tool {
  static func run(_ command: String, in folder: String, environment: [String: String] = [:]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", command + " 2>&1"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }
}

/// KTAP by the rules that tools/testing/kunit/kunit_parser.py goes by: what it would complain of, and what it would count.
struct KTAPReader {
  private(set) var problems: [String] = []
  /// Results without subtests: `ok`, `not ok`, `skip`.
  private(set) var counts: [String: Int] = [:]
  private var lines: ArraySlice<Substring>

  static func read(_ text: String) throws -> KTAPReader {
    var reader = KTAPReader(lines: text.split(separator: "\n")[...])
    reader.expect("KTAP version 1", indent: "")
    let plan = reader.plan(indent: "")
    for number in stride(from: 1, through: plan, by: 1) { reader.result(number, indent: "", parent: "main") }
    reader.skipDiagnostics(indent: "")
    if let line = reader.lines.first { reader.problems.append("left over: \(line)") }
    return reader
  }

  private init(lines: ArraySlice<Substring>) { self.lines = lines }

  private mutating func expect(_ text: String, indent: String) {
    if lines.first != Substring(indent + text) { problems.append("expected '\(text)', found '\(lines.first ?? "the end")'") }
    lines = lines.dropFirst()
  }

  private mutating func plan(indent: String) -> Int {
    skipDiagnostics(indent: indent)
    guard let line = lines.popFirst(), line.hasPrefix(indent + "1.."), let count = Int(line.dropFirst(indent.count + 3)) else {
      problems.append("no plan")
      return 0
    }
    if count == 0 { problems.append("a plan of nothing") }
    return count
  }

  private mutating func skipDiagnostics(indent: String) {
    while let line = lines.first, line.hasPrefix(indent + "# "), !line.hasPrefix(indent + "# Subtest: ") { lines = lines.dropFirst() }
  }

  private mutating func result(_ number: Int, indent: String, parent: String) {
    skipDiagnostics(indent: indent)
    var name: Substring?
    let inner = indent + "  "
    if lines.first == Substring(inner + "KTAP version 1") {
      lines = lines.dropFirst()
      if let line = lines.first, line.hasPrefix(inner + "# Subtest: ") { name = line.dropFirst(inner.count + 11) }
      lines = lines.dropFirst()
      let count = plan(indent: inner)
      for child in stride(from: 1, through: count, by: 1) { result(child, indent: inner, parent: String(name ?? "")) }
    }
    skipDiagnostics(indent: indent)
    guard let line = lines.popFirst() else { return problems.append("missing result \(number) of \(parent)") }
    guard let match = line.wholeMatch(of: #/ *(ok|not ok) ([0-9]+) ([^#]*?)( # .*)?/#), line.prefix(while: { $0 == " " }).count == indent.count else {
      return problems.append("no result: \(line)")
    }
    if Int(match.2) != number { problems.append("number \(match.2), expected \(number)") }
    if let name, match.3 != name { problems.append("the result of '\(name)' is named '\(match.3)'") }
    if match.3 == parent { problems.append("'\(parent)' has a child of its name") }
    if name == nil { counts[match.4?.hasPrefix(" # SKIP") == true ? "skip" : String(match.1), default: 0] += 1 }
  }
}
