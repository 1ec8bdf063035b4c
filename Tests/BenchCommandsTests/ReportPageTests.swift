import Foundation
import Testing

/// Docs/Reports.md: its keys are those of a report, its picture is of the scenario it shows.
@Suite("The page about reports") struct ReportPageTests {
  /// The scenario of the page that fails.
  static func scenario() throws -> String {
    let page = try Repository.text(of: "Docs/Reports.md")
    let start = try #require(page.range(of: "```lua failing\n")).upperBound
    let end = try #require(page.range(of: "```", range: start..<page.endIndex)).lowerBound
    return String(page[start..<end])
  }

  @Test func itsScenarioFailsAsThePageSays() throws {
    let ended = try Sgxbench.run(script: Self.scenario())
    #expect(ended.status == 1)
    #expect(ended.output.contains("broke the law 'release-complete'"), "\(ended.output)")
    #expect(ended.output.contains("1 passed, 1 failed, 1 pending"))
  }

  @Test func everyKeyOfAReportIsInThePage() throws {
    let page = try Repository.text(of: "Docs/Reports.md")
    let section = try #require(page.range(of: "\n## json\n"))
    let words = Set(page[section.upperBound...].matches(of: #/`([A-Za-z0-9]+)`/#).map { String($0.1) })
    var keys: Set<String> = []
    for (script, arguments) in [
      (try Self.scenario(), ["--stories", "--shard", "1/1", "--inject", "power@leaf:EBLOCK", "--", "--size", "2"]),
      (ReportFormatTests.hostile, ["--stories", "--fail-fast"]), (ReportFormatTests.hostile, ["--stories"]),
      ("it('x', function() end) error('broken')", []),
    ] {
      let script = arguments.contains("--size") ? script + "return { options = { size = { default = 1 } } }" : script
      let ended = try Sgxbench.run(["run"], arguments: arguments, script: script)
      collect(try JSONSerialization.jsonObject(with: ended.bytes), &keys)
    }
    let missing = keys.subtracting(words).sorted()
    #expect(missing.isEmpty, "not in the page: \(missing)")
    let all: Set = [
      "arguments", "value", "shard", "stopped", "error", "isLimit", "replay", "note", "reason", "stories", "map", "place", "enclave", "occurrences", "hasSECS",
    ]
    #expect(all.subtracting(keys).isEmpty, "these reports lack \(all.subtracting(keys))")
  }

  private func collect(_ value: Any, _ keys: inout Set<String>) {
    if let object = value as? [String: Any] {
      for (key, value) in object {
        keys.insert(key)
        collect(value, &keys)
      }
    } else if let list = value as? [Any] {
      for value in list { collect(value, &keys) }
    }
  }
}

extension Sgxbench {
  /// Runs a script that may have options of its own, as JSON.
  fileprivate static func run(_ command: [String], arguments: [String], script: String) throws -> Ended {
    let scratch = try Scratch()
    try scratch.write(script, to: "a.lua")
    return try run(command + ["a.lua", "--format", "json"] + arguments, in: scratch.path)
  }
}
