import SGXArchitecture
import SGXDriver
import Testbench
import Testing

@testable import ScenarioLanguage

/// `-- covers:` is a claim, and the run decides.
@Suite("Coverage claims") struct CoverageClaimTests {
  private func run(_ script: String) -> FileResult {
    ScenarioRunner(options: RunOptions()).run(source: Array(script.utf8), name: "a.lua")
  }

  private func create(_ claims: String, _ body: String) -> FileResult {
    run(
      """
      local sgx = require "sgx"
      describe("CREATE", function()
        \(claims)
        it("a test", function()
          local machine = sgx.machine { epc = "256 KiB" }
          local enclave = machine:process():open()
          \(body)
        end)
      end)
      """)
  }

  @Test func aClaimThatIsMetIsCounted() throws {
    let file = create("-- covers: C1, R8", #"expect(enclave:create { size = 0x8000, argument = "unreadable" }.errno):equals("EFAULT")"#)
    let test = try #require(file.tests.first)
    #expect(test.status == .passed)
    #expect(test.claims == ["C1", "R8"])
    #expect(test.covered == ["C1", "R8"])
  }

  @Test func aClaimThatIsNotMetFailsTheTestAndSaysWhatIsMissing() throws {
    let file = create("-- covers: C1", #"expect(enclave:create { size = 0x8000, secs = "unreadable" }.errno):equals("EFAULT")"#)
    let test = try #require(file.tests.first)
    #expect(test.status == .failed)
    #expect(test.covered.isEmpty)
    let message = try #require(test.failures.first?.message)
    #expect(message.hasPrefix("claims C1 (the argument cannot be read), which needs a CREATE that says EFAULT after user_copy:argument"))
    #expect(message.hasSuffix("calls of the test: open 0, create EFAULT"))
    #expect(test.failures.first?.line == 4)
  }

  @Test func aDemandNeedsACheck() throws {
    let test = try #require(create("-- covers: R8", "").tests.first)
    #expect(test.status == .failed)
    #expect(test.failures.first?.message == "claims R8, and checks nothing")
  }

  @Test func anUnknownNameIsAnErrorWithItsPlace() {
    #expect(create("-- covers: C1, Z9", "").error?.text.hasPrefix("a.lua:3: no injection point and no demand is called 'Z9'") == true)
    #expect(create("-- covers:", "").error?.text == "a.lua:3: '-- covers:' names nothing")
  }

  @Test func aClaimStandsDirectlyAboveItsTest() {
    let misplaced = "'-- covers:' stands directly above the 'it(' that it is about"
    #expect(create("-- covers: C1\n\n", "").error?.text == "a.lua:3: \(misplaced)")
    #expect(run("it('a', function() end)\n-- covers: C1").error?.text == "a.lua:2: \(misplaced)")
    #expect(create("-- covers: C1\n-- a word about it\n-- covers: C3", "").tests.first?.claims == ["C1", "C3"])
  }

  @Test func aTestThatIsNeverDeclaredCannotClaim() {
    let file = run("if false then\n-- covers: C1\nit('a', function() end)\nend\nit('b', function() end)")
    #expect(file.error?.text == "a.lua:3: claims C1, and no test was declared here")
  }

  @Test func everyTestOfALoopHasToMeetTheClaim() {
    let file = run(
      """
      local sgx = require "sgx"
      for _, size in ipairs { 0x3000, 0x8000 } do
        -- covers: C4
        it("size " .. size, function()
          sgx.machine { epc = "256 KiB" }:process():open():create { size = size }
        end)
      end
      """)
    #expect(file.tests.map(\.status) == [.passed, .failed])
  }

  @Test func aTestThatIsSkippedClaimsNothing() {
    let file = run(
      """
      -- covers: A21
      it("a", { only_on = { "v39", reason = "r" } }, function() end)
      """)
    #expect(file.tests.map(\.status) == [.otherDriver])
    #expect(file.tests[0].covered.isEmpty)
  }

  /// A rule that a plain load meets would hold of everything.
  @Test(arguments: InjectionPoint.all.map(\.id)) func aPlainLifeMeetsNothing(_ id: String) throws {
    let file = run(
      """
      local sgx = require "sgx"
      -- covers: \(id)
      it("loads, launches and closes", function()
        local machine = sgx.machine { epc = "1 MiB" }
        local process = machine:process()
        local enclave = process:open()
        expect(enclave:create { size = 0x8000 }.errno):is_nil()
        local source = process:map { pages = 4, fill = 0x90 }
        expect(enclave:add_pages { source = source, offset = 0, pages = 4, secinfo = { permissions = "rx" } }.errno):is_nil()
        expect(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
        expect(enclave:close().errno):is_nil()
      end)
      """)
    let test = try #require(file.tests.first)
    #expect(test.status == .failed)
    #expect(test.failures.count == 1, "the claim and nothing else: \(test.failures.map(\.message))")
    #expect(test.failures.first?.message.hasPrefix("claims \(id) (") == true)
  }

  @Test func pointsAndDemandsHaveNamesOfTheirOwn() {
    let names = InjectionPoint.all.map(\.id) + ReviewDemand.all.map(\.id)
    #expect(Set(names).count == names.count)
    #expect(ReviewDemand.all.map(\.id) == (1...25).map { "R\($0)" })
  }

  @Test func claimsKeepEveryEventHoweverManyThereAre() throws {
    // The argument fails first; then more events than the ring holds.
    let file = create(
      "-- covers: C1",
      """
      expect(enclave:create { size = 0x8000, argument = "unreadable" }.errno):equals("EFAULT")
      for _ = 1, 3000 do enclave:ioctl(1) end
      expect(#machine:trace(100000)):at_least(6000)
      """)
    #expect(file.tests.first?.status == .passed, "\(file.tests.first?.failures.map(\.message) ?? [])")
  }

  @Test func warningsAreCountedPerBootAndPerSite() throws {
    let body = """
      machine:inject { fault = "GP", at = { site = "leaf:EPA" }, times = 2 }
      machine:inject { fault = "code", code = "SGX_CHILD_PRESENT", at = { site = "leaf:EREMOVE" }, times = 2 }
      enclave:create { size = 0x8000 }
      enclave:create { size = 0x8000 }
      expect(machine.log.warnings):at_most(1, "per site")
      expect(machine.log.warnings):at_most(2, "per boot")
      """
    #expect(try #require(create("", body).tests.first).status == .passed)
    let tooFew = try #require(create("", body + #"expect(machine.log.warnings):at_most(1, "per boot")"#).tests.first)
    #expect(tooFew.failures.map(\.message).contains { $0.hasPrefix("expected at most 1 per boot, got ") })
    let wrong = try #require(create("", #"expect(1):at_most(1, "per day")"#).tests.first)
    #expect(wrong.failures.first?.message == "at_most: 'per day' is neither 'per boot' nor 'per site'")
    let twice = try #require(create("", #"expect({ { site = "EPA" }, { site = "EPA" } }):at_most(1, "per site")"#).tests.first)
    #expect(twice.status == .failed)
  }
}
