import Foundation
import Testing

/// A replay line does again what it stands behind, whatever the run was asked for.
@Suite("Replay lines") struct ReplayTests {
  private struct Report: Decodable {
    struct File: Decodable { let tests: [Test] }
    struct Test: Decodable {
      struct Failure: Decodable, Equatable { let message: String }
      let path: [String]
      let status: String
      let failures: [Failure]
      let replay: String?
    }
    let files: [File]
    var tests: [Test] { files.flatMap(\.tests) }
  }

  private func report(_ arguments: [String], in folder: Scratch, shell: String) throws -> Report {
    let ended = try Sgxbench.run(arguments, in: folder.path, shell: shell)
    return try JSONDecoder().decode(Report.self, from: ended.bytes)
  }

  /// The first test that failed fails again, for the same reasons, when a shell is given its line.
  private func expectReplayed(_ arguments: [String], behind: [String] = [], in folder: Scratch, _ says: String) throws {
    let before = try report(["run"] + arguments + ["--format", "json"] + behind, in: folder, shell: #"exec "$@""#)
    let failed = try #require(before.tests.first { $0.status != "passed" })
    let line = try #require(failed.replay)
    #expect(failed.failures.first?.message.contains(says) == true, "\(failed.failures)")
    // In front of the options of scripts, which end the line.
    let again = line.replacing(" --filter", with: " --format json --filter", maxReplacements: 1)
    let after = try report([], in: folder, shell: #"p=$1; sgxbench() { "$p" "$@"; }; \#(again)"#)
    #expect(after.tests.count == 1, "one test alone")
    let found = try #require(after.tests.first)
    #expect(found.path == failed.path)
    #expect(found.status == failed.status, "\(line)")
    #expect(found.failures == failed.failures, "\(line)")
  }

  @Test func limitsAndStrictness() throws {
    let folder = try Scratch()
    try folder.write("it('other', function() expect(1):equals(1) end) it('spins', function() for _ = 1, 100000 do end expect(1):equals(1) end)", to: "a.lua")
    try expectReplayed(["a.lua", "--fuel", "50000"], in: folder, "work limit of 50,000 reached")
    try folder.write("it('grows', function() local t = {} for n = 1, 100000 do t[n] = n end expect(1):equals(1) end)", to: "b.lua")
    try expectReplayed(["b.lua", "--memory", "1", "--block", "1"], in: folder, "limit of 1 MiB")
    try folder.write("it('talks', function() print(('x'):rep(100)) expect(1):equals(1) end)", to: "c.lua")
    try expectReplayed(["c.lua", "--output-limit", "10"], in: folder, "printed more than the limit")
    try folder.write("it('says nothing', function() end)", to: "d.lua")
    try expectReplayed(["d.lua", "--strict"], in: folder, "makes no check")
  }

  @Test func optionsOfScripts() throws {
    let folder = try Scratch()
    let script = """
      local sgx = require "sgx"
      it("eight pages", function() expect(sgx.options.pages):equals(8) expect(sgx.options.name):equals("n") end)
      return { options = { pages = { default = 8, help = "p" }, name = { default = "n", help = "n" } } }
      """
    try folder.write(script, to: "a b.lua")
    // It knows neither option, and its own line must not have them.
    try folder.write("it('fails', function() expect(1):equals(2) end)", to: "c.lua")
    try expectReplayed(["a b.lua"], behind: ["--", "--pages", "9", "--name", "it's"], in: folder, "expected 8, got 9")
    try expectReplayed(["c.lua", "a b.lua"], behind: ["--", "--pages", "9"], in: folder, "expected 2, got 1")
  }

  @Test func images() throws {
    let folder = try Scratch()
    try folder.write("no image", to: "an image")
    try folder.write("local sgx = require 'sgx' it('loads', function() sgx.image('app') end)", to: "a.lua")
    try expectReplayed(["a.lua", "--image", "app=an image", "--image-limit", "3"], in: folder, "an image")
  }

  @Test func aSweepOfSeveralTestsInAFileWithABlank() throws {
    let folder = try Scratch()
    let script = Script.test("ensure(add(0).errno):is_nil() expect(1):equals(1)")
    try folder.write(script + "\nit(\"it's another\", function() expect(1):equals(1) end)", to: "a b.lua")
    let swept = try Sgxbench.run(["sweep", "a b.lua", "--fuel", "40000000"], in: folder.path)
    let lines = swept.output.matches(of: #/first: (sgxbench .*)/#).map { String($0.1) }
    #expect(!lines.isEmpty)
    for line in lines {
      #expect(line.contains("--fuel 40000000"))
      let again = try Sgxbench.run([], in: folder.path, shell: #"p=$1; sgxbench() { "$p" "$@"; }; \#(line)"#)
      #expect(again.status == 1, "\(line)\n\(again.errors)")
      #expect(again.output.contains("0 passed, 1 failed"), "one test alone: \(again.output)")
    }
  }

  @Test func namesThatBeginWithADash() throws {
    let folder = try Scratch()
    try folder.write("it('--filter', function() expect(1):equals(2) end) it('-x', function() expect(1):equals(1) end)", to: "a.lua")
    try expectReplayed(["a.lua"], in: folder, "expected 2, got 1")
    let made = try Sgxbench.run(["new", "--", "-a.lua"], in: folder.path)
    #expect(made.output == "wrote -a.lua; run it with: sgxbench run ./-a.lua\n")
  }
}
