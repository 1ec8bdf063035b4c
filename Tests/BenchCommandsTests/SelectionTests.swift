import Foundation
import Testing

/// Which tests of a run are taken: by name, by tag, by part; and the options that scripts declare.
@Suite("Selection of tests") struct SelectionTests {
  private static let script = """
    describe("one", function()
      it("alpha", { tags = { "slow", "sgx2" } }, function() expect(1):equals(1) end)
      it("beta", { tags = "slow" }, function() expect(1):equals(1) end)
    end)
    it("gamma", function() expect(1):equals(1) end)
    return { tags = { "all" } }
    """

  private func names(_ arguments: [String]) throws -> [String] {
    let ended = try Sgxbench.run(script: Self.script, arguments)
    return ["alpha", "beta", "gamma"].filter { ended.output.contains("ok    \($0)") }
  }

  @Test func byName() throws {
    #expect(try names([]) == ["alpha", "beta", "gamma"])
    #expect(try names(["--filter", "one, "]) == ["alpha", "beta"])
    #expect(try names(["--filter", "n*ta"]) == ["beta"])
    #expect(try names(["--filter", "beta", "--filter", "gam"]) == ["beta", "gamma"])
    #expect(try names(["--filter", "ta*n"]) == [], "the parts stand in this order")
  }

  @Test func byTag() throws {
    #expect(try names(["--tags", "slow"]) == ["alpha", "beta"])
    #expect(try names(["--tags", "slow,!sgx2"]) == ["beta"])
    #expect(try names(["--tags", "!slow"]) == ["gamma"])
    #expect(try names(["--tags", "all"]) == ["alpha", "beta", "gamma"])
    #expect(try names(["--tags", "slow", "--tags", "sgx2"]) == ["alpha"], "all conditions hold")
    #expect(try Sgxbench.run(script: Self.script, ["--tags", "Slow"]).status == 64)
  }

  @Test func nothingSelectedIsNotAPass() throws {
    let ended = try Sgxbench.run(script: Self.script, ["--filter", "delta"])
    #expect(ended.status == 2)
    #expect(ended.errors == "sgxbench: no test is selected by --filter and --tags\n")
  }

  @Test func aListRunsNothing() throws {
    let script = Self.script + "\n"
    let ended = try Sgxbench.run(script: script.replacing("expect(1):equals(1)", with: "error('runs')"), ["--list", "--tags", "slow"])
    #expect(ended.status == 0)
    #expect(ended.output == "a.lua:2: one, alpha [slow, sgx2, all]\na.lua:3: one, beta [slow, all]\n2 tests\n")
  }

  @Test func aListSaysWhatTheRunWould() throws {
    let none = try Sgxbench.run(script: Self.script, ["--list", "--filter", "delta"])
    #expect(none.status == 2)
    #expect(none.errors == "sgxbench: no test is selected by --filter and --tags\n")
    let empty = try (1...64).map { try Sgxbench.run(script: Self.script, ["--list", "--shard", "\($0)/64"]) }.first { $0.output == "0 tests\n" }
    #expect(empty?.status == 0, "a part that gets no test is no failure")
    #expect(empty?.errors.contains("no test falls into part") == true)
    for other in [["--format", "json"], ["--watch"]] {
      #expect(try Sgxbench.run(script: Self.script, ["--list"] + other).status == 64)
    }
  }

  /// Each test is in exactly one part, and in the same one whatever other tests there are.
  @Test func partsAreAPartition() throws {
    func parts(_ tests: Range<Int>) throws -> [Int: Int] {
      let script = tests.map { "it('test \($0)', function() expect(1):equals(1) end)" }.joined(separator: "\n")
      var found: [Int: Int] = [:]
      for part in 1...3 {
        let ended = try Sgxbench.run(script: script, ["--shard", "\(part)/3"])
        #expect(ended.status == 0)
        for test in tests where ended.output.contains("ok    test \(test)\n") {
          #expect(found[test] == nil)
          found[test] = part
        }
      }
      return found
    }
    let some = try parts(0..<40), more = try parts(20..<60)
    #expect(some.count == 40)
    #expect(more.count == 40)
    for test in 20..<40 { #expect(some[test] == more[test]) }
    for part in 1...3 { #expect(some.values.count { $0 == part } > 4, "parts are of like size") }
  }

  @Test(arguments: [
    (["SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "4"], "2/2"),
    (["JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "2"], "1/2"),
    (["CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "2"], "2/2"),
    (["CIRCLE_NODE_INDEX": "0", "CIRCLE_NODE_TOTAL": "2"], "1/2"),
    (["SGXBENCH_SHARD": "1", "SGXBENCH_SHARDS": "2"], "1/2"),
  ])
  func aPartIsReadFromTheEnvironment(_ environment: [String: String], _ shard: String) throws {
    let scenario = "Scripts/tutorial"
    let detected = try Sgxbench.run(["run", scenario, "--shard", "auto"], environment: environment)
    #expect(detected.status == 0)
    #expect(try detected.bytes == Sgxbench.run(["run", scenario, "--shard", shard]).bytes)
  }

  @Test func anEnvironmentThatSaysNothingIsAnError() throws {
    let nothing = try Sgxbench.run(["run", "Scripts/tutorial", "--shard", "auto"])
    #expect(nothing.status == 64)
    #expect(nothing.errors.contains("nothing in the environment says which part this is"))
    let half = try Sgxbench.run(["run", "Scripts/tutorial", "--shard", "auto"], environment: ["JOB_COMPLETION_INDEX": "0"])
    #expect(half.status == 64)
    #expect(half.errors.contains("JOB_COMPLETION_INDEX is set, and JOB_COMPLETIONS, the number of parts, is not"))
    for wrong in ["0/2", "3/2", "1", "a/b", "1/2/3", "-1/2", "1/99999999999999999999"] {
      #expect(try Sgxbench.run(["run", "Scripts/tutorial", "--shard", wrong]).status == 64, "\(wrong)")
    }
  }

  // Options of scripts.

  private static let options = """
    local sgx = require "sgx"
    it("prints", function()
      print(sgx.options.pages, sgx.options.fast, sgx.options.name)
      expect(1):equals(1)
    end)
    return { about = "Prints.", options = {
      pages = { default = 8, help = "How many." }, fast = { default = false }, name = { default = "joe" } } }
    """

  @Test func optionsHaveDefaultsAndAreSetBehindTwoDashes() throws {
    func printed(_ words: [String]) throws -> String { try Sgxbench.run(script: Self.options, words).output }
    #expect(try printed([]).contains("| 8\tfalse\tjoe\n"))
    #expect(try printed(["--", "--pages", "16", "--fast", "--name=a b"]).contains("| 16\ttrue\ta b\n"))
    #expect(try printed(["--", "--fast", "--no-fast", "--pages=0x10"]).contains("| 16\tfalse\tjoe\n"))
  }

  @Test(arguments: [
    (["--", "--pags", "9"], "no script has an option --pags; there are --fast, --name, --pages"),
    (["--", "--pages", "many"], "--pages: 'many' is not a whole number"),
    (["--", "--pages"], "--pages: its value is missing"),
    (["--", "--fast=yes"], "--fast: 'yes' is not true or false"),
    (["--", "pages"], "'pages' behind -- is not an option of a script; write --NAME VALUE"),
  ])
  func whatIsWrongWithThem(_ words: [String], _ says: String) throws {
    let ended = try Sgxbench.run(script: Self.options, words)
    #expect(ended.status == 64)
    #expect(ended.errors == "sgxbench: \(says)\n")
  }

  @Test func theHelpOfAScriptShowsThem() throws {
    let folder = try Scratch()
    try folder.write(Self.options, to: "a.lua")
    let ended = try Sgxbench.run(["run", "--help", "a.lua"], in: folder.path)
    #expect(ended.status == 0)
    #expect(
      ended.output == """
        a.lua: Prints.
        usage: sgxbench run a.lua -- [options]
          --fast, --no-fast       (default: false)
          --name TEXT             (default: joe)
          --pages N               How many. (default: 8)

        """)
  }

  @Test(arguments: [
    (#"return { options = { pages = { default = 1.5 } } }"#, "option 'pages': field 'default' is a whole number, a string, true or false, got float"),
    (#"return { options = { pages = { standard = 1 } } }"#, "option 'pages': unknown field 'standard'"),
    (#"return { options = { Pages = { default = 1 } } }"#, "an option's name is made of a to z, 0 to 9, '_' and '-', got Pages"),
    (#"return { tags = { "Slow one" } }"#, "field 'tags' holds words of a to z, 0 to 9, '_' and '-', got Slow one"),
  ])
  func declarationsThatAreWrong(_ returned: String, _ says: String) throws {
    let ended = try Sgxbench.run(script: "it('x', function() expect(1):equals(1) end)\n" + returned)
    #expect(ended.status == 2)
    #expect(ended.errors.contains(says), "\(ended.errors)")
  }

  @Test func valuesAreReadInsideTestsOnly() throws {
    let early = try Sgxbench.run(script: "local sgx = require 'sgx'\nlocal pages = sgx.options.pages\n" + Self.options)
    #expect(early.status == 2)
    #expect(early.errors.contains("a.lua:2: sgx.options: values are known inside tests"))
    let wrong = try Sgxbench.run(script: Self.options.replacing("sgx.options.pages,", with: "sgx.options.pags,"))
    #expect(wrong.output.contains("sgx.options: no option 'pags'; did you mean 'pages'?"), "\(wrong.output)")
  }

  // Course of the run.

  @Test func theFirstFailureCanEndTheRun() throws {
    let folder = try Scratch()
    let failing = "it('a', function() expect(1):equals(2) end) it('b', function() expect(1):equals(1) end)"
    for name in ["1.lua", "2.lua", "3.lua"] { try folder.write(name == "2.lua" ? failing : "it('ok', function() expect(1):equals(1) end)", to: name) }
    let one = try Sgxbench.run(["run", ".", "--fail-fast"], in: folder.path)
    #expect(one.status == 1)
    #expect(one.output.contains("2 files: 1 passed, 1 failed; 2 checks"))
    #expect(one.output.hasSuffix("INCOMPLETE: the first failure ended the run (--fail-fast)\n"))
    #expect(try Sgxbench.run(["run", ".", "--fail-fast", "--jobs", "3"], in: folder.path).bytes == one.bytes)
  }

  /// A failure in the last of all tests leaves nothing undone.
  @Test func aFailureAtTheEndEndsNothing() throws {
    let folder = try Scratch()
    try folder.write("it('a', function() expect(1):equals(1) end) it('b', function() expect(1):equals(2) end)", to: "1.lua")
    for arguments in [["1.lua"], ["1.lua", "--jobs", "2"], ["1.lua", "--driver", "5.11,6.1", "--filter", "b"], ["1.lua", "--repeat", "2"]] {
      let ended = try Sgxbench.run(["run", "--fail-fast"] + arguments, in: folder.path)
      #expect(ended.status == 1)
      #expect(ended.output.contains("INCOMPLETE") == (arguments.count > 3 || arguments.contains("--repeat")), "\(arguments): \(ended.output)")
    }
    try folder.write("it(", to: "2.lua")
    let wrong = try Sgxbench.run(["run", "2.lua", "--fail-fast"], in: folder.path)
    #expect(wrong.status == 2)
    #expect(!wrong.output.contains("INCOMPLETE"))
  }

  @Test func aTestWithoutACheckFailsWhereItMust() throws {
    let ended = try Sgxbench.run(script: "it('x', function() end)", ["--strict"])
    #expect(ended.status == 1)
    #expect(ended.output.contains("a.lua:1: makes no check (--strict)"))
    #expect(try Sgxbench.run(script: "it('x', function() end)").status == 0)
  }

  @Test func repetitionsHaveSeedsOfTheirOwn() throws {
    let script = "local sgx = require 'sgx'\nit('x', function() print(sgx.random(1000000)) expect(1):equals(1) end)"
    func draw(_ arguments: [String]) throws -> [String] {
      try Sgxbench.run(script: script, arguments).output.split(separator: "\n").filter { $0.contains("| ") }.map(String.init)
    }
    let three = try draw(["--repeat", "3"])
    #expect(Set(three).count == 3)
    #expect(try three == [1, 2, 3].flatMap { try draw(["--seed", "\($0)"]) })
  }

  @Test func skippedAndIncompleteRunsHaveTheirStatuses() throws {
    #expect(try Sgxbench.run(script: "pending('x')").status == 4)
    let half = "pending('x') it('y', function() expect(1):equals(1) end)"
    #expect(try Sgxbench.run(script: half).status == 0)
    #expect(try Sgxbench.run(script: half, ["--require-complete"]).status == 5)
  }
}
