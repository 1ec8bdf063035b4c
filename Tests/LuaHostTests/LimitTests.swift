import Foundation
import Testing
@testable import LuaHost

/// Limits: what stops a script, from inside and outside, and that a state can go on afterwards.
@Suite struct LimitTests {
  @Test func limitsCanBeSetAndAreNamed() throws {
    var limits = Limits()
    limits.fuel = 12_345
    limits.memory = 1536 << 10
    limits.coroutines = 3
    #expect(try runScript("while true do end", limits: limits).failure?.text == "a.lua:1: work limit of 12,345 reached (--fuel)")
    limits.fuel = 1_000_000
    #expect(try runScript("local t = {} for i = 1, 1e6 do t[i] = {} end", limits: limits).failure?.text
      == "a.lua:1: script memory limit of 1,536 KiB reached (--memory)")
    #expect(try runScript("local t = {} for i = 1, 4 do t[i] = coroutine.create(print) end", limits: limits).failure?.text
      == "a.lua:1: more than 3 coroutines alive")
    #expect(try runScript("for i = 1, 40 do coroutine.create(print) end", limits: limits).failure == nil)
  }

  /// Lua looks at every call below an error that is caught, which fuel has to know of.
  @Test func errorsCaughtDeepDownCostMore() throws {
    func spent(depth: Int) throws -> Int64 {
      let script = "local function deep(n) if n > 0 then local r = deep(n - 1) return r end for i = 1, 1000 do pcall(error) end end deep(\(depth))"
      let outcome = try runScript(script)
      #expect(outcome.failure == nil)
      return Limits().fuel - outcome.interpreter.fuelLeft
    }
    let (shallow, deep) = (try spent(depth: 10), try spent(depth: 15_000))
    #expect(deep > shallow + 1000 * 15_000 / 4)
  }

  @Test func oneBlockIsLimited() throws {
    var limits = Limits()
    limits.block = 64 << 10
    #expect(try runScript("\nlocal s = ('x'):rep(65000) s = s .. s", limits: limits).failure?.text
      == "a.lua:2: script memory limit of 64 KiB for one string or table reached (--block)")
    #expect(try runScript("local t = {} for i = 1, 2000 do t[i] = ('x'):rep(1000) end", limits: limits).failure == nil)
  }

  @Test func fuelIsTheSameEachRun() throws {
    let script = "for i = 1, 1000 do local t = {} t[i] = tostring(i) t.x = ('a'):rep(i):gsub('a', 'b') end"
    let spent = try (0..<3).map { _ in try runScript(script).interpreter.fuelLeft }
    #expect(Set(spent).count == 1)
  }

  @Test func outputIsCutOnce() throws {
    let flood = try runScript("local s = ('x'):rep(1000) for i = 1, 5000 do print(s) end")
    #expect(flood.interpreter.outputWasCut)
    #expect(flood.output.hasSuffix("x\noutput cut after 1 MiB (--output-limit)\n"))
    #expect(flood.output.utf8.count < (1 << 20) + 64)
    let lines = try runScript("for i = 1, 20000 do print(i) end")
    #expect(lines.output.hasSuffix("\n10000\noutput cut after 10,000 lines (--output-limit)\n"))
    let exact = try runScript("for i = 1, 10000 do print(i) end")
    #expect(!exact.interpreter.outputWasCut)
  }

  @Test func aStopFromAnotherThread() throws {
    let stop = StopSwitch()
    var limits = Limits()
    limits.fuel = .max
    let failure = onBigStack { () -> LuaFailure? in
      do throws(LuaFailure) {
        let lua = try Interpreter(limits: limits, stopSwitch: stop, output: { _ in })
        Thread.detachNewThread {
          usleep(20_000)
          stop.request("no end after 60 s (--timeout)")
          stop.requestFromSignalHandler("a second reason")
        }
        try lua.run(source: Array("local function f() while true do end end\nwhile true do pcall(f) end".utf8), name: "a.lua")
        return nil
      } catch { return error }
    }
    #expect(failure?.kind == .stopped)
    #expect(failure?.text == "a.lua:1: no end after 60 s (--timeout)")
    #expect(stop.isRequested)
  }

  @Test func aStateGoesOnWithNewFuel() throws {
    let result = onBigStack { () -> [String] in
      var seen: [String] = []
      func note(_ lua: Interpreter, _ script: String) {
        do throws(LuaFailure) { try lua.run(source: Array(script.utf8), name: "a.lua") } catch { seen.append(error.text) }
      }
      guard let lua = try? Interpreter(output: { seen.append(String(decoding: $0, as: UTF8.self)) }) else { return [] }
      note(lua, "kept = 1 coroutine.wrap(function() while true do end end)()")
      note(lua, "print(1)")
      lua.renew(fuel: 50_000_000)
      note(lua, "print(kept)")
      note(lua, "local t = {} while true do t = { t } end")
      lua.renew(fuel: 1_000_000)
      note(lua, "kept = 2 print(kept)")
      note(lua, "while true do end")
      return seen
    }
    #expect(result == [
      "a.lua:1: work limit of 50,000,000 reached (--fuel)", "a.lua:1: work limit of 50,000,000 reached (--fuel)", "1\n",
      "a.lua:1: script memory limit of 64 MiB reached (--memory)", "2\n", "a.lua:1: work limit of 1,000,000 reached (--fuel)",
    ])
  }

  @Test func everyAllocationMayFail() throws {
    let script = """
      local m = require 'm' local t = { 3, 1, 2 } table.sort(t) for k, v in pairs({ a = 1, b = t, [1] = 2 }) do print(k, v) end
      local o = setmetatable({}, { __index = m }) print(o.x, ('%s %d'):format(o, 1), ('abc'):gsub('b', '%0%0'), pcall(error, 'x'))
      local c = coroutine.wrap(function(a) local b = coroutine.yield(a) return b end) c(1) c(2)
      print(page(1):number(), xpcall(error, function(e) return e end, {}), table.concat(t, ','), ('x'):rep(10))
      print(pcall(function() return prnt end)) swift('text') for w in ('a b'):gmatch('%a') do print(w) end
      """
    func run(_ limits: Limits) -> (failure: LuaFailure?, allocations: Int64, left: Int) {
      onBigStack {
        do throws(LuaFailure) {
          let lua = try Interpreter(limits: limits, output: { _ in }) { name in
            name == "m" ? ModuleSource(name: "m.lua", source: Array("return { x = 1 }".utf8)) : nil
          }
          let type = lua.defineHandleType("page", methods: [("number", { call throws(BindingError) in
            call.push(7)
            return .done
          })])
          lua.register("page") { call throws(BindingError) in
            call.push(Handle(type: type, slot: 0, generation: 0))
            return .done
          }
          lua.register("swift") { call throws(BindingError) in
            try call.push(try call.string(1) + "!")
            return .done
          }
          var failure: LuaFailure?
          do throws(LuaFailure) {
            try lua.loadPrelude(
              name: "sweep-\(limits.failure == nil)", source: Array("globals.page = host.page globals.swift = host.swift".utf8))
            try lua.run(source: Array(script.utf8), name: "a.lua")
          } catch { failure = error }
          let allocations = lua.allocations
          lua.close()
          return (failure, allocations, 0)
        } catch { return (error, 0, 0) }
      }
    }
    let clean = run(Limits())
    try #require(clean.failure == nil)
    try #require(clean.allocations > 300)
    for forEver in [false, true] {
      for number in 1...clean.allocations + 20 {
        var limits = Limits()
        limits.failure = .init(number: number, forEver: forEver)
        if let failure = run(limits).failure { #expect(failure.kind == .memory, "\(number): \(failure.text)") }
      }
    }
  }

  /// The compiler appends each to a list that it walks to its end: a megabyte of them took it 46 s.
  @Test(arguments: [" or ", " and "])
  func compilingLongChainsCosts(joint: String) throws {
    let source = "local a = false return " + Array(repeating: "a", count: 25_000).joined(separator: joint)
    #expect(try runScript(source).failure?.kind == .fuel)
  }
}
