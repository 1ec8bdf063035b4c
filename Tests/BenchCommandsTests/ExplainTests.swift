import BenchReport
import Foundation
import SGXDriver
import Testing

/// `sgxbench explain`, and the page that shows the same table.
@Suite("Explain") struct ExplainTests {
  @Test func driversAreATable() throws {
    let ended = try Sgxbench.run(["explain", "drivers"])
    #expect(ended.status == 0)
    #expect(ended.errors.isEmpty)
    #expect(ended.output == DriverTable.text)
    let lines = ended.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0].split(separator: " ").map(String.init).prefix(3) == ["v39", "5.11", "5.13"])
    let row = try #require(lines.first { $0.hasPrefix("capsAddPages ") })
    #expect(row.split(separator: " ").dropFirst().map(String.init) == ["x"] + Array(repeating: ".", count: 15))
    #expect(lines.contains("capsAddPages"), "and what it is, below")
    #expect(lines.allSatisfy { $0.utf8.count < 250 && $0.last != " " })
  }

  @Test func driversAreJSONToo() throws {
    struct Table: Decodable {
      struct Row: Decodable {
        let name: String
        let sentence: String
        let source: String
        let bug: String?
        let values: [String: Bool]
        let not_known: [String]
      }
      let versions: [String]
      let behaviours: [Row]
    }
    let ended = try Sgxbench.run(["explain", "drivers", "--json"])
    #expect(ended.status == 0)
    let table = try JSONDecoder().decode(Table.self, from: ended.bytes)
    #expect(table.versions.first == "v39")
    #expect(table.versions.last == "reviewed")
    #expect(table.behaviours.count > 40)
    for row in table.behaviours {
      #expect(Set(row.values.keys) == Set(table.versions), "\(row.name)")
      #expect(Set(row.not_known).isSubset(of: table.versions))
      #expect(!row.sentence.isEmpty && !row.source.isEmpty)
    }
    let caps = try #require(table.behaviours.first { $0.name == "capsAddPages" })
    #expect(caps.values.filter(\.value).map(\.key) == ["v39"])
    #expect(table.behaviours.first { $0.name == "loopsWhereNodeHasNoEPC" }?.bug == "K22")
  }

  @Test func whatIsNoTopicIsAUsageError() throws {
    let ended = try Sgxbench.run(["explain", "nothing"])
    #expect(ended.status == 64)
    #expect(ended.output.isEmpty)
  }

  @Test func withoutATopicItListsThem() throws {
    let ended = try Sgxbench.run(["explain"])
    #expect(ended.status == 0)
    for topic in ["drivers", "states", "ioctls", "steps", "coverage", "review"] { #expect(ended.output.contains("  \(topic)"), "\(topic)") }
  }

  @Test func thePageHoldsTheTable() throws {
    let page = try Repository.text(of: "Docs/DriverVersions.md")
    for table in DriverTable.markdown.components(separatedBy: "\n\n") where !table.isEmpty {
      #expect(page.contains("\n\n" + table.trimmingCharacters(in: .newlines) + "\n"), "as `explain drivers` has it")
    }
  }

  @Test func whatIsNotKnownIsListed() throws {
    let rows = try Repository.text(of: "Docs/Fidelity.md").split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.prefix(2).joined(separator: " ")
    }
    let unknown = DriverBehaviour.all.flatMap { behaviour in
      DriverRelease.known.filter { !behaviour.isKnown(in: $0) }.map { "`\(behaviour.name)` \($0.name)" }
    }
    #expect(!unknown.isEmpty)
    let listed = rows.filter { row in DriverBehaviour.all.contains { row.hasPrefix("`\($0.name)` ") } }
    #expect(listed == unknown, "in the order of the table, and no others")
  }

  @Test(arguments: [("6.5", "6.5"), ("v6.5", "6.5"), ("v39", "v39"), ("7.9", "7.9 (newer than 7.2.13, the newest known)"), ("6.5+capsAddPages", "6.5+capsAddPages")])
  func theReportSaysWhichVersionAReleaseIs(_ asked: String, _ shown: String) throws {
    let ended = try Sgxbench.run(
      script: "local sgx = require 'sgx'\nit('x', function() expect(sgx.machine().driver):equals('\(shown)') end)\n", ["--driver", asked])
    #expect(ended.status == 0)
    #expect(ended.output.contains("driver \(shown)\n"))
  }

  /// The replay lines of a sweep name the release as it was asked for, which means the same again.
  @Test func aSweepOfAnotherReleaseCanBeRepeated() throws {
    let ended = try Sgxbench.run(["sweep", "Scripts/power/one_load.lua", "--driver", "6.5+capsAddPages"])
    #expect(ended.output.contains("driver 6.5+capsAddPages\n"))
    let line = try #require(ended.output.split(separator: "\n").first { $0.contains("first: sgxbench run") })
    let words = line.split(separator: "#")[0].split(separator: " ").drop { $0 != "run" }.map(String.init)
    let repeated = try Sgxbench.run(words)
    #expect(repeated.status == 1)
    #expect(repeated.errors.isEmpty)
  }

  @Test(arguments: [
    ("sgx.machine { behaviours = { capsAddPage = true } }", "unknown field 'capsAddPage'; did you mean 'capsAddPages'?"),
    ("sgx.machine { behaviours = { capsAddPages = 1 } }", "field 'capsAddPages' must be true or false, got 1"),
    ("sgx.machine { behaviours = 'capsAddPages' }", "field 'behaviours' must be a table of fields, got string"),
    ("sgx.machine { numa = {} }", "field 'numa' has 1 to 512 nodes, got 0"),
    ("sgx.machine { numa = { 0, 0 } }", "all nodes together have 4 KiB to 1 TiB of EPC"),
    ("sgx.machine { numa = { 100 } }", "the EPC of a node is a multiple of 4096 up to 1 TiB, got 100"),
    ("sgx.machine { numa = { '1 TiB', '4 KiB' } }", "all nodes together have 4 KiB to 1 TiB of EPC"),
    ("sgx.machine { numa = { '4 KiB' }, epc = '4 KiB' }", "say either 'epc' or 'numa'"),
    ("sgx.machine():process { node = 1 }", "field 'node' is 0 to 0 on this machine, got 1"),
    ("sgx.machine():process { nod = 0 }", "unknown field 'nod'; did you mean 'node'?"),
    ("sgx.machine():process():open('/dev/sgx_enclav')", "there is no '/dev/sgx_enclav'; did you mean '/dev/sgx_enclave'?"),
    ("sgx.machine { driver = '5.10' }", "Linux 5.10 has no SGX driver"),
  ])
  func misuseNamesWhatIsWrong(_ line: String, _ message: String) throws {
    let ended = try Sgxbench.run(script: "local sgx = require 'sgx'\nit('x', function()\n\(line)\nend)\n")
    #expect(ended.status == 2)
    #expect((ended.output + ended.errors).contains(message), "\(ended.output)")
  }

  /// No check holds for a value that nobody wrote.
  @Test(arguments: [
    "equals(0)", "equals(nil)", "equals('EINVAL')", "equals('uninitialised')", "is_nil()", "differs_from(nil)", "differs_from(0)",
    "one_of(0, 'EINVAL')", "at_least(0)", "at_most(0)", "is_true()", "is_false()", "is_empty()", "has_length(0)", "contains('x')",
  ])
  func anUninitialisedValueEqualsNothing(_ check: String) throws {
    let script = """
      local sgx = require 'sgx'
      it('x', function()
        local process = sgx.machine { driver = 'v39' }:process()
        local enclave = process:open()
        enclave:create { size = 0x8000 }
        local result = enclave:add_pages { source = 0x1000, offset = 0x1000, length = 0 }
        ensure(result.outcome):equals('uninitialised')
        expect(result.FIELD):\(check)
      end)

      """
    for field in ["errno", "value"] {
      let ended = try Sgxbench.run(script: script.replacingOccurrences(of: "FIELD", with: field))
      #expect(ended.status == 1, "\(field) \(check)")
      #expect(ended.output.contains("an uninitialised value"))
    }
  }
}
