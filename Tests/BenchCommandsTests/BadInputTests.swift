import Foundation
import Testing

/// Scripts that are wrong: status 2, and a line that says what and where.
@Suite("Bad input") struct BadInputTests {
  /// What a script that cannot be right is told, on standard output under its name.
  private static let wrongScripts: [(script: String, says: String)] = [
    ("", "a.lua: has no test; write describe and it"),
    ("-- nothing but this\n--[[ and\nthis ]]\n", "a.lua: has no test; write describe and it"),
    ("it('x', function(", "a.lua:1: "),
    ("it(\"x\n", "a.lua:1: unfinished string near '\"x'"),
    ("descibe('a', function() end)", "a.lua:1: unknown name 'descibe'; did you mean 'describe'?"),
    ("\nerror('boom')", "a.lua:2: boom"),
    ("it('x', function() expect(1):equals(1) end\nit('y', 3)", "a.lua:2: "),
    ("it('y', 3)", "a.lua:1: it: the body must be a function, got number"),
    ("it('x', { fail_on = {} }, function() end)", "a.lua:1: it: unknown field 'fail_on'; did you mean 'fails_on'?"),
    ("it('x', { expect_finding = 'child' }, function() end)", "a.lua:1: no law or finding is called 'child' ("),
    ("it('x', { fails_on = { '5.0', reason = 'r' } }, function() end)", "a.lua:1: Linux 5.0 has no SGX driver: the first is 5.11 (v39, 5.11, "),
    ("local sgx = require 'sgx'\nsgx.machine()", "a.lua:2: sgx.machine: machines are made inside tests and hooks"),
    ("require 'missing'", "a.lua:1: "),
    ("expect(1):equals(1)", "a.lua:1: expect and ensure work inside a test only"),
    ("\u{1B}Lua", "a.lua: is Lua bytecode; only source text is run"),
  ]

  @Test(arguments: wrongScripts) func aWrongScript(_ script: String, says: String) throws {
    let ended = try Sgxbench.run(script: script)
    #expect(ended.status == 2)
    #expect(ended.output.contains("  ERROR " + says), "\(ended.output)")
    #expect(ended.output.contains("1 in error"))
  }

  /// The same inside a test that has a machine, a process and an enclave: the body's own line is 10.
  private static let wrongBodies: [(body: String, says: String)] = [
    ("machin:process()", "a.lua:10: unknown name 'machin'"),
    ("machine:proces()", "a.lua:10: machine has no function or property 'proces'; did you mean 'process'?"),
    ("local _ = machine.ecp", "a.lua:10: machine has no function or property 'ecp'; did you mean 'epc'?"),
    ("sgx.machine { ecp = 3 }", "a.lua:10: sgx.machine: unknown field 'ecp'; did you mean 'epc'?"),
    ("sgx.machine { epc = 1000 }", "a.lua:10: sgx.machine: field 'epc' must be a multiple of 4096"),
    ("sgx.machine { epc = 'much' }", "a.lua:10: sgx.machine: field 'epc' must be a whole number or text like \"64 KiB\""),
    ("sgx.machine { driver = '5.0' }", "a.lua:10: Linux 5.0 has no SGX driver: the first is 5.11 (v39, 5.11, "),
    ("machine.process()", "a.lua:10: machine.process: call it with a colon, as machine:process(...)"),
    ("enclave.create { size = 1 }", "a.lua:10: enclave.create: call it with a colon, as enclave:create(...)"),
    ("enclave:create {}", "a.lua:10: enclave:create: field 'size' is missing"),
    ("enclave:create { size = 4096.5 }", "a.lua:10: enclave:create: field 'size' must be whole, got 4096.5"),
    ("enclave:create { size = 0/0 }", "a.lua:10: enclave:create: field 'size' is not a number"),
    ("enclave:create { size = 1e30 }", "a.lua:10: enclave:create: field 'size' is too large: "),
    ("enclave:add_pages { offset = 0, pages = 1 }", "a.lua:10: enclave:add_pages: field 'source' is missing"),
    ("process:map { pages = 1, prot = 'q' }", "a.lua:10: process:map: permissions are made of r, w and x, got \"q\""),
    ("process:open('/dev/sgx')", "a.lua:10: process:open: there is no '/dev/sgx'"),
    ("process:send('SIGNOTHING')", "a.lua:10: process:send: no signal is called 'SIGNOTHING'"),
    ("local _ = add(0).erno", "a.lua:10: a result has no field 'erno'; did you mean 'errno'?"),
    ("expect(1):equal(1)", "a.lua:10: expect has no check 'equal'; did you mean 'equals'?"),
    ("expect(1, 2):equals(1)", "a.lua:10: expect: expected 1 argument, got 2"),
    ("machine:inject { fault = 'nomem', at = { site = 'leaf:EADD' } }", "a.lua:10: machine:inject: nomem cannot strike at leaf:EADD"),
    ("machine:inject { fault = 'power' }", "a.lua:10: machine:inject: the site is missing (at = { site = … })"),
    ("machine:inject { fault = 'power', at = { site = 'any', nth = -1 } }", "a.lua:10: machine:inject: visits are counted from 1"),
    (
      "machine:inject { fault = 'power', at = { site = 'any' }, times = 0 }",
      "a.lua:10: machine:inject: field 'times' is 1 or more, got 0"
    ),
    (
      "machine:inject { fault = 'unmap', at = { site = 'preemption' } }",
      "a.lua:10: machine:inject: unmap needs 'address' and 'length': whole pages of user space, at least one"
    ),
    ("machine:inject { fault = 'unmap', address = -4096, length = 8192, at = { site = 'preemption' } }", "a.lua:10: machine:inject: unmap"),
    ("machine:inject { fault = 'unmap', address = 4096, length = -4096, at = { site = 'preemption' } }", "a.lua:10: machine:inject: field 'length' is negative, got -4096"),
    ("machine:inject { fault = 'unmap', address = 1, length = 1, at = { site = 'preemption' } }", "a.lua:10: machine:inject: unmap"),
    ("enclave:close() enclave:create { size = 1 }", "a.lua:10: this enclave was closed at a.lua:10"),
    ("describe('inner', function() end)", "a.lua:10: describe cannot be called inside a test"),
    ("os.exit(0)", "a.lua:10: unknown name 'os'"),
    ("error('boom')", "a.lua:10: boom"),
    ("error({ code = 'E7' })", "E7"),
    ("local t = nil; t.x = 1", "a.lua:10: "),
  ]

  @Test(arguments: wrongBodies) func aWrongTestBody(_ body: String, says: String) throws {
    let ended = try Sgxbench.run(script: Script.test(body))
    #expect(ended.status == 2)
    #expect(ended.output.contains("  ERROR a test\n"))
    #expect(ended.output.contains(says), "\(ended.output)")
    #expect(ended.errors.isEmpty)
  }

  @Test func anErrorInOneTestLeavesTheNextAlone() throws {
    let ended = try Sgxbench.run(script: "it('one', function() error('boom') end) it('two', function() expect(1):equals(1) end)")
    #expect(ended.status == 2)
    #expect(ended.output.contains("  ok    two\n"))
  }

  // Files: the others are in FilesThatAreNoneTests.

  @Test func aFileAtTheLimitIsRead() throws {
    let folder = try Scratch()
    let script = "it('x', function() expect(1):equals(1) end)"
    try folder.write(Array(script.utf8) + [UInt8](repeating: UInt8(ascii: "\n"), count: 1 << 20 - script.utf8.count), to: "full.lua")
    #expect(try Sgxbench.run(["run", "full.lua"], in: folder.path).status == 0)
  }

  // Modules.

  @Test func modulesComeFromTheScriptsFolderAndItsLibOnly() throws {
    let folder = try Scratch()
    try folder.write("return 'beside'", to: "s/one.lua")
    try folder.write("return 'library'", to: "s/lib/two/three.lua")
    try folder.write("return 'outside'", to: "outside.lua")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/s/link.lua", withDestinationPath: "../outside.lua")
    try folder.write(
      "it('x', function() expect(require 'one'):equals('beside') expect(require 'two.three'):equals('library') end)", to: "s/a.lua")
    #expect(try Sgxbench.run(["run", "s/a.lua"], in: folder.path).status == 0)
    #expect(try Sgxbench.run(["run", "a.lua"], in: folder.path + "/s").status == 0)
    for name in ["link", "../outside", "outside", "/etc/passwd", "os"] {
      try folder.write("it('x', function() require '\(name)' end)", to: "s/b.lua")
      #expect(try Sgxbench.run(["run", "s/b.lua"], in: folder.path).status == 2)
    }
  }

  // The command line.

  private static let wrongLines: [(arguments: [String], says: String)] = [
    (["run"], "Missing expected argument"),
    (["frobnicate"], "frobnicate"),
    (["run", "a.lua", "--frob"], "Unknown option '--frob'"),
    (["run", "a.lua", "--driver", "5.0"], "Linux 5.0 has no SGX driver: the first is 5.11 (v39, 5.11, "),
    (["run", "a.lua", "--seed", "many"], "many"),
    (["run", "a.lua", "--seed", "-1"], "Missing value for '--seed"),
    (["sweep", "a.lua", "--fault", "rain"], "--fault: no fault is called 'rain'"),
    (["sweep", "a.lua", "--fault", "power:S9"], "--fault: no power cycle is called 'S9' (S3, S4, migration)"),
    (["sweep", "a.lua", "b.lua"], "b.lua"),
  ]

  @Test(arguments: wrongLines) func aWrongCommandLine(_ arguments: [String], says: String) throws {
    let ended = try Sgxbench.run(arguments)
    #expect(ended.status == 64)
    #expect(ended.errors.contains(says), "\(ended.errors)")
    #expect(ended.output.isEmpty)
  }
}
