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
    #expect(lines.count == 5)
    #expect(lines[0] == "sgxbench \(Bench.version)")
    #expect(lines[1] == "scenarios: sgxbench 2")
    #expect(lines[2].wholeMatch(of: /Lua: 5\.4\.[0-9]+; .+/) != nil)
    #expect(lines[3].wholeMatch(of: /cryptography: swift-crypto 4\.5\.2 \(BoringSSL\), SHA-256 (by the processor's instructions|in software)/) != nil)
    #expect(lines[4].hasPrefix("drivers: v39, 5.11, "))
    #expect(lines[4].hasSuffix(", reviewed; 6.1.192 by default"))
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
