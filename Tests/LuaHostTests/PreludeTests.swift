import Testing
@testable import LuaHost

/// The prelude's world: what it sees, what it can give to scripts, tasks that wait, modules.
@Suite struct PreludeTests {
  @Test func itDefinesWhatScriptsSee() throws {
    let outcome = try runScript(
      "expect(1) print(require('sgx').PAGE_SIZE, PAGE) print(pcall(function() return require('sgx').PAGE_SIXE end))\nexpect(nil)",
      prelude: """
        globals.PAGE = 4
        globals.expect = function(v) if v == nil then fail("expected a value") end end
        modules.sgx = frozen({ PAGE_SIZE = 4096 }, "sgx")
        """)
    #expect(outcome.output == "4096\t4\nfalse\ta.lua:1: sgx has no field 'PAGE_SIXE'; did you mean 'PAGE_SIZE'?\n")
    #expect(outcome.failure?.text == "a.lua:2: expected a value")
    let writing = try runScript("\nrequire('sgx').x = 1", prelude: "modules.sgx = frozen({}, 'sgx')")
    #expect(writing.failure?.text == "a.lua:2: sgx is read-only: 'x' cannot be set")
  }

  @Test func whereAndTryAndLevels() throws {
    let outcome = try runScript(
      "local function test()\n  note()\n  error('bad')\nend\nrun(test) run(function() return 1, 2 end)\nlocal ok, e = pcall(two)\nprint(e)",
      prelude: """
        globals.note = function() local function deeper() return where() end print(deeper()) print(where(2)) end
        globals.run = function(f) print(try(f)) end
        globals.two = function() error("standard level", 1) end
        """)
    #expect(outcome.output == "a.lua\t2\na.lua\t5\nfalse\ta.lua:3: bad\t  a.lua:3: in function of line 1\n  a.lua:5: in main chunk\ta.lua:3\ntrue\t1\t2\nprelude:3: standard level\n")
  }

  @Test func exportsAreCalledWithValues() throws {
    let outcome = try runScript("return { tags = 1 }, 2", prelude: """
      exports.add = function(a, b) return a + b, "sum", nil, {}, true end
      exports.tags = function() return script_result.tags end
      exports.bad = function() error({ code = "E", message = "m" }) end
      """)
    let lua = outcome.interpreter
    #expect(try lua.callPrelude("add", [.integer(1), .number(2.5)]) == [.number(3.5), .string("sum"), .nil, .other("table"), .boolean(true)])
    #expect(try lua.callPrelude("tags") == [.integer(1)])
    #expect(throws: LuaFailure(kind: .runtime, message: Array("E: m".utf8))) { try lua.callPrelude("bad") }
    #expect(throws: LuaFailure.self) { try lua.callPrelude("missing") }
    #expect(try lua.run(source: Array("return 'x', {}".utf8), name: "b.lua") == [.string("x"), .other("table")])
  }

  @Test func bytecodeOfTheSameProcessIsUsed() throws {
    let source = "globals.answer = function() return 42 end -- \(UInt64.random(in: 0 ... .max))"
    for _ in 0..<4 { #expect(try runScript("print(answer())", prelude: source).output == "42\n") }
    let name = "cache-test"
    let bytes = Array(source.utf8)
    for expected in ["unseen", "seen", "compiled", "compiled"] {
      let seen = switch PreludeCache.look(name, bytes) { case .unseen: "unseen"; case .seen: "seen"; case .compiled: "compiled" }
      #expect(seen == expected)
      if seen == "seen" { PreludeCache.keep(name, bytes, [1]) }
    }
  }

  @Test func lazyModulesAreTrusted() throws {
    let outcome = try runScript("print(require('sgx.more').f(), require('sgx.more') == require('sgx.more'))", setUp: { lua in
      lua.register("seven") { call throws(BindingError) in
        call.push(7)
        return .done
      }
      try? lua.addModule(name: "sgx.more", source: Array("return { f = function() return host.seven() end }".utf8))
    })
    #expect(outcome.output == "7\ttrue\n")
  }

  @Test func modulesOfFiles() throws {
    let modules = ["a.b": "loads = (rawget(_G, 'loads') or 0) + 1 return { n = loads }", "none": "", "broken": "x = = 1", "bad": "\nerror('no')"]
    let outcome = try runScript(
      "print(require('a.b').n, require('a.b').n, require('none'), loads) print(pcall(require, 'broken')) print(pcall(require, 'bad')) require('a.c')",
      modules: modules)
    #expect(outcome.output == "1\t1\ttrue\t1\nfalse\tbroken.lua:1: unexpected symbol near '='\nfalse\tbad.lua:2: no\n")
    #expect(outcome.failure?.text == "a.lua:1: no module 'a.c'")
  }

  static let scheduler = """
    globals.wait = function(...) return host.wait(...) end
    globals.spawn = function(f)
      local co, steps = coroutine.create(f), {}
      local answer
      repeat
        local state, value, trace = resume(co, answer)
        steps[#steps + 1] = state .. "=" .. tostring(value)
        answer = value and #steps
      until state == "done" or state == "failed"
      return table.concat(steps, " ")
    end
    """

  private func task(_ script: String) throws -> Outcome {
    try runScript(script, prelude: Self.scheduler, setUp: { $0.register("wait") { call throws(BindingError) in
      try call.push(call.value(1))
      return .yield
    } })
  }

  @Test func aBindingMayWait() throws {
    #expect(try task("print(spawn(function() return wait('a') + wait('b') end))").output == "waiting=a waiting=b done=3\n")
    #expect(try task("print(spawn(function() return select(2, pcall(function() return wait('a') end)) end))").output == "waiting=a done=1\n")
  }

  @Test func aBindingWaitsThroughCoroutinesOfTheScript() throws {
    let script = """
      print(spawn(function()
        local inner = coroutine.wrap(function() local x = wait('w') coroutine.yield('own ' .. x) return wait('v') end)
        local first = inner()
        local co = coroutine.create(function() return wait('u') end)
        local ok, second = coroutine.resume(co)
        return first .. ',' .. inner() .. ',' .. second .. tostring(ok)
      end))
      """
    let outcome = try task(script)
    #expect(outcome.failure == nil)
    #expect(outcome.output == "waiting=w waiting=u waiting=v done=own 1,3,2true\n")
  }

  @Test func waitingWhereNothingCanWait() throws {
    #expect(try task("\nwait(1)").failure?.text.hasPrefix("a.lua:2: this call waits, and nothing here can wait") == true)
    #expect(try task("coroutine.wrap(function() wait(1) end)()").failure?.text.contains("nothing here can wait") == true)
    let sorting = try task("print(spawn(function() table.sort({ 2, 1 }, function() wait(1) end) end))")
    #expect(sorting.output.contains("failed=a.lua:1: this call waits, and nothing here can wait"))
    let hidden = try task("print(spawn(function() table.sort({ 2, 1 }, coroutine.wrap(function() wait(1) end)) end))")
    #expect(hidden.output.contains("nothing here can wait"))
  }

  @Test func anUncaughtErrorInATaskHasATraceback() throws {
    let outcome = try runScript(
      "print(go(function() local function f() error('x') end f() end))",
      prelude: "globals.go = function(f) return resume(coroutine.create(f)) end")
    #expect(outcome.output == "failed\ta.lua:1: x\t  a.lua:1: in local 'f'\n  a.lua:1: in function of line 1\n")
  }
}
