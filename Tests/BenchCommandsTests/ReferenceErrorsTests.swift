import ScenarioLanguage
import Testing

/// "Units and errors" of `Docs/ScenarioReference.md`: what a script may not ask, and what it is told.
@Suite("Errors that the reference names") struct ReferenceErrorsTests {
  /// Runs one line inside a test that has a machine, a process and an enclave of 32 KiB without pages.
  private func failure(of line: String) -> TestFailure? {
    let script = """
      local sgx = require "sgx"
      it("x", function()
        local machine = sgx.machine { epc = "1 MiB" }
        local process = machine:process()
        local enclave = process:open()
        ensure(enclave:create { size = 0x8000 }.errno):is_nil()
        \(line)
      end)
      """
    let result = ScenarioRunner(options: RunOptions()).run(source: Array(script.utf8), name: "x.lua")
    guard let test = result.tests.first, test.status == .error else { return nil }
    return test.failures.last
  }

  private static let machines = [
    ("describe('y', function() end)", "describe cannot be called inside a test"),
    ("expect(1):contains(1)", "contains: the value must be a string, got number"),
    ("sgx.machine { epc = 5000 }", "sgx.machine: field 'epc' must be a multiple of 4096 from 4 KiB to 1 TiB, got 5000"),
    ("sgx.machine { numa = {} }", "sgx.machine: field 'numa' has 1 to 512 nodes, got 0"),
    ("sgx.machine { numa = { '0', '0' } }", "sgx.machine: field 'numa': all nodes together have 4 KiB to 1 TiB of EPC"),
    ("return sgx.options.pages", "sgx.options: no option 'pages'"),
    ("sgx.options.pages = 1", "sgx.options: values come from behind \"--\" on the command line, not from the script"),
    ("sgx.random(0)", "sgx.random: argument 1 is 1 or more, got 0"),
    ("machine:process { node = 1 }", "machine:process: field 'node' is 0 to 0 on this machine, got 1"),
    ("machine:inject { fault = 'nomem', at = { site = 'leaf:EADD' } }", "machine:inject: nomem cannot strike at leaf:EADD"),
    ("machine:inject { fault = 'power', at = { site = 'leaf:EADD', nth = 0 } }", "machine:inject: visits are counted from 1"),
    ("machine:inject { fault = 'power' }", "machine:inject: the site is missing (at = { site = … })"),
    ("machine:struck(7)", "machine:struck: no injection has number 7"),
    ("machine:reclaim { batches = 0 }", "machine:reclaim: field 'batches' is 1 to 4096, got 0"),
    ("machine:ksgxd { batches = 5000 }", "machine:ksgxd: field 'batches' is 1 to 4096, got 5000"),
    ("machine:task(function() error('inside') end) machine:run()", "inside"),
  ]
  private static let images = [
    ("sgx.sigstruct { enclave_hash = ('0'):rep(64), isvprodid = 65536 }", "sgx.sigstruct: field 'isvprodid' has 16 bits, got 65536"),
    ("sgx.sigstruct { enclave_hash = ('0'):rep(64), edit = { { at = 1808, byte = 1 } } }", "sgx.sigstruct: field 'edit': field 'at' is 0 to 1807, got 1808"),
    ("sgx.sigstruct {}", "sgx.sigstruct: field 'enclave_hash' is missing"),
    ("process:open():sign {}", "enclave:sign: there is no measurement: the enclave is not created, or its EPC was lost"),
    ("sgx.image 'app'", "sgx.image: there is no image 'app': name its file with --image app=PATH, or put it beside the script"),
    ("sgx.image_from 'x'", "sgx.image_from: an image of the script: byte 0x0: format: found none that is known"),
    ("enclave:create { size = 0x8000, reserved_byte = 0 }", "enclave:create: byte 0 of a SECS is not reserved"),
    ("enclave:add_pages { source = 0, offset = 0, pages = 1, secinfo = { reserved_byte = 56 } }", "enclave:add_pages: field 'secinfo': field 'reserved_byte' is 0 to 55, got 56"),
  ]
  private static let processes = [
    ("process:map { pages = 1, address = 1 }", "process:map: address and length must be multiples of 4096, and the length not zero"),
    ("process:map { pages = 1, bytes = ('x'):rep(5000) }", "process:map: 'bytes' has 5000 bytes, the mapping 4096"),
    ("process:unmap(4096, 1)", "process:unmap: address and length must be multiples of 4096, and the length not zero"),
    ("process:mmap { enclave = enclave } process:protect(enclave.base, 4096, 'r')",
      "process:protect: an enclave is mapped there; the driver is asked by process:mprotect"),
    ("process:write(0, 'x')", "process:write: the bytes are not all mapped"),
    ("machine:task(function() machine:run() end) machine:run()", "machine:run: a task cannot run tasks"),
    ("machine:task(function() process:open() end) machine:run { schedule = { 1, 1, 1, 1, 1, 1, 1, 1, 1 } }",
      "machine:run: field 'schedule': entry 2 wants task 1 to go on, and it has ended"),
    ("machine:run { schedule = { 'kswapd' } }", "machine:run: field 'schedule': entry 1 is the number of a task or \"ksgxd\", got \"kswapd\""),
    ("process:open():create { size = 0x10000, miscselect = 1 << 32 }", "enclave:create: field 'miscselect' has 32 bits, got 4294967296"),
    ("process:open():create { size = 0x10000, ssa_frame_size = -1 }", "enclave:create: field 'ssa_frame_size' has 32 bits, got -1"),
    ("process:sigaction('SIGALRM', { ignore = true, handler = true })", "process:sigaction: a signal is ignored or handled, not both"),
    ("process:sigaction('SIGALRM', { default = true, handler = true })", "process:sigaction: 'default' is neither ignored nor handled"),
    ("process:open '/dev/null'", "process:open: there is no '/dev/null'"),
    ("process:send 'SIGKILL' process:open()", "process:open: the process has ended"),
    ("while true do enclave:dup() end", "enclave:dup: the process has as many descriptors as it may"),
    ("machine:process():mmap { enclave = enclave }", "process:mmap: the descriptor is another process's; share it first"),
    ("enclave:share(sgx.machine():process())", "enclave:share: the process belongs to another machine"),
    ("enclave:close() enclave:close()", "this enclave was closed at x.lua:7"),
    ("process:send 'SIGKILL' enclave:close()", "this enclave is gone: its process has ended"),
  ]

  @Test(arguments: machines + images + processes) func isTold(_ line: String, _ says: String) throws {
    let failure = try #require(self.failure(of: line), "\(line) is no error")
    #expect(failure.message.hasPrefix(says), "\(failure.message)")
    #expect(failure.file == "x.lua" && failure.line == 7)
  }

  /// The bounds that the page tells are those of the messages.
  @Test func thePageTellsTheSameBounds() throws {
    let page = try Repository.text(of: "Docs/ScenarioReference.md")
    let part = try #require(page.components(separatedBy: "### Units and errors\n").last?.components(separatedBy: "\n### ").first)
    for bound in ["multiple of 4096 from 4 KiB to 1 TiB", "512 nodes", "beyond 1807", "1 to 4096"] { #expect(part.contains(bound), "\(bound)") }
  }
}
