import Testing
@testable import LuaHost

/// Failures: kinds, positions, texts, tracebacks; and sources that are refused before Lua sees them.
@Suite struct FailureTests {
  private func failure(_ source: String, name: String = "a.lua") throws -> LuaFailure {
    try #require(try runScript(source, name: name).failure)
  }

  @Test(arguments: [
    ("local x = (1\nlocal y", "a.lua:2: ')' expected (to close '(' at line 1) near 'local'", LuaFailure.Kind.syntax),
    ("error('boom')", "a.lua:1: boom", .runtime),
    ("error('boom', 0)", "a.lua:1: boom", .runtime),
    ("local function f() error('boom', 2) end\nf()", "a.lua:2: boom", .runtime),
    ("error()", "a.lua:1: error object is nil", .runtime),
    ("error({})", "a.lua:1: error object is a table value", .runtime),
    ("error({ code = 7, message = 'm' })", "a.lua:1: 7: m", .runtime),
    ("error({ code = 'E' })", "a.lua:1: E", .runtime),
    ("error({ message = 'm' })", "a.lua:1: m", .runtime),
    ("error(12)", "a.lua:1: 12", .runtime),
    ("error(false)", "a.lua:1: error object is a boolean value", .runtime),
    ("local a\na.b.c = 1", "a.lua:2: attempt to index a nil value (local 'a')", .runtime),
    ("return 1 < {}", "a.lua:1: attempt to compare number with table", .runtime),
    ("('x'):rep({})", "a.lua:1: bad argument #1 to 'rep' (number expected, got table)", .runtime),
    ("utf8.len({})", "a.lua:1: bad argument #1 to 'len' (string expected, got table)", .runtime),
    ("while true do end", "a.lua:1: work limit of 50,000,000 reached (--fuel)", .fuel),
    ("local t = {}\nwhile true do\nt = { t } end", "a.lua:3: script memory limit of 64 MiB reached (--memory)", .memory),
    ("local s = 'x'\nwhile true do\ns = s .. s end", "a.lua:3: script memory limit of 8 MiB for one string or table reached (--block)", .memory),
    ("\u{1b}Lua", "a.lua: is Lua bytecode; only source text is run", .source),
    ("#!/usr/bin/lua\n\u{1b}Lua", "a.lua:2: unexpected symbol near '<\\27>'", .syntax),
    ("local é = 1", "a.lua:1: names may use only A-Z a-z 0-9 _ (found 'é')", .source),
    ("--[[\n\n]] local x <close> = 1", "a.lua:3: '<close>' is not available in scenarios (see docs: sandbox)", .source),
  ])
  func text(source: String, text: String, kind: LuaFailure.Kind) throws {
    let failure = try failure(source)
    #expect(failure.text == text)
    #expect(failure.kind == kind)
  }

  @Test func accepted() throws {
    for source in [
      "\u{feff}print(1)", "#!/usr/bin/env lua\nprint(1)", "\u{feff}#!x\nprint(1)", "local a = 1\r\nprint(a)", "local a = 1\rprint(a)", "",
      "-- é\nprint('é <close>') --[==[ <close> ]==]", "local close = 1 print(1 < close) print(close > 1)", "#",
    ] {
      #expect(try runScript(source).failure == nil, "\(source)")
    }
    #expect(try failure("#!x\n\nerror('x')").line == 3)
    #expect(try failure("\r\n\r\nerror('x')").line == 3)
    #expect(try failure("\r\rerror('x')").line == 3)
  }

  @Test func sixteenBitTextAndSize() throws {
    let wide = Array("\u{feff}print(1)".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    #expect(try runScript(wide).failure?.text == "a.lua: looks like UTF-16; save it as UTF-8")
    #expect(try runScript(Array(wide.dropFirst(2))).failure?.text == "a.lua: looks like UTF-16; save it as UTF-8")
    let large = [UInt8](repeating: 32, count: (1 << 20) * 2 + 1)
    #expect(try runScript(large).failure?.text == "a.lua: 2,097,153 bytes is over the limit of 1 MiB (--source-limit)")
  }

  @Test func longNamesAndMessages() throws {
    let name = "a/" + String(repeating: "long/", count: 30) + "x.lua"
    let failure = try failure("\nerror('boom')", name: name)
    #expect(failure.file == name)
    #expect(failure.text == "\(name):2: boom")
    let long = try self.failure("error(('x'):rep(1003520), 0)")
    #expect(long.message.count < 4200)
    #expect(long.text.hasSuffix("… (976 KB more)"))
    let odd = try self.failure("error('\u{e9}', 0)", name: "a:7: b\n.lua")
    #expect(odd.file == "a:7: b\n.lua")
    #expect(odd.text == "a:7: b\\x0a.lua:1: é")
  }

  @Test func tracebackShowsScriptFramesOnly() throws {
    let outcome = try runScript(
      "local function inner() step(function() error('x') end) end\nfunction outer() inner() return 1 end\nouter()",
      prelude: "globals.step = function(f) f() end")
    #expect(outcome.failure?.traceback == """
        a.lua:1: in function of line 1
        a.lua:1: in upvalue 'inner'
        a.lua:2: in global 'outer'
        a.lua:3: in main chunk
      """)
  }

  @Test func escaping() {
    #expect(escapeForDisplay(Array("a\u{1b}[2J\nb\u{7f}é\u{85}".utf8)) == "a\\x1b[2J\\x0ab\\x7fé\\x85")
    #expect(escapeForDisplay([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82]) == "a\\xff\\xc3(\\xe2\\x82")
    #expect(escapeForDisplay(Array("a\n\tb\r".utf8), keepingLines: true) == "a\n\tb\\x0d")
  }
}
