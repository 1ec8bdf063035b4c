import Testing

/// `--driver` with several versions.
@Suite("Several drivers") struct DriverMatrixTests {
  /// One test of each kind that the matrix tells apart.
  private static let script = """
    local sgx = require "sgx"
    local function size_refused()
      local machine = sgx.machine { epc = "256 KiB" }
      expect(machine:process():open():create { size = 0x3000 }.errno):equals("EINVAL")
    end
    describe("CREATE", function()
      it("passes", function() expect(1):equals(1) end)
      it("checks", size_refused)
      it("checks and says so", { fails_on = { from = "5.11", to = "6.1", reason = "it is ECREATE that says no" } }, size_refused)
      it("is for v39", { only_on = { "v39", reason = "nobody else has it" } }, size_refused)
      it("names its own", function()
        expect(sgx.machine { epc = "256 KiB", driver = "reviewed" }.driver):equals("reviewed")
      end)
      pending("later")
    end)
    """

  @Test func theMatrixIsAsItShouldBe() throws {
    let ended = try Sgxbench.run(script: Self.script, ["--driver", "v39,5.11,6.5,6.14"])
    #expect(ended.status == 1)
    #expect(ended.errors.isEmpty)
    let expected = """
      sgxbench 0.1.0, seed 1, 4 drivers:
        v39
        | 5.11
        | | 6.5
        | | | 6.14
      a.lua
        + + + +  CREATE, passes
        + F F +  CREATE, checks
        + x F +  CREATE, checks and says so
        + - - -  CREATE, is for v39
        + = = =  CREATE, names its own
        p p p p  CREATE, later
        CREATE, checks
          FAIL  on 5.11, 6.5
            a.lua:4: expected "EINVAL", got "EIO"

      """
    // Between them stand the last events.
    #expect(ended.output.hasPrefix(expected))
    let end = """
        CREATE, checks and says so
          fails on 5.11 as it says: it is ECREATE that says no
          FAIL  on 6.5
            a.lua:4: expected "EINVAL", got "EIO"

      """
    #expect(ended.output.contains(end))
    #expect(ended.output.contains("  CREATE, is for v39\n    not for 5.11, 6.5, 6.14: nobody else has it\n"))
    #expect(ended.output.contains("\n1 file on 4 drivers: + 10 passed, x 1 failed as it says, F 3 FAILED, p 1 pending, - 3 not for this driver; = names its own driver, counted once; "))
  }

  @Test func allAreAllOfThem() throws {
    let ended = try Sgxbench.run(script: #"it("a", function() expect(1):equals(1) end)"#, ["--driver", "all"])
    #expect(ended.status == 0)
    #expect(ended.output.contains("\n  v39\n  | 5.11\n"))
    #expect(ended.output.contains(" reviewed\na.lua\n"))
    #expect(ended.output.contains(": + 16 passed; 16 checks"))
    #expect(ended.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func aPassWhereAFailureIsSaidIsAFailure() throws {
    let script = #"""
      local sgx = require "sgx"
      it("a", { fails_on = { from = "v39", to = "6.1", reason = "r" } }, function() sgx.machine { epc = "4 KiB" } end)
      """#
    let ended = try Sgxbench.run(script: script, ["--driver", "6.0,6.2"])
    #expect(ended.status == 1)
    #expect(ended.output.contains("  F +  a\n"))
    #expect(ended.output.contains("passed on 6.0, where it says it fails: r"))
  }

  @Test func severalReasonsHaveSeveralRanges() throws {
    let script = #"""
      local sgx = require "sgx"
      local fails_on = { { from = "v39", to = "5.13", reason = "one" }, { "6.1", "reviewed", reason = "two" }, { from = "6.19", reason = "three" } }
      it("a", { fails_on = fails_on }, function() sgx.machine { epc = "4 KiB" } expect(1):equals(2) end)
      """#
    let ended = try Sgxbench.run(script: script, ["--driver", "all"])
    #expect(ended.output.contains("  x x x F F x F F F F F F F x x x  a\n"))
    #expect(ended.output.contains("fails on v39, 5.11, 5.13 as it says: one\n"))
    #expect(ended.output.contains("fails on 6.1, reviewed as it says: two\n"))
    #expect(ended.output.contains("fails on 6.19, 7.2.13 as it says: three\n"), "to the newest Linux")
  }

  @Test func aTestForAnotherDriverIsSkippedOnOne() throws {
    let script = #"it("a", { only_on = { from = "6.2", to = "6.14", reason = "r" } }, function() expect(1):equals(2) end)"#
    let ended = try Sgxbench.run(script: script)
    #expect(ended.status == 4)
    #expect(ended.output.contains("  skip  a (not for 6.1.192: r)\n"))
    #expect(ended.output.contains("0 passed, 0 failed, 1 not for this driver"))
    #expect(try Sgxbench.run(script: script, ["--driver", "6.12.107"]).status == 1, "there it runs")
  }

  @Test(arguments: [
    (#"{ fails_on = { reason = "r" } }"#, "field 'fails_on' names no version"),
    (#"{ fails_on = { "5.11" } }"#, "field 'fails_on': 'reason' must be a string"),
    (#"{ only_on = { "none", reason = "r" } }"#, "no driver is called 'none'"),
    (#"{ only_on = { from = "6.2", to = "6.0", reason = "r" } }"#, "no driver lies between '6.2' and '6.0'"),
    (#"{ fails_on = { from = "reviewed", reason = "r" } }"#, "no driver lies between 'reviewed' and ''"),
  ]) func wrongRangesAreErrorsOfTheScript(_ options: String, _ message: String) throws {
    let ended = try Sgxbench.run(script: #"it("a", \#(options), function() end)"#)
    #expect(ended.status == 2)
    #expect(ended.output.contains(message), "\(ended.output)")
  }

  @Test(arguments: [["--driver", "v39,nonsense"], ["--driver", "v39,v39"], ["--driver", "all", "--trace"], ["--driver", "v39,"]])
  func wrongChoicesAreUsageErrors(_ arguments: [String]) throws {
    let ended = try Sgxbench.run(script: #"it("a", function() end)"#, arguments)
    #expect(ended.status == 64)
    #expect(ended.output.isEmpty)
  }

  @Test func aSweepIsOfOneDriver() throws {
    let ended = try Sgxbench.run(["sweep", "Scripts/tutorial/first_load.lua", "--fault", "power", "--driver", "all"])
    #expect(ended.status == 64)
    #expect(ended.errors.contains("a sweep is of one driver"))
  }

  @Test func twoRunsSayTheSame() throws {
    let arguments = ["run", "Scripts/refuse/create.lua", "Scripts/power/states.lua", "--driver", "all"]
    #expect(try Sgxbench.run(arguments).bytes == Sgxbench.run(arguments).bytes)
  }
}
