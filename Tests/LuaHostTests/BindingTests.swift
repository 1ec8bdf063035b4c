import Testing
@testable import LuaHost

/// Calls from Lua into Swift: readers, writers, errors and where they say they are.
@Suite struct BindingTests {
  private func call(_ script: String, _ body: @escaping Binding) throws -> Outcome {
    try runScript(
      script, prelude: "globals.go = function(...) return host.go(...) end", setUp: { $0.register("go", body) })
  }

  @Test func integersGoThereAndBack() throws {
    let outcome = try call("print(go(20, 22), math.type(go(1, 2)), go(4.0, 1))") { call throws(BindingError) in
      call.push(try call.integer(1) + call.integer(2))
      return .done
    }
    #expect(outcome.output == "42\tinteger\t5\n")
  }

  @Test func everyKindGoesThereAndBack() throws {
    let outcome = try call(#"print(go(nil, true, 1, 2.5, "a\0b\255", {}, nil))"#) { call throws(BindingError) in
      for position in 1...call.argumentCount { try call.push(call.value(position)) }
      return .done
    }
    #expect(outcome.output.hasPrefix("nil\ttrue\t1\t2.5\ta\0b"))
    #expect(outcome.output.hasSuffix("\tnil\tnil\n"))
  }

  @Test(arguments: [
    ("go(4096.5)", "argument 1 must be a whole number, got number 4096.5"),
    ("go('64K')", "argument 1 must be a whole number, got string \"64K\""),
    ("go('\\27[2J')", "argument 1 must be a whole number, got string \"\\x1b[2J\""),
    ("go()", "argument 1 must be a whole number, got nothing"),
    ("go(nil)", "argument 1 must be a whole number, got nil"),
    ("go({})", "argument 1 must be a whole number, got a table"),
    ("go(1e30)", "argument 1 must be a whole number, got number 1e+30"),
    ("go(0/0)", "argument 1 must be a whole number, got number"),
    ("go(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17)", "too many arguments: 17, at most 16"),
  ])
  func misuseNamesPositionAndType(script: String, message: String) throws {
    let failure = try #require(
      try call("\n\n" + script) { call throws(BindingError) in
        call.push(try call.integer(1))
        return .done
      }.failure)
    #expect(failure.kind == .runtime)
    #expect(failure.file == "a.lua")
    #expect(failure.line == 3)
    #expect(failure.text.hasPrefix("a.lua:3: \(message)"))
  }

  @Test func anErrorCanBeCaughtAndCostsNothingOfSwift() throws {
    final class Tracked { nonisolated(unsafe) static var alive = 0; init() { Self.alive += 1 }; deinit { Self.alive -= 1 } }
    let outcome = try call("for i = 1, 1000 do assert(not pcall(go)) end print(select(2, pcall(go)))") { _ throws(BindingError) in
      let tracked = Tracked()
      defer { withExtendedLifetime(tracked) {} }
      throw BindingError("EBUSY")
    }
    #expect(outcome.output == "a.lua:1: EBUSY\n")
    #expect(Tracked.alive == 0)
  }

  @Test func aResultOverTheMemoryLimitIsAMemoryFailure() throws {
    var limits = Limits()
    limits.memory = 512 << 10
    let outcome = try runScript(
      "x = host_go()", limits: limits, prelude: "globals.host_go = host.go",
      setUp: { $0.register("go") { call throws(BindingError) in
        try call.push([UInt8](repeating: 1, count: 500 << 10))
        return .done
      } })
    #expect(outcome.failure?.kind == .memory)
    #expect(outcome.failure?.line == 1)
  }

  @Test func aCallMayComeBackIntoLua() throws {
    var lua: Interpreter?
    defer { lua = nil }
    let outcome = try runScript(
      "local co = coroutine.wrap(function() print(go('in')) end) co() print(go('out'))",
      prelude: "globals.go = host.go exports.twice = function(s) return s .. s, {} end",
      setUp: { interpreter in
        lua = interpreter
        interpreter.register("go") { call throws(BindingError) in
          do { for value in try lua!.callPrelude("twice", [.bytes(call.bytes(1))]) { try call.push(value) } } catch {
            throw BindingError("no")
          }
          return .done
        }
      })
    #expect(outcome.failure == nil)
    #expect(outcome.output == "inin\tnil\noutout\tnil\n")
  }

  @Test func theHotPathIsFast() throws {
    let script = "local go = go for i = 1, 200000 do go(i) end"
    let outcome = try runScript(
      script, prelude: "globals.go = host.go",
      setUp: { $0.register("go") { call throws(BindingError) in
        call.push(try call.integer(1) &+ 1)
        return .done
      } })
    #expect(outcome.failure == nil)
    // A call must not use memory that stays: not even a byte each.
    #expect(outcome.interpreter.memoryPeak < 1 << 20)
  }
}
