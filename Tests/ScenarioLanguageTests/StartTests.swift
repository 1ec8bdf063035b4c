import ScenarioLanguage
import Testing

/// What a start takes is measured by `Scripts/bench start-up`. Here is the part of it that can be counted: how much of the language a
/// script of one check has read and made. What is read at every start makes every start longer, so it belongs into `words.lua` or into a
/// module that is promised (`BundledModules.swift`).
@Suite struct StartTests {
  private static let plain = "describe('start', function() it('checks', function() expect(1):equals(1) end) end)"
  /// Bytes of Lua's values and code with which that script comes to its end.
  private static let enough = 84 << 10

  @Test func aPlainScriptReadsLittle() {
    #expect(Self.passes(Self.plain, memory: Self.enough))
  }

  @Test func whatIsReadLaterWouldNotFit() {
    #expect(!Self.passes("local sgx = require 'sgx' " + Self.plain, memory: Self.enough))
    #expect(!Self.passes(Self.plain + " pending('later')", memory: Self.enough))
    #expect(Self.passes("local sgx = require 'sgx' " + Self.plain, memory: 64 << 20))
  }

  private static func passes(_ script: String, memory: Int) -> Bool {
    var options = RunOptions()
    options.setLimits(fuel: 50_000_000, memory: memory, source: 1 << 20, output: 1 << 20)
    let result = ScenarioRunner(options: options).run(source: Array(script.utf8), name: "start.lua")
    return result.error == nil && result.tests.contains { $0.status == .passed }
  }
}
