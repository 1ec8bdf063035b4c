import BenchReport
import Foundation
import LuaHost
import Testing

@testable import BenchCommands

@Suite("--version") struct VersionTests {
  @Test func saysWhatTheBenchStandsOn() throws {
    let ended = try Sgxbench.run(["--version"])
    #expect(ended.status == 0)
    #expect(ended.errors == "")
    let lines = ended.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 6)
    #expect(lines[0] == "sgxbench \(Bench.version)")
    #expect(lines[1] == "tree: \(Bench.tree)")
    #expect(lines[2] == "scenarios: sgxbench 2")
    #expect(lines[3].wholeMatch(of: /Lua: 5\.4\.[0-9]+; .+/) != nil)
    #expect(lines[4].wholeMatch(of: /cryptography: swift-crypto 4\.5\.2 \(BoringSSL\), SHA-256 (by the processor's instructions|in software)/) != nil)
    #expect(lines[5].hasPrefix("drivers: v39, 5.11, "))
    #expect(lines[5].hasSuffix(", reviewed; 6.1.192 by default"))
  }

  /// A program says of which sources it was built, and a script says the same of a checkout.
  @Test func theTreeIsThatOfTheSources() throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [Repository.root + "/Scripts/dev/digest.sh", Repository.root]
    process.standardOutput = pipe
    try process.run()
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(said == Bench.tree + "\n", "built since the last edit")
    #expect(Bench.tree.wholeMatch(of: /[0-9a-f]{12}/) != nil)
  }

  /// Whatever is kept of a run names the sources it was made of: each format that has a head, and each line that repeats something.
  @Test(arguments: [
    ("json", [#""tree" : ""#, #"--filter t  # tree "#]), ("junit", [#"name="tree" value=""#, "--filter t  # tree "]), ("html", [", tree ", "--filter t  # tree "]),
    ("pretty", ["--filter t  # tree "]), ("tap", ["--filter t  # tree "]), ("ktap", ["--filter t  # tree "]),
  ]) func reportsCarryTheTree(_ format: String, before: [String]) throws {
    let ended = try Sgxbench.run(script: "it('t', function() expect(1):equals(2) end)", ["--format", format])
    #expect(ended.status == 1)
    for words in before { #expect(ended.output.contains(words + Bench.tree), "\(format) lacks \(words)") }
  }

  @Test func replayLinesOfASweepCarryTheTree() throws {
    let ended = try Sgxbench.run(["sweep", "Scripts/power/one_load.lua"])
    let lines = ended.output.split(separator: "\n").filter { $0.contains("first: sgxbench run") }
    #expect(!lines.isEmpty)
    for line in lines { #expect(line.hasSuffix("  # tree \(Bench.tree)")) }
  }

  /// What commands print as JSON says the number of its shape first.
  @Test(arguments: [["explain", "drivers", "--json"], ["measure", "Tests/Vectors/app.signed.so", "--json"], ["sigstruct", "view", "Tests/Vectors/synthetic.sigstruct", "--json"]])
  func jsonHasTheNumberOfItsShape(_ arguments: [String]) throws {
    let ended = try Sgxbench.run(arguments)
    let value = try #require(try JSONSerialization.jsonObject(with: ended.bytes) as? [String: Any], "\(ended.errors)")
    #expect(value["schema"] as? Int == Int(JSONText.schema))
    #expect(ended.output.drop { !$0.isLetter }.hasPrefix("schema"))
  }

  @Test func faultsOfLuaAreThoseOfItsRelease() {
    #expect(
      LuaFaults.text(release: "Lua 5.4.4") == """
        5.4.4; contained: __concat, nested coroutine.close, break and <close>, names in error messages, weak tables; \
        not contained: bitwise operators behind 256 constants, _ENV[a<b] (Docs/LuaHost.md)
        """)
    #expect(LuaFaults.text(release: "Lua 5.4.7") == "5.4.7; contained: weak tables; not contained: _ENV[a<b] (Docs/LuaHost.md)")
    #expect(LuaFaults.text(release: "Lua 5.4.8") == "5.4.8; no known fault")
    #expect(LuaFaults.text(release: "Lua 5.5.0") == "5.5.0, whose faults are not known to this bench")
  }

  @Test func theCryptographyIsThePinnedOne() throws {
    #expect(try Repository.text(of: "Package.swift").contains(#"swift-crypto", exact: "\#(VersionText.cryptoRelease)""#))
  }

  /// The version a script asks for is the one that is there.
  @Test func theScenarioVersionIsTheOneScriptsMayRequire() throws {
    for version in ["sgxbench 1", "sgxbench 2"] {
      let ended = try Sgxbench.run(script: "it('a', function() end)\nreturn { requires = '\(version)' }")
      #expect(ended.status == 0)
    }
  }

  /// Steps are counted otherwise since version 1: a list of them would say something else.
  @Test(arguments: [("1", 2), ("2", 0)]) func aPlainScheduleOfVersion1IsRefused(_ version: String, status: Int32) throws {
    let ended = try Sgxbench.run(
      script: """
        local sgx = require "sgx"
        it("a", function()
          local machine = sgx.machine()
          local process = machine:process()
          machine:task(function() process:open() end)
          machine:run { schedule = { 1 } }
        end)
        return { requires = "sgxbench \(version)" }
        """)
    #expect(ended.status == status)
    #expect(ended.output.contains("entry 1 counts steps of sgxbench 1, which this bench cuts otherwise") == (version == "1"))
  }
}
