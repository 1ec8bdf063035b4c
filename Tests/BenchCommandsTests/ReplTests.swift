import Foundation
import LuaHost
import SGXDriver
import ScenarioLanguage
import Testing

@testable import BenchCommands

/// `sgxbench repl`, with lines from a pipe.
@Suite("repl") struct ReplTests {
  /// Gives it these lines and returns what it answered.
  private func answers(to lines: String, _ arguments: [String] = [], status: Int32 = 0) throws -> [String] {
    let scratch = try Scratch()
    try scratch.write(lines, to: "lines")
    let ended = try Sgxbench.run(["repl"] + arguments, in: scratch.path, shell: #"exec "$@" <lines"#)
    #expect(ended.errors == "")
    #expect(ended.status == status)
    return ended.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  private func expect(
    _ lines: String, answers expected: [String], status: Int32 = 0, location: SourceLocation = #_sourceLocation
  ) throws {
    let found = try answers(to: lines, status: status)
    #expect(found == expected, sourceLocation: location)
  }

  @Test func showsValues() throws {
    try expect(
        """
          1 + 1
          "text", 300, nil, true
          machine
          #"four"
          {}
          { 1, "two", x = { y = 0.5 }, [10] = false }
          ("x"):rep(300)
          print("printed\\27[2J")
          x = 1
          -- nothing

          math.abs
          """,
      answers: [
        "2", "\"text\"\t300 (0x12c)\tnil\ttrue", "machine#1", "4", "{}", #"{ 1, "two", [10] = false, x = { y = 0.5 } }"#,
          "\"\(String(repeating: "x", count: 200))\"... (300 bytes)", #"printed\x1b[2J"#, "function#1",
        ])
  }

  @Test func showsWhatCallsReturn() throws {
    try expect(
      """
      enclave:create { size = 0x8000 }
      enclave:add_pages { source = process:map { pages = 1 }, offset = 0, pages = 1, secinfo = { permissions = "r" } }
      enclave.state
      """,
      answers: [
        #"{ outcome = "success", restarts = 0, steps = 4, value = 0 }"#,
        ##"{ count = 4096 (0x1000), outcome = "success", restarts = 0, steps = 7, value = 0 }"##, #""created""#,
      ])
  }

  @Test func goesOnBehindAnError() throws {
    try expect(
      """
        nothing
        machine:procss()
        function broken(x)
          return x + 1
        end

        broken {}
        'open
        error { code = "E1", message = "object" }
        7
        """,
      answers: [
        "error: input:1: unknown name 'nothing'",
        "error: input:2: machine has no function or property 'procss'; did you mean 'process'?",
        "error: input:4: attempt to perform arithmetic on a table value (local 'x')", "  input:4: in global 'broken'",
        "  input:7: in main chunk", "error: input:8: unfinished string near ''open'", "error: input:9: E1: object", "7",
      ], status: 2)
  }

  @Test func waitsForTheEndOfAnInput() throws {
    try expect("1 +\n\n2\nfor i = 1, 2 do\n  print(i)\nend\ns = [[a\nb]]\ns\n", answers: ["3", "1", "2", "\"a", "b\""])
    try expect("5\nfor i = 1, 2 do", answers: ["5", "error: input:2: 'end' expected (to close 'for' at line 2) near <eof>"], status: 2)
  }

  @Test func keepsGlobalsAndTakesLocalForASlip() throws {
    try expect(
      "local a = 1\nlocal function f() return a end\nf()\nlocal b <const> = 2\nb\nprint = 1\n",
      answers: [
        "1", "note: a local variable ends with its input; leave the word 'local' out to keep it", "error: input:5: unknown name 'b'; did you mean 'a'?",
        "error: input:6: 'print' belongs to the bench and cannot be replaced",
      ], status: 2)
    // The machine at hand is the session's own variable.
    try expect("machine = sgx.machine { driver = 'v39' }\nmachine.driver\n", answers: ["\"v39\""])
  }

  @Test func checksSayHowTheyEnd() throws {
    try expect(
      "expect(1):equals(1)\nexpect(1):equals(1) expect(2):equals(2)\nexpect(1):equals(2)\nensure(nil):is_true()\n",
      answers: ["ok", "ok, 2 checks", "FAIL input:3: expected 2, got 1", "FAIL input:4: expected true, got nil"], status: 1)
  }

  @Test func brokenLawsAndWarningsAreSaidAtOnceAndOnce() throws {
    let answers = try answers(
      to: """
        enclave:create { size = 0x8000 }
        machine:inject { fault = "power", at = { site = "leaf:EEXTEND" } }
        enclave:add_pages { source = process:map { pages = 1 }, offset = 0, pages = 1, secinfo = { permissions = "r" } }
        1
        enclave:close()
        2
        """, status: 1)
    #expect(answers[2].contains("errno = \"EIO\""))
    #expect(answers[3].hasPrefix("law broken: 'child-count': "))
    #expect(answers[4] == "1")
    #expect(answers[6].hasPrefix("kernel: "))
    #expect(answers.last == "2")
  }

  @Test func eachInputHasItsOwnFuelAndOutput() throws {
    let loop = "for i = 1, 100000 do end"
    let answers = try answers(
      to: "\(loop)\n\(loop)\nwhile true do end\n\(loop)\nprint(1)\nprint(('x'):rep(50))\nprint(2)\n",
      ["--fuel", "200000", "--output-limit", "20"], status: 1)
    #expect(answers.first == "error: input:3: work limit of 200,000 reached (--fuel)")
    #expect(answers.last == "2")
  }

  @Test func theOptionsCount() throws {
    #expect(try answers(to: "machine.driver\nsgx.random(1000000)\n", ["--driver", "5.13"]).first == "\"5.13\"")
    let usage = try Sgxbench.run(["repl", "--driver", "v39,5.11"])
    #expect(usage.status == 64)
    #expect(usage.errors.contains("a session has one driver"))
  }

  @Test func aFileRunsFirst() throws {
    let scratch = try Scratch()
    try scratch.write("helper = require 'part'\ndescribe('a', function() it('b', function() end) end)\n", to: "a.lua")
    try scratch.write("return { twice = function(x) return 2 * x end }", to: "part.lua")
    let ended = try Sgxbench.run(["repl", "a.lua"], in: scratch.path, shell: #"echo 'helper.twice(4)' | "$@""#)
    #expect(ended.output == "1 test declared and not run; sgxbench run does that\n8\n")
    #expect(ended.status == 0)
    let missing = try Sgxbench.run(["repl", "nowhere.lua"])
    #expect(missing.status == 2)
    #expect(missing.errors == "sgxbench: cannot open nowhere.lua: No such file or directory\n")
  }

  @Test func theLastLineNeedsNoEnd() throws {
    try expect("#!/usr/bin/env -S sgxbench repl\n1\n2", answers: ["1", "2"])
    try expect("", answers: [])
  }

  @Test func outputThatDoesNotArriveEndsIt() throws {
    let full = try Sgxbench.run(["repl"], shell: #"yes 1 | "$@" >/dev/full"#)
    #expect(full.status == 74)
    #expect(full.errors == "sgxbench: cannot write standard output: No space left on device\n")
  }
}

/// `Docs/Repl.md` shows what happens.
@Suite("Docs/Repl.md") struct ReplPageTests {
  private static let blocks = ((try? Repository.text(of: "Docs/Repl.md")) ?? "").components(separatedBy: "\n```\n")
    .filter { $0.hasPrefix("$ ") || $0.contains("```\n$ ") }.map { $0.components(separatedBy: "```\n").last! }

  @Test func theSessionOnATerminal() throws {
    let lines = try #require(Self.blocks.first { $0.contains("\n> ") }).split(separator: "\n").map(String.init)
    let scratch = try Scratch()
    try scratch.write(lines.filter { $0.hasPrefix("> ") }.map { $0.dropFirst(2) + "\n" }.joined(), to: "lines")
    let words = lines[0].split(separator: " ").dropFirst(2).map(String.init)
    let ended = try Sgxbench.run(words, in: scratch.path, shell: #"exec "$@" <lines"#)
    // Two lines of greeting come on a terminal only.
    let answers = lines.dropFirst(3).filter { !$0.hasPrefix("> ") }
    #expect(answers.count > 3)
    #expect(ended.output.split(separator: "\n").map(String.init) == answers)
  }

  @Test func theLinesFromAPipe() throws {
    let block = try #require(Self.blocks.first { $0.contains("| sgxbench repl") })
    let command = try #require(block.split(separator: "\n").first).dropFirst(2).replacingOccurrences(of: "sgxbench repl", with: #""$@" repl"#)
    let ended = try Sgxbench.run([], shell: command)
    #expect(ended.output == block.split(separator: "\n").dropFirst().map { $0 + "\n" }.joined())
  }
}
