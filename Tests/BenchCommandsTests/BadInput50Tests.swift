import Foundation
import Testing

/// The fifty bad inputs that every command-line tool meets, by their numbers in the project's list: what each is told, on which stream,
/// and with which status. Those about files, images and output are in files of their own beside this one.
@Suite("Fifty bad inputs: scripts") struct BadInput50Tests {
  /// A script that cannot be run as a whole: status 2, the same line in the report and on standard error.
  struct Whole: CustomTestStringConvertible {
    let number: Int
    let script: [UInt8]
    let says: String
    var hint: String?
    var status: Int32 = 2
    var testDescription: String { "\(number): \(says)" }

    init(_ number: Int, _ script: String, _ says: String, hint: String? = nil, status: Int32 = 2) {
      self.init(number, Array(script.utf8), says, hint: hint, status: status)
    }

    init(_ number: Int, _ script: [UInt8], _ says: String, hint: String? = nil, status: Int32 = 2) {
      self.number = number
      self.script = script
      self.says = says
      self.hint = hint
      self.status = status
    }
  }

  private static let wholes: [Whole] = [
    Whole(1, "it('x', function()\n  expect((1)\nend)\n", "a.lua:3: ')' expected (to close '(' at line 2) near 'end'"),
    Whole(1, "it('x', function()\n", "a.lua:2: 'end' expected (to close 'function' at line 1) near <eof>"),
    Whole(1, "if 1 != 2 then end", "a.lua:1: 'then' expected near '!'", hint: "Lua writes 'not', and '~=' for 'is not equal to'"),
    Whole(2, "local name = \"abc\n", "a.lua:1: unfinished string near '\"abc'"),
    Whole(
      3, "local t = {\n  a = 1\n  -- the rest\n  b = 2,\n}\n", "a.lua:4: '}' expected (to close '{' at line 1) near 'b'",
      hint: "a comma may be missing at the end of line 2"),
    Whole(3, "local t = { 'a' 'b' }", "a.lua:1: '}' expected near ''b''", hint: "a comma may be missing in front of 'b'"),
    Whole(3, "it('x' function() end)", "a.lua:1: ')' expected near 'function'", hint: "a comma may be missing in front of function"),
    Whole(1, "it('x', function() end\n\nit('y', function() end)", "a.lua:3: ')' expected (to close '(' at line 1) near 'it'"),
    Whole(3, "local t = { a = 1\nlocal u = 2", "a.lua:2: '}' expected (to close '{' at line 1) near 'local'"),
    Whole(4, "descibe('a', function() end)", "a.lua:1: unknown name 'descibe'; did you mean 'describe'?"),
    Whole(4, "\nsgx.machine {}", "a.lua:2: unknown name 'sgx'; begin with: local sgx = require \"sgx\""),
    Whole(4, "local enclave = 1\nlocal other = enclav", "a.lua:2: unknown name 'enclav'; did you mean 'enclave'?"),
    Whole(13, "it('x', { tags = { 'a', nil, 'b' } }, function() end)", "a.lua:1: it: field 'tags': the list has a hole at index 2"),
    Whole(13, "it('x', { expect_finding = { nil, 'quiet' } }, function() end)", "a.lua:1: it: field 'expect_finding': the list has a hole at index 1"),
    Whole(14, "it('x', {}, function() end, 3)", "a.lua:1: it: expected 3 arguments, got 4"),
    Whole(14, "describe('x')", "a.lua:1: describe: the body must be a function, got nil"),
    Whole(17, "error({ code = 'E7', message = 'no' })", "a.lua:1: E7: no"),
    Whole(17, "error()", "a.lua:1: error object is nil"),
    Whole(17, "error(true)", "a.lua:1: error object is a boolean value"),
    Whole(17, "error(string.rep('x', 1000000), 0)", "a.lua:1: " + String(repeating: "x", count: 4096) + "… (972 KB more)"),
    Whole(19, "local a, n = 1, 0\n\nlocal b = a %\n  n\n", "a.lua:3: attempt to perform 'n%0'"),
    Whole(19, "local function f(n)\n  local a = 1\n  return a // n\nend\n\n\nf(0)\n", "a.lua:3: attempt to divide by zero"),
    Whole(20, "\n\nwhile true do end", "a.lua:3: work limit of 50,000,000 reached (--fuel)", status: 1),
    // Our matcher's steps are fuel, so that there is one limit to know and to set.
    Whole(
      21, "local s = string.rep('a', 100)\nstring.find(s, string.rep('a*', 20) .. 'b')", "a.lua:2: work limit of 50,000,000 reached (--fuel)",
      status: 1),
    Whole(
      22, "local t = {}\nfor i = 1, 100 do\n  t[i] = string.rep('x', 1000000) .. i\nend",
      "a.lua:3: script memory limit of 64 MiB reached (--memory)", status: 1),
    Whole(
      22, "local t = {}\nfor i = 1, 10000000 do t[i] = i end", "a.lua:2: script memory limit of 8 MiB for one string or table reached (--block)",
      status: 1),
    Whole(23, "setmetatable({}, { __gc = print })", "a.lua:1: metamethod '__gc' is not available in scenarios (see docs: sandbox)"),
    Whole(23, "\nsetmetatable({}, { __concat = print })", "a.lua:2: metamethod '__concat' is not available in scenarios (see docs: sandbox)"),
    Whole(23, "os.exit(0)", "a.lua:1: unknown name 'os': Lua's own is not available in scenarios (see Docs/LuaHost.md)"),
    Whole(23, "io.open('/etc/passwd')", "a.lua:1: unknown name 'io': Lua's own is not available in scenarios (see Docs/LuaHost.md)"),
    Whole(23, "require '../x'", "a.lua:1: require: a module name is parts of a-z 0-9 _ with dots between, not '../x'"),
    Whole(23, "load('\\27Lua')", "a.lua:1: unknown name 'load': Lua's own is not available in scenarios (see Docs/LuaHost.md)"),
    Whole(23, "\u{1b}Lua", "a.lua: is Lua bytecode; only source text is run"),
    // The status for an empty script is 2.
    Whole(25, "", "a.lua: has no test; write describe and it"),
    Whole(25, "describe('x', function() end)", "a.lua: has no test; write describe and it"),
    Whole(26, "-- nothing but this\n--[[ and\nthis ]]\n", "a.lua: has no test; write describe and it"),
    Whole(29, [0xff, 0xfe] + wide("it('x')"), "a.lua: looks like UTF-16; save it as UTF-8"),
    Whole(29, wide("it('x')"), "a.lua: looks like UTF-16; save it as UTF-8"),
    Whole(29, [0xfe, 0xff, 0, 0x69], "a.lua: looks like UTF-16; save it as UTF-8"),
    Whole(29, [0, 0, 0xfe, 0xff, 0, 0, 0, 0x69], "a.lua: looks like UTF-32; save it as UTF-8"),
    Whole(33, Array("it('x'\n".utf8) + [0] + Array(", 1)".utf8), "a.lua:2: unexpected zero byte; a script is text"),
    Whole(33, "it('x'\u{1a}, 1)", "a.lua:1: ')' expected near '<\\26>'"),
    Whole(35, "local é = 1", "a.lua:1: names may use only A-Z a-z 0-9 _ (found 'é')"),
    Whole(35, "\n\nlocal naïve", "a.lua:3: names may use only A-Z a-z 0-9 _ (found 'ï')"),
    Whole(35, "local 数 = 1", "a.lua:1: names may use only A-Z a-z 0-9 _ (found '数')"),
    Whole(35, Array("local ".utf8) + [0xff] + Array(" = 1".utf8), "a.lua:1: names may use only A-Z a-z 0-9 _ (found byte 0xff)"),
    Whole(
      36, [UInt8](repeating: UInt8(ascii: " "), count: 2 << 20), "a.lua: 2097152 bytes is over the limit of 1048576 (--source-limit)"),
  ]

  private static func wide(_ text: String) -> [UInt8] { text.utf8.flatMap { [$0, 0] } }

  private static func run(_ script: [UInt8], _ arguments: [String] = []) throws -> Ended {
    let folder = try Scratch()
    try folder.write(script, to: "a.lua")
    return try Sgxbench.run(["run", "a.lua"] + arguments, in: folder.path)
  }

  /// What no message may have: an address, Lua's word for a name that is not there, an escape sequence.
  private static func expectClean(_ ended: Ended, sourceLocation: SourceLocation = #_sourceLocation) {
    let text = ended.output + ended.errors
    #expect(!text.contains("a nil value"), "\(text)", sourceLocation: sourceLocation)
    #expect(text.firstMatch(of: #/0x[5-7][0-9a-f]{11}\b/#) == nil, "\(text)", sourceLocation: sourceLocation)
    #expect(!text.utf8.contains(0x1b), sourceLocation: sourceLocation)
    #expect(!ended.wasSignalled, sourceLocation: sourceLocation)
  }

  @Test(arguments: wholes) func aScriptThatCannotRun(_ row: Whole) throws {
    let ended = try Self.run(row.script)
    #expect(ended.status == row.status)
    let hint = row.hint.map { "hint: \($0)\n" } ?? ""
    #expect(ended.errors == "sgxbench: \(row.says)\n\(hint)")
    #expect(ended.output.contains("  ERROR \(row.says)\n" + (hint.isEmpty ? "" : "    " + hint)), "\(ended.output)")
    Self.expectClean(ended)
  }

  @Test(arguments: wholes) func theReportForProgramsIsWhole(_ row: Whole) throws {
    let ended = try Self.run(row.script, ["--format", "json"])
    #expect(ended.status == row.status)
    let report = try #require(try JSONSerialization.jsonObject(with: ended.bytes) as? [String: Any])
    let file = try #require((report["files"] as? [[String: Any]])?.first)
    let error = try #require(file["error"] as? [String: Any])
    #expect(error["text"] as? String == row.says)
    #expect(error["hint"] as? String == row.hint)
    #expect(error["isLimit"] as? Bool == (row.status == 1))
  }

  /// The body of a test with a machine, a process and an enclave at hand; its own line is 10. It fails alone, in the report alone.
  struct Body: CustomTestStringConvertible {
    let number: Int
    let text: String
    let says: String
    var status: Int32 = 2
    var testDescription: String { "\(number): \(text)" }

    init(_ number: Int, _ text: String, _ says: String, status: Int32 = 2) {
      self.number = number
      self.text = text
      self.says = says
      self.status = status
    }
  }

  private static let add = "enclave:add_pages { source = process:map { pages = 1 }, secinfo = { permissions = 'r' }, pages = 1, offset = "

  private static let bodies: [Body] = [
    Body(4, "enclav:create {}", "unknown name 'enclav'; did you mean 'enclave'?"),
    Body(5, "enclave:creat {}", "enclave has no function or property 'creat'; did you mean 'create'?"),
    Body(6, "enclave:create { szie = 1 }", "enclave:create: unknown field 'szie'; did you mean 'size'? (fields: argument, attributes, base, "),
    Body(7, "enclave:create {}", "enclave:create: field 'size' is missing"),
    Body(
      8, "enclave:create { size = 'big' }",
      "enclave:create: field 'size' must be a whole number or text like \"64 KiB\" or \"0x1000\" in 64 bits, got string \"big\""),
    Body(8, "enclave:create { size = true }", "enclave:create: field 'size' must be a whole number or text like \"64 KiB\", got true"),
    Body(
      9, "enclave:create { size = '64K' }",
      "enclave:create: field 'size' must be a whole number or text like \"64 KiB\" or \"0x1000\" in 64 bits, got string \"64K\""),
    // A size that is no power of two and an offset that is not aligned are what the driver is there to refuse: it answers EINVAL, and a
    // test can expect that. What only the bench can refuse is refused by the bench.
    Body(10, "expect(process:open():create { size = 0x3000 }.errno):is_nil()", "expected nil, got \"EINVAL\"", status: 1),
    Body(10, "sgx.machine { epc = 1000 }", "sgx.machine: field 'epc' must be a multiple of 4096 from 4 KiB to 1 TiB, got 1000"),
    Body(12, "expect(\(add)0x1001 }.errno):is_nil()", "expected nil, got \"EINVAL\"", status: 1),
    Body(11, "enclave:create { size = 4096.5 }", "enclave:create: field 'size' must be whole, got 4096.5"),
    Body(11, "enclave:create { size = 1e30 }", "enclave:create: field 'size' is too large: 1e+30 does not fit into 64 bits"),
    Body(11, "enclave:create { size = 1 / 0 }", "enclave:create: field 'size' is too large: inf does not fit into 64 bits"),
    Body(11, "enclave:create { size = 0 / 0 }", "enclave:create: field 'size' is not a number"),
    Body(11, "enclave:create { size = 2^63 }", "enclave:create: field 'size' is too large for a number; write it as text: \"0x8000000000000000\""),
    Body(11, "sgx.machine { epc = -1 }", "sgx.machine: field 'epc' is negative, got -1"),
    Body(11, "process:map { pages = -1 }", "process:map: field 'pages' is negative, got -1"),
    Body(11, "process:map { pages = 1 << 52 }", "process:map: field 'pages' is too large: 4503599627370496 pages do not fit into 64 bits of bytes"),
    Body(11, "process:map { pages = '0x1ffffffffffffffff' }", "in 64 bits, got string \"0x1ffffffffffffffff\""),
    Body(13, "sgx.machine { numa = { '64 KiB', nil, '64 KiB' } }", "sgx.machine: field 'numa': the list has a hole at index 2"),
    Body(13, "machine:run { schedule = { 1, nil, 2 } }", "machine:run: field 'schedule': the list has a hole at index 2"),
    Body(14, "enclave:create({ size = 0x8000 }, 2, 3)", "enclave:create: expected 1 argument, got 3"),
    Body(14, "enclave:create()", "enclave:create: field 'size' is missing"),
    Body(14, "sgx.machine({}, 1)", "sgx.machine: expected 1 argument, got 2"),
    Body(14, "process:send('SIGTERM', 1)", "process:send: expected 1 argument, got 2"),
    Body(14, "process:send()", "process:send: argument 1 must be a string, got nothing"),
    Body(14, "process:write(0x1000, {})", "process:write: argument 2 must be a string, got a table"),
    Body(14, "enclave:close(1)", "enclave:close: expected 0 arguments, got 1"),
    Body(14, "expect()", "expect: expected 1 argument, got 0"),
    Body(14, "expect(1):equals()", "equals: expected 1 argument, got 0"),
    Body(14, "expect(1):is_nil(1)", "is_nil: expected 0 arguments, got 1"),
    Body(14, "expect(1):at_most()", "at_most: expected 1 to 2 arguments, got 0"),
    Body(15, "enclave.create { size = 1 }", "enclave.create: call it with a colon, as enclave:create(...)"),
    Body(15, "machine.power_cycle('S3')", "machine.power_cycle: call it with a colon, as machine:power_cycle(...)"),
    Body(15, "expect(1).equals(1)", "equals: call it with a colon, as expect(value):equals(...)"),
    Body(15, "sgx:machine {}", "sgx.machine: call it with a dot, as sgx.machine(...)"),
    Body(16, "enclave:close() enclave:create { size = 1 }", "this enclave was closed at a.lua:10"),
    Body(17, "error({ code = 'E7', message = 'no' })", "E7: no"),
    Body(17, "error({})", "error object is a table without 'message'"),
    Body(17, "error()", "error object is nil"),
    Body(17, "error(false)", "error object is a boolean value"),
    Body(17, "error(function() end)", "error object is a function value"),
    Body(17, "error(string.rep('x', 1000000), 0)", String(repeating: "x", count: 4096) + "… (972 KB more)\n"),
    Body(17, "error(setmetatable({}, { __tostring = function() while true do end end }))", "error object is a table without 'message'"),
    Body(18, "expect(3):equals(4)", "expected 4, got 3", status: 1),
    Body(18, "expect('3'):equals(3)", "expected 3, got \"3\"", status: 1),
    Body(18, "expect(1.0):equals(1)", "expected 1, got 1.0", status: 1),
    Body(18, "expect(4096):equals('x')", "expected \"x\", got 4096 (0x1000)", status: 1),
    Body(18, "expect(string.rep('y', 100000)):equals(1)", "expected 1, got \"" + String(repeating: "y", count: 4095) + "… (93 KB more)\n", status: 1),
    Body(19, "local n = 0 local _ = 1 // n", "attempt to divide by zero"),
    Body(20, "while true do end", "work limit of 50,000,000 reached (--fuel)", status: 1),
    Body(31, "expect('a\\xffb\\xe9'):equals('c')", "expected \"c\", got \"a\\xffb\\xe9\"", status: 1),
    Body(31, "error('\\x1b[2J\\xff')", "\\x1b[2J\\xff"),
    Body(32, "expect(#'a\\0b'):equals(3) expect('a\\0b'):equals('ab')", "expected \"ab\", got \"a\\x00b\"", status: 1),
  ]

  @Test(arguments: bodies) func aTestThatIsWrong(_ row: Body) throws {
    let ended = try Self.run(Array(Script.test(row.text).utf8))
    #expect(ended.status == row.status)
    #expect(ended.errors.isEmpty, "\(ended.errors)")
    #expect(ended.output.contains((row.status == 1 ? "  FAIL  " : "  ERROR ") + "a test\n"), "\(ended.output)")
    #expect(ended.output.contains("    a.lua:10: "), "\(ended.output)")
    #expect(ended.output.contains(row.says), "\(ended.output)")
    Self.expectClean(ended)
  }

  // 9: the unit's full name is what is accepted.
  @Test func unitsAreAccepted() throws {
    let ended = try Self.run(Array(Script.test("expect(process:open():create { size = '64 KiB' }.errno):is_nil()").utf8))
    #expect(ended.status == 0, "\(ended.output)")
  }

  // 16, on a line of its own.
  @Test func theLineOfTheCloseIsNamed() throws {
    let ended = try Self.run(Array(Script.test("enclave:close()\n\nenclave:create { size = 1 }").utf8))
    #expect(ended.output.contains("    a.lua:12: this enclave was closed at a.lua:10\n"), "\(ended.output)")
  }

  // 24
  @Test func whatIsPrintedWithoutEndIsCut() throws {
    let ended = try Self.run(Array("it('x', function()\n  for _ = 1, 1e5 do print(string.rep('x', 999)) end\nend)".utf8))
    #expect(ended.status == 1)
    #expect(ended.output.contains("    | output cut after 1 MiB (--output-limit)\n    a.lua:1: printed more than the limit; the rest was cut (--output-limit)\n"))
    #expect(ended.output.utf8.count < 1_200_000)
    #expect(ended.errors.isEmpty)
  }

  // 27
  @Test func aTestWithoutACheck() throws {
    let script = Array("it('x', function() end)".utf8)
    let plain = try Self.run(script)
    #expect(plain.status == 0)
    #expect(plain.output.contains("ok    x (no check was made)\n"))
    #expect(plain.output.contains("0 checks"))
    let strict = try Self.run(script, ["--strict"])
    #expect(strict.status == 1)
    #expect(strict.output.contains("a.lua:1: makes no check (--strict)\n"))
  }

  /// 28, 30, 34: a byte-order mark, line ends of every kind, and a line for the shell change no line number.
  @Test(arguments: [("\u{feff}", 1), ("\r\n\r\n", 3), ("\r\r", 3), ("#!/usr/bin/env sgxbench\n", 2), ("\u{feff}#!x\r\n", 2)])
  func formsThatAreFine(_ beginning: String, line: Int) throws {
    let ended = try Self.run(Array((beginning + "it('x', function() expect(1):equals(2) end)").utf8))
    #expect(ended.status == 1)
    #expect(ended.output.contains("    a.lua:\(line): expected 2, got 1\n"), "\(ended.output)")
  }

  /// The rest: FilesThatAreNoneTests has 37 to 42, BadImageTests 43 to 46, OutputTargetTests 47 to 49, SignalTests 50.
  @Test func noNumberIsForgotten() {
    let here = Set(Self.wholes.map(\.number) + Self.bodies.map(\.number) + [24, 27, 28, 30, 34])
    #expect(here == Set(1...36))
  }
}
