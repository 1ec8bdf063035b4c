import Testing

/// What a run ends with where the scenario itself is right.
@Suite("Verdicts") struct VerdictTests {
  @Test func aPassIsZero() throws {
    let ended = try Sgxbench.run(script: Script.test("expect(1):equals(1)"))
    #expect(ended.status == 0)
    #expect(ended.output.contains("  ok    a test\n"))
    #expect(ended.errors.isEmpty)
  }

  @Test func aFailedCheckSaysWhereWhatAndWhatWasBefore() throws {
    let ended = try Sgxbench.run(script: Script.test("expect(add(0).count):equals(8192)\n  expect(\"3\"):equals(3)"))
    #expect(ended.status == 1)
    #expect(ended.output.contains("  FAIL  a test\n"))
    #expect(ended.output.contains("    a.lua:10: expected 8192 (0x2000), got 4096 (0x1000)\n"))
    #expect(ended.output.contains("    a.lua:11: expected 3, got \"3\"\n"), "expect goes on, and tells types apart")
    #expect(ended.output.contains("    last events:\n"))
    #expect(ended.output.contains("      add_pages of process 0 answers 0\n"))
    #expect(ended.output.hasSuffix("\n") && ended.output.contains("1 file: 0 passed, 1 failed; 3 checks"))
  }

  @Test func ensureEndsTheTest() throws {
    let ended = try Sgxbench.run(script: Script.test("ensure(1):equals(2)\n  print('not reached')"))
    #expect(ended.status == 1)
    #expect(!ended.output.contains("not reached"))
  }

  @Test func ensureInAHookKeepsTheTestFromRunning() throws {
    let script = """
      before_each(function() ensure(1):equals(2) end)
      after_each(function() print("after") end)
      it("a test", function() print("not reached") end)
      """
    let ended = try Sgxbench.run(script: script)
    #expect(ended.status == 1)
    #expect(ended.output.contains("a.lua:1: expected 2, got 1"))
    #expect(ended.output.contains("| after"))
    #expect(!ended.output.contains("not reached"))
  }

  @Test func aTestWithoutAFailureAfterAFailedOneRuns() throws {
    let ended = try Sgxbench.run(
      script: #"it("one", function() expect(1):equals(2) end) it("two", function() expect(1):equals(1) end)"#)
    #expect(ended.status == 1)
    #expect(ended.output.contains("1 passed, 1 failed"))
  }

  @Test func noCheckIsShown() throws {
    let ended = try Sgxbench.run(script: #"it("a test", function() end)"#)
    #expect(ended.status == 0)
    #expect(ended.output.contains("ok    a test (no check was made)"))
    #expect(ended.output.contains("0 checks"))
  }

  @Test func pendingIsShownAndNoFailure() throws {
    let ended = try Sgxbench.run(script: #"pending("later") it("now", function() expect(1):equals(1) end)"#)
    #expect(ended.status == 0)
    #expect(ended.output.contains("  pend  later\n"))
    #expect(ended.output.contains("1 passed, 0 failed, 1 pending"))
  }

  // Laws of the driver.

  @Test func aFindingNobodyExpectedFailsByTheLawsName() throws {
    let ended = try Sgxbench.run(script: Script.test(Script.leak))
    #expect(ended.status == 1)
    #expect(ended.output.contains("driver 6.1.192 broke the law 'child-count': "))
    #expect(ended.output.contains("driver 6.1.192 broke the law 'release-complete': "))
    #expect(ended.output.contains("page 1 leaked"))
  }

  @Test func aFindingThatIsExpectedPasses() throws {
    let options = #"{ expect_finding = { "child-count", "release-complete", "quiet" } }"#
    #expect(try Sgxbench.run(script: Script.test(Script.leak, options: options)).status == 0)
  }

  @Test func oneExpectedFindingDoesNotExcuseAnother() throws {
    let ended = try Sgxbench.run(script: Script.test(Script.leak, options: #"{ expect_finding = "child-count" }"#))
    #expect(ended.status == 1)
    #expect(!ended.output.contains("'child-count'"))
    #expect(ended.output.contains("'release-complete'"))
  }

  @Test func anExpectedFindingThatDoesNotComeFails() throws {
    let ended = try Sgxbench.run(script: Script.test("expect(add(0).errno):is_nil()", options: #"{ expect_finding = "child-count" }"#))
    #expect(ended.status == 1)
    #expect(ended.output.contains("a.lua:2: expected finding 'child-count', and no machine of the test has it"))
  }

  @Test func theReviewedDriverBreaksNoLaw() throws {
    #expect(try Sgxbench.run(script: Script.test(Script.leak), ["--driver", "reviewed"]).status == 0)
  }

  @Test func aRunThatNeverEndsSaysSo() throws {
    let script = """
      local sgx = require "sgx"
      it("a test", function()
        local machine = sgx.machine { epc = "12 KiB", ksgxd = "manual" }
        local process = machine:process()
        local enclave = process:open()
        enclave:create { size = 0x8000 }
        local source = process:map { pages = 4 }
        machine:inject { fault = "nomem", persistent = true, at = { site = "allocation:backing" } }
        expect(enclave:add_pages { source = source, offset = 0, pages = 4, secinfo = { permissions = "r" } }.outcome):equals("stopped")
      end)
      """
    let ended = try Sgxbench.run(script: script)
    #expect(ended.status == 1)
    #expect(ended.output.contains("finding 'endless-loop' on driver 6.1.192: direct reclaim freed nothing"))
  }

  // Versions.

  private static let failsOn = #"{ fails_on = { "6.1.192", reason = "the count is not lowered" } }"#

  @Test func aTestThatFailsWhereItSaysPasses() throws {
    let ended = try Sgxbench.run(script: Script.test("expect(1):equals(2)", options: Self.failsOn))
    #expect(ended.status == 0)
    #expect(ended.output.contains("ok    a test (fails on 6.1.192: the count is not lowered)"))
    #expect(ended.output.contains("1 passed (1 by failing as they say)"))
  }

  @Test func aTestThatPassesWhereItSaysItFailsIsAFailure() throws {
    let ended = try Sgxbench.run(script: Script.test("expect(1):equals(1)", options: Self.failsOn))
    #expect(ended.status == 1)
    #expect(ended.output.contains("a.lua:2: passed on 6.1.192, where it says it fails: the count is not lowered"))
  }

  @Test func onAnotherVersionItIsAnOrdinaryTest() throws {
    let failing = Script.test("expect(1):equals(2)", options: Self.failsOn)
    #expect(try Sgxbench.run(script: failing, ["--driver", "reviewed"]).status == 1)
    let passing = Script.test("expect(1):equals(1)", options: Self.failsOn)
    #expect(try Sgxbench.run(script: passing, ["--driver", "reviewed"]).status == 0)
  }

  // Limits.

  @Test func workWithoutEndFailsAndTheNextTestRuns() throws {
    let ended = try Sgxbench.run(
      script: "it('one', function()\n  while true do end\nend)\nit('two', function() expect(1):equals(1) end)")
    #expect(ended.status == 1)
    #expect(ended.output.contains("a.lua:2: work limit of 50,000,000 reached"))
    #expect(ended.output.contains("  ok    two\n"))
  }

  @Test func workWithoutEndOutsideATestIsALimitToo() throws {
    let ended = try Sgxbench.run(script: "while true do end")
    #expect(ended.status == 1)
    #expect(ended.output.contains("a.lua:1: work limit of 50,000,000 reached"))
  }

  @Test func memoryWithoutEndFails() throws {
    let ended = try Sgxbench.run(
      script: "it('one', function()\n  local kept = {}\n  for i = 1, 100 do kept[i] = string.rep('x', 1000000) .. i end\nend)")
    #expect(ended.status == 1)
    #expect(ended.output.contains("a.lua:3: script memory limit of 64 MiB reached"))
  }

  /// Work of the model counts too, or a short script could keep the bench busy for hours.
  @Test(arguments: [
    "for i = 1, 1000000 do machine:inject { fault = 'power', at = { site = 'any', visit = i * 1000 } } end",
    "for i = 1, 1000000 do process:open() end",
    "while true do add(0) end",
    "while true do sgx.machine() end",
    "while true do process:map { pages = 1 } end",
    "while true do machine:visits('leaf') end",
    "while true do local _ = enclave.measurement end",
  ])
  func workOfTheModelIsLimited(_ body: String) throws {
    let ended = try Sgxbench.run(script: Script.test(body), ["--fuel", "2000000"])
    #expect(ended.status == 1)
    #expect(!ended.wasSignalled)
    #expect(ended.output.contains(": work limit of 2,000,000 reached (--fuel)"), "\(ended.output)")
  }

  @Test func limitsAreFlags() throws {
    let script = "it('one', function() for _ = 1, 10000 do end print(string.rep('x', 1000)) expect(1):equals(1) end)"
    #expect(try Sgxbench.run(script: script).status == 0)
    #expect(try Sgxbench.run(script: script, ["--fuel", "5000"]).output.contains("work limit of 5,000 reached (--fuel)"))
    #expect(try Sgxbench.run(script: script, ["--source-limit", "10"]).errors.contains("is over the limit of 10"))
    let cut = try Sgxbench.run(script: script, ["--output-limit", "100"])
    #expect(cut.status == 1)
    #expect(cut.output.contains("--output-limit"))
    #expect(try Sgxbench.run(script: script, ["--memory", "0"]).status == 64)
  }
}
