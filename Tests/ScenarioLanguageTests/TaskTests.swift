import ScenarioLanguage
import Testing

/// Tasks of scenarios: what may stand in one, what a schedule says, and how runs end that go wrong.
@Suite("Tasks of scenarios") struct TaskTests {
  private func run(_ body: String) throws -> TestResult {
    let script = """
      local sgx = require "sgx"
      local function ready(options)
        local machine = sgx.machine(options or { epc = "256 KiB" })
        local process = machine:process()
        local enclave = process:open()
        ensure(enclave:create { size = 0x8000 }.errno):is_nil()
        return machine, process, enclave
      end
      local page = { permissions = "r" }
      it("a test", function()
      \(body)
      end)
      """
    let result = ScenarioRunner(options: RunOptions()).run(source: Array(script.utf8), name: "a.lua")
    return try #require(result.tests.first, "\(result.error?.text ?? "")")
  }

  private func expectPass(_ body: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let test = try run(body)
    #expect(test.status == .passed, "\(test.failures.map { "\($0.line): \($0.message)" })", sourceLocation: sourceLocation)
    #expect(test.checks > 0, sourceLocation: sourceLocation)
  }

  private func expectError(_ message: String, _ body: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let test = try run(body)
    #expect(test.status == .error || test.status == .failed, sourceLocation: sourceLocation)
    #expect(test.failures.contains { $0.message.contains(message) }, "\(test.failures.map(\.message))", sourceLocation: sourceLocation)
  }

  // What stands in a task.

  @Test func everyCallCanStandInATask() throws {
    try expectPass(
      """
      local machine = sgx.machine { epc = "256 KiB", ksgxd = "manual" }
      local process, other = machine:process(), machine:process()
      local source = process:map { pages = 4, prot = "rw" }
      local task = machine:task(function()
        local enclave = process:open()
        expect(enclave:create { size = 0x8000 }.errno):is_nil()
        local twin, theirs = enclave:dup(), enclave:share(other)
        local errno, count = enclave:add_page(source, 0, 0x201, true)
        expect(errno):is_nil()
        expect(count):equals(4096)
        expect((enclave:add_page(source, 0, 0x201, true))):equals("EBUSY")
        expect(twin:add_pages { source = source, offset = 4096, pages = 1, secinfo = page }.errno):is_nil()
        expect(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
        expect(process:mmap { enclave = enclave, prot = "r" }.errno):is_nil()
        expect(process:read(enclave.base).outcome):equals("ok")
        machine:reclaim { batches = 2 }
        process:sigaction("SIGALRM", { ignore = true })
        process:send("SIGALRM")
        process:unmap(source, 4096)
        machine:power_cycle("S4")
        expect(process:read(enclave.base).outcome):differs_from("ok")
        expect(process:munmap { address = enclave.base, length = 0x8000 }.errno):is_nil()
        for _, handle in ipairs { enclave, twin, theirs } do handle:close() end
        local failed, result = process:open(machine.behaviours.hasDeviceDirectory and "/dev/sgx_enclave" or "/dev/sgx/enclave")
        expect(failed):is_nil()
        expect(result.errno):equals("ENOENT")
        return "done"
      end)
      local second = machine:task(function()
        local mine = process:open()
        expect(mine:create { size = 0x8000 }.errno):is_nil()
        return mine:close().errno
      end)
      machine:run()
      expect(task.result):equals("done")
      expect(second.result):is_nil()
      expect(machine.epc.free):equals(machine.epc.total)
      """)
  }

  @Test func aFailedOpenIsNilAndAResult() throws {
    try expectPass(
      """
      local machine = sgx.machine()
      local process = machine:process()
      machine:inject { fault = "nomem", at = { site = "allocation:enclave" } }
      local task = machine:task(function() return select("#", process:open()) end)
      machine:run()
      expect(task.result):equals(2)
      """)
  }

  @Test func aCallOnAnotherMachineIsMadeAtOnce() throws {
    try expectPass(
      """
      local a, b = sgx.machine(), sgx.machine()
      local mine, other = a:process():open(), b:process():open()
      local first = a:task(function() return mine:create { size = 0x8000 } end)
      local second = a:task(function() return other:create { size = 0x1001 } end)
      a:run()
      expect(first.result.outcome):equals("success")
      expect(second.result.errno):equals("EINVAL")
      expect(mine.state):equals("created")
      expect(other.state):equals("empty")
      """)
  }

  @Test func aTaskThatIsAloneOnItsMachineMayUseTheOtherOne() throws {
    try expectPass(
      """
      local a, b = sgx.machine(), sgx.machine()
      local enclave = b:process():open()
      a:task(function() expect(enclave:create { size = 0x1000 }.errno):equals("EIO") end)
      expect(#a:run()):equals(0)
      """)
  }

  // Runs that go wrong.

  @Test func aRunInsideATaskIsRefused() throws {
    let body = """
      local machine, process, enclave = ready()
      local other = process:open()
      machine:inject { signal = "SIGKILL", at = { site = "preemption" } }
      machine:task(function() other:create { size = 0x8000 } MACHINE:run() end)
      machine:task(function() enclave:ioctl(1) end)
      machine:run()
      """
    for machine in ["machine", "sgx.machine()"] {
      try expectError("machine:run: a task cannot run tasks", body.replacing("MACHINE", with: machine))
    }
  }

  @Test func anErrorInATaskLeavesNoCallHalfWay() throws {
    try expectPass(
      """
      local machine, process, enclave = ready { epc = "256 KiB", ksgxd = "manual" }
      enclave:add_pages { source = process:map { pages = 1 }, offset = 0, pages = 1, secinfo = page }
      enclave:init { sigstruct = enclave:sign() }
      process:mmap { enclave = enclave, prot = "r" }
      machine:task(function() machine:reclaim() end)
      machine:task(function() enclave:ioctl(0x1234) error("given up") end)
      local ok, message = pcall(machine.run, machine, { schedule = { { 1, to = "preemption", nth = 3 }, { 2, to = "end" } } })
      expect(ok):equals(false)
      expect(message):contains("given up")
      expect(process:read(enclave.base).outcome):equals("ok")
      local task = machine:task(function() return enclave:ioctl(0x1234).errno end)
      machine:run()
      expect(task.result):equals("ENOTTY")
      process:munmap { address = enclave.base, length = 0x8000 }
      expect(enclave:close().errno):is_nil()
      expect(machine.epc.free):equals(machine.epc.total)
      """)
  }

  @Test func aWaitWhereNothingCanWaitBeginsNoCall() throws {
    try expectPass(
      """
      local machine, process, enclave = ready()
      local task = machine:task(function()
        local ok, message = pcall(table.sort, { 2, 1 }, function(a, b) enclave:ioctl(1) return a < b end)
        expect(ok):equals(false)
        expect(message):contains("nothing here can wait")
        return enclave:ioctl(1).errno
      end)
      machine:run()
      expect(task.result):equals("ENOTTY")
      """)
  }

  @Test func aYieldThatIsNoCallIsAnError() throws {
    try expectError(
      "a task waits for calls only",
      """
      local machine, process, enclave = ready()
      local co = coroutine.wrap(function() enclave:ioctl(1) coroutine.yield() end)
      machine:task(function() co() coroutine.yield() end)
      machine:run()
      """)
  }

  /// A coroutine whose call waits is the scheduler's: nobody else makes up the call's answer.
  @Test func aCoroutineThatWaitsForACallIsNotResumedByOthers() throws {
    try expectPass(
      """
      local machine, process, enclave = ready()
      local other = process:open()
      local answer
      local co = coroutine.create(function() answer = enclave:ioctl(1) end)
      machine:task(function() coroutine.resume(co) end)
      machine:task(function()
        local ok, message = coroutine.resume(co, "made up")
        expect(ok):equals(false)
        expect(message):contains("waits for the end of a call")
        expect((pcall(coroutine.close, co))):equals(false)
        other:ioctl(1)
      end)
      machine:run()
      expect(answer.errno):equals("ENOTTY")
      """)
  }

  // Schedules.

  private let twoAdds = """
    local machine, process, enclave = ready()
    local other = process:open()
    other:create { size = 0x8000 }
    local source = process:map { pages = 2 }
    local function add(to) return function() return to:add_pages { source = source, offset = 0, pages = 2, secinfo = page } end end
    local first, second = machine:task(add(enclave)), machine:task(add(other))

    """

  @Test func choicesRepeatARunUnderAnySeed() throws {
    try expectPass(
      """
      local function go(schedule, seed)
        local machine, process, enclave = ready { epc = "256 KiB", seed = seed }
        local other = process:open()
        other:create { size = 0x8000 }
        local source = process:map { pages = 2 }
        for _, to in ipairs { enclave, other } do
          machine:task(function() to:add_pages { source = source, offset = 0, pages = 2, secinfo = page } end)
        end
        local choices = machine:run { schedule = schedule }
        return choices, table.concat(machine:trace(), "\\n")
      end
      local choices, trace = go(nil, 5)
      local again, same = go(choices, 6)
      expect(table.concat(again, " ")):equals(table.concat(choices, " "))
      expect(same):equals(trace)
      expect(#choices):at_least(10)
      """)
  }

  @Test func pointsAreReachedAndThenTheSeedGoesOn() throws {
    try expectPass(
      twoAdds + """
        local seen
        machine:task(function() seen = { enclave.pages, other.pages } other:ioctl(1) seen = { enclave.pages, other.pages } end)
        machine:run { schedule = { { 2, to = "leaf:EADD", nth = 2 }, { 1, to = "end" }, { 3, to = "end" } } }
        expect(seen[1]):equals(2)
        expect(seen[2]):equals(2)
        expect(second.result.errno):is_nil()
        """)
  }

  @Test(arguments: [
    ("{ { 1, to = 'end' }, 1 }", "entry 2 wants task 1 to go on, and it has ended"),
    ("{ 3 }", "entry 1 is task 3, and there are 2 tasks"),
    ("{ 'ksgxd' }", "entry 1 wants ksgxd to go on, and it sleeps"),
    ("{ 1, 'two' }", "entry 2 is the number of a task or \"ksgxd\", got \"two\""),
    ("{ { 1, to = 'leaf:EADD', nth = 3 } }", "entry 1 wants task 1 to reach leaf:EADD 3 times, and it ended before"),
    ("{ { 1, to = 'leaf:EAD' } }", "entry 1: field 'to' is a site, 'end' of the call, or 'restart' of it, got 'leaf:EAD'"),
    ("{ { 1, to = 'end', nth = 0 } }", "entry 1: field 'nth' is at least 1, got 0"),
    ("{ { 1, till = 'end' } }", "entry 1: unknown field 'till'"),
    ("{ { 1 } }", "entry 1: field 'to' names a site, or 'end', got nil"),
  ]) func whatCannotBeFollowedIsAnError(_ schedule: String, _ message: String) throws {
    try expectError("machine:run: field 'schedule': " + message, twoAdds + "machine:run { schedule = \(schedule) }")
    // And nothing is left over.
    try expectPass(
      twoAdds + """
        expect((pcall(machine.run, machine, { schedule = \(schedule) }))):equals(false)
        machine:run()
        expect(enclave:close().errno):is_nil()
        expect(other:close().errno):is_nil()
        expect(machine.epc.free):equals(machine.epc.total)
        """)
  }

  @Test func ksgxdTakesItsTurn() throws {
    try expectPass(
      """
      local machine, process, enclave = ready { epc = "256 KiB" }
      local big = process:open()
      big:create { size = 0x80000 }
      local source = process:map { pages = 60 }
      local task = machine:task(function() return big:add_pages { source = source, offset = 0, pages = 60, secinfo = page } end)
      local choices = machine:run()
      local turns = 0
      for _, choice in ipairs(choices) do if choice == "ksgxd" then turns = turns + 1 end end
      expect(turns):at_least(1)
      expect(task.result.errno):is_nil()
      """)
  }
}
