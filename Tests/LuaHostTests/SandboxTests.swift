import Testing
@testable import LuaHost

/// What scripts get: the language without what would break limits or determinism.
@Suite struct SandboxTests {
  private func output(_ script: String) throws -> String {
    let outcome = try runScript(script)
    #expect(outcome.failure == nil, "\(outcome.failure?.text ?? "")")
    return outcome.output
  }

  private func failure(_ script: String) throws -> String { try runScript(script).failure?.text ?? "no failure" }

  @Test func pairsHasAFixedOrder() throws {
    let script = "local t = { z = 1, a = 2, [true] = 3, [false] = 4, [3] = 5, [1] = 6, [-7] = 7, [2.5] = 8, ab = 9, ['a\\0'] = 0 }\n"
      + "for k, v in pairs(t) do print(k, v) end"
    #expect(try output(script) == "-7\t7\n1\t6\n2.5\t8\n3\t5\na\t2\na\0\t0\nab\t9\nz\t1\nfalse\t4\ntrue\t3\n")
  }

  @Test func pairsAllowsChangesAndSkipsWhatWent() throws {
    #expect(try output("local t = { 1, 2, 3, x = 4 } for k in pairs(t) do print(k) t[3] = nil t.x = nil t.y = 1 end") == "1\n2\n")
    #expect(try output("for k, v in pairs(setmetatable({}, { __pairs = function(t) return ipairs({ 7 }) end })) do print(k, v) end") == "1\t7\n")
    #expect(try output("for k in pairs(setmetatable({}, { __index = {} })) do print(k) end print(next({}), next({ 1 }))") == "nil\ttrue\n")
  }

  @Test func metatablesAreCopiedAndShowTheOriginal() throws {
    let script = """
      local C = {} C.__index = C
      function C.new(v) return setmetatable({ v = v }, C) end
      local a = C.new(1)
      function C:get() return self.v end
      C.__add = function(x, y) return C.new(x.v + y.v) end
      local b = C.new(2)
      print(a:get(), getmetatable(a) == C, (a + b):get(), next(C) == true)
      for k in pairs(C) do print(k) end
      print(next(setmetatable({}, C)), getmetatable('x'), getmetatable(string), getmetatable({}))
      local empty = {} setmetatable({}, empty) print(next(empty))
      """
    #expect(try output(script) == "1\ttrue\t3\ttrue\n__add\n__index\nget\nnew\nnil\tfalse\tfalse\tnil\nnil\n")
  }

  @Test func sortIsStable() throws {
    let script = """
      local t = {} for i = 1, 500 do t[i] = { key = i * 7919 % 10, place = i } end
      table.sort(t, function(a, b) return a.key < b.key end)
      for i = 2, 500 do
        assert(t[i - 1].key < t[i].key or t[i - 1].key == t[i].key and t[i - 1].place < t[i].place)
      end
      local s = { 'b', 'a', 'c' } table.sort(s) print(table.concat(s))
      local n = { 3, 1, 2.5, -1 } table.sort(n, function(a, b) return a > b end) print(table.unpack(n))
      local before = { 3, 1, 2 } pcall(table.sort, before, function() error('x') end) print(table.unpack(before))
      """
    #expect(try output(script) == "abc\n3\t2.5\t1\t-1\n3\t1\t2\n")
    #expect(try failure("table.sort({ 1, 'a' })") == "a.lua:1: attempt to compare string with number")
    #expect(try failure("table.sort({ {}, {} })") == "a.lua:1: attempt to compare two table values")
  }

  @Test func tableFunctions() throws {
    let script = """
      local t = { 1, 2, 3 } table.insert(t, 4) table.insert(t, 1, 0) print(table.concat(t, ','))
      print(table.remove(t), table.remove(t, 1), table.concat(t, ','), table.remove({}))
      print(table.concat(table.move({ 1, 2, 3, 4 }, 1, 3, 2), ','), table.concat(table.move({ 1, 2 }, 1, 2, 1, {}), ','))
      print(table.unpack({ 1, 2, 3 }, 2)) print(table.unpack({}, 1, 2)) print(table.pack(1, nil).n)
      print(('ab'):rep(3, '-'), (''):rep(5), ('x'):rep(-1), ('x'):rep(0))
      """
    #expect(try output(script) == "0,1,2,3,4\n4\t0\t1,2,3\tnil\n1,1,2,3\t1,2\n2\t3\nnil\tnil\n2\nab-ab-ab\t\t\t\n")
  }

  @Test func textOfValues() throws {
    let script = """
      local t, f = {}, function() end
      print(f, t, {}, t, coroutine.create(f), nil, true, 1.5, 2^53 // 1 | 0)
      print(('%s|%5s|%-4s|%d|%q|%%s'):format(t, true, nil, 3, 'a'), setmetatable({}, { __name = 'Thing' }))
      print(setmetatable({}, { __tostring = function() return 'mine' end }), ('%s'):format(setmetatable({}, { __tostring = function() return 'own' end })))
      """
    let expected = "function#1\ttable#1\ttable#2\ttable#1\tthread#1\tnil\ttrue\t1.5\t9007199254740992\n"
      + "table#1| true|nil |3|\"a\"|%s\tThing#1\nmine\town\n"
    #expect(try output(script) == expected)
    #expect(try failure("\n('%d'):format('x')") == "a.lua:2: bad argument #2 to 'format' (number expected, got string)")
  }

  @Test func namesAreSuggested() throws {
    #expect(try failure("prnt(1)") == "a.lua:1: unknown name 'prnt'; did you mean 'print'?")
    #expect(try failure("enclave = 1\nreturn enclav") == "a.lua:2: unknown name 'enclav'; did you mean 'enclave'?")
    #expect(try failure("table.inesrt()") == "a.lua:1: table has no field 'inesrt'; did you mean 'insert'?")
    #expect(try failure("local x = ('a'):uper()") == "a.lua:1: string has no field 'uper'; did you mean 'upper'?")
    #expect(try failure("return xyzzyxyzzy") == "a.lua:1: unknown name 'xyzzyxyzzy'")
  }

  @Test func scriptsHaveTheirOwnGlobals() throws {
    #expect(try output("x = 1 _G.y = 2 print(x, y, _G.x, rawget(_G, 'z'), _VERSION) for k in pairs(_G) do print(k) end")
      == "1\t2\t1\tnil\tLua 5.4\nx\ny\n")
  }

  @Test func protectedCalls() throws {
    let script = """
      print(pcall(error, { code = 1 })) print(select('#', pcall(function() return 1, nil, nil end)))
      print(xpcall(function(...) return ... end, print, 1, 2)) print(xpcall(error, function(m) return m .. '!', 2 end, 'x', 0))
      print(xpcall(error, function(m) error('again', 0) end, 'x'))
      print(pcall(assert, false)) print(pcall(assert, nil, 'm')) print(assert(1, 2))
      print(coroutine.wrap(function() return pcall(function() return coroutine.yield(1) + 1 end) end)())
      local co = coroutine.wrap(function() return xpcall(function() coroutine.yield() error('e', 0) end, function(m) coroutine.yield() return m .. m end) end)
      co() co() print(co())
      """
    let expected = "false\ttable#1\n4\ntrue\t1\t2\nfalse\tx!\t2\nfalse\tagain\nfalse\ta.lua:4: assertion failed\nfalse\tm\n1\t2\n1\nfalse\tee\n"
    #expect(try output(script) == expected)
  }
}
