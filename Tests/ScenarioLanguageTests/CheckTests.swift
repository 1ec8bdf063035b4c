import Testing

@testable import ScenarioLanguage

/// Checks of tables that come back from calls show their fields and say which one was meant; expectations without a check are told.
@Suite("Checks") struct CheckTests {
  private func run(_ body: String) -> (status: TestStatus?, messages: [String], output: String) {
    let script = """
      local sgx = require "sgx"
      it("x", function()
        local machine = sgx.machine { epc = "1 MiB" }
        local process = machine:process()
        local enclave = process:open()
        \(body)
      end)
      """
    let result = ScenarioRunner(options: RunOptions()).run(source: Array(script.utf8), name: "x.lua")
    let output = result.tests.map { String(decoding: $0.output, as: UTF8.self) }.joined()
    return (result.tests.first?.status, result.tests.flatMap(\.failures).map { "\($0.line): \($0.message)" }, output)
  }

  @Test(arguments: [
    ("enclave:create { size = 0x8000 }", "a result { outcome = \"success\", restarts = 0, steps = ", "such as .errno"),
    ("enclave:create { size = 5 }", "a result { errno = \"EINVAL\", outcome = \"failure\"", "such as .errno"),
    ("machine.epc", "machine.epc { evicted = 0, evictions = 0, free = 256", "such as .free"),
    ("machine:task(function() end)", "a task { number = 1 }", "such as .result"),
    ("machine.log", "machine.log { warnings = {} }", "such as .warnings"),
  ]) func ofTablesFailAndSayWhy(_ value: String, _ shown: String, _ hint: String) {
    let found = run("expect(\(value)):is_nil()")
    #expect(found.status == .failed)
    #expect(found.messages.count == 1)
    #expect(found.messages.first?.hasPrefix("6: expected nil, got \(shown)") == true, "\(found.messages)")
    #expect(found.messages.first?.contains(hint) == true, "\(found.messages)")
  }

  @Test func thatHoldPass() {
    #expect(run("expect(enclave:create { size = 0x8000 }):differs_from(nil) expect(machine.epc):differs_from(1)").status == .passed)
  }

  @Test func copeWithTwoValues() {
    #expect(run("expect(process:open()):differs_from(nil)").status == .passed)
    let found = run("while process:open() do end expect(process:open()):differs_from(nil)")
    #expect(found.status == .failed)
    #expect(found.messages.first?.contains("got nil beside a result { errno = \"EMFILE\"") == true, "\(found.messages)")
    #expect(run("expect(1, 2):equals(1)").messages == ["6: expect: expected 1 argument, got 2"])
    #expect(run("expect():equals(1)").messages == ["6: expect: expected 1 argument, got 0"])
  }

  @Test func thatAreMissingAreTold() {
    let found = run("expect(machine.clock >= 0)\n  expect(2):equals(2)")
    #expect(found.status == .error)
    #expect(found.messages == ["6: expect(true) has no check: say what it has to be, as expect(value):equals(other)"])
    // A check whose argument checks something itself.
    #expect(run("local function two() expect(1):equals(1) return 2 end expect(2):equals(two())").status == .passed)
    // An error before it tells more.
    #expect(run("expect(true) error('first')").messages == ["6: first"])
  }

  @Test func thatAreUnknownListAll() {
    let found = run("expect(1):equal(1)")
    #expect(found.messages.first?.hasPrefix("6: expect has no check 'equal'; did you mean 'equals'? (checks: at_least, at_most, contains,") == true)
    let other = run("assert.are.equal(1, 1)")
    #expect(other.messages.first?.hasSuffix("; a check is written expect(value):equals(other)") == true, "\(other.messages)")
  }

  @Test func valuesPrintAsTheirFields() {
    let found = run("print(enclave:create { size = 5 }, machine.epc) machine:inject { fault = 'power', at = { site = 'any', visit = 100000 } }")
    #expect(found.output.hasPrefix("{ errno = \"EINVAL\", outcome = \"failure\", restarts = 0, steps = "), "\(found.output)")
    #expect(found.output.contains("{ evicted = 0, evictions = 0, free = 256 (0x100), leaked = 0, reclaimable = 0, total = 256 (0x100), valid = 0 }"))
  }
}
