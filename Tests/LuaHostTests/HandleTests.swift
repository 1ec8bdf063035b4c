import Testing
@testable import LuaHost

/// Handles: identity, types, messages for the common slips, and slots that come back.
@Suite struct HandleTests {
  final class Bench { var pages: HandleTable<Int>? }

  private func run(_ script: String, bench: Bench = Bench()) throws -> Outcome {
    try runScript(
      script,
      prelude: """
        globals.page = host.page
        globals.again = host.again
        types.page.double = function(self) expect_self(self, "page", "double") return self:number() * 2 end
        properties("epc", { free = function(self) return 7 end })
        """,
      setUp: { lua in
        let type = lua.defineHandleType("page", methods: [
          ("number", { call throws(BindingError) in
            guard let number = bench.pages![call.receiver] else { throw BindingError("the page is gone") }
            call.push(number)
            return .done
          }),
          ("close", { call throws(BindingError) in
            bench.pages!.remove(call.receiver)
            return .done
          }),
        ])
        lua.defineMethod(type, "same") { call throws(BindingError) in
          call.push(try call.handle(2, type) == call.receiver)
          return .done
        }
        let epc = lua.defineHandleType("epc")
        bench.pages = HandleTable(type: type)
        lua.register("page") { call throws(BindingError) in
          call.push(bench.pages!.insert(Int(try call.integer(1))))
          return .done
        }
        lua.register("again") { call throws(BindingError) in
          if call.isAbsent(1) { call.push(Handle(type: epc, slot: 0, generation: 0)) } else {
            call.push(try call.handle(1, type))
          }
          return .done
        }
      })
  }

  @Test func methodsOfSwiftAndOfThePrelude() throws {
    #expect(try run("local p = page(21) print(p:number(), p:double(), again().free, p:same(p), p:same(page(1)))").output == "21\t42\t7\ttrue\tfalse\n")
  }

  @Test func oneHandleIsOneValue() throws {
    let outcome = try run("local p = page(1) local t = { [p] = 'x' } print(again(p) == p, t[again(p)], page(1) == p, type(p))")
    #expect(outcome.output == "true\tx\tfalse\tuserdata\n")
  }

  @Test func textHasNoAddress() throws {
    #expect(try run("local p, q = page(1), page(2) print(q, p, q, again())").output == "page#1\tpage#2\tpage#1\tepc#1\n")
  }

  @Test(arguments: [
    ("page(1).number()", "page.number: call it with a colon, as page:number(...)"),
    ("page(1).number({})", "page.number: call it with a colon, as page:number(...)"),
    ("page(1).number(again())", "page.number: call it with a colon, as page:number(...)"),
    ("page(1).double()", "page.double: call it with a colon, as page:double(...)"),
    ("page(1):numbr()", "page has no function 'numbr'; did you mean 'number'?"),
    ("page(1):zzzzz()", "page has no function 'zzzzz'"),
    ("local x = page(1)[{}]", "page has no fields of type table"),
    ("local x = again().fre", "epc has no function or property 'fre'; did you mean 'free'?"),
    ("page(1).x = 1", "page.x cannot be set"),
    ("again(again())", "argument 1 must be a handle of type page, got a handle of type epc"),
    ("setmetatable(page(1), {})", "bad argument #1 to 'setmetatable' (table expected, got page)"),
    ("getmetatable(page(1)).__index = nil", "attempt to index a boolean value"),
    ("local p = page(1) p:close() p:number()", "the page is gone"),
    ("local p = page(1) p:close() page(2) p:number()", "the page is gone"),
  ])
  func slips(script: String, message: String) throws {
    let failure = try #require(try run("\n" + script).failure)
    #expect(failure.text == "a.lua:2: \(message)")
  }

  @Test func collectedHandlesKeepTheirObjects() throws {
    let bench = Bench()
    let outcome = try run("for i = 1, 20000 do page(i) end local keep = page(0) print(keep:number())", bench: bench)
    #expect(outcome.output == "0\n")
    #expect(bench.pages!.count == 20001)
  }

  @Test func aTableKeepsOrderAndGenerations() {
    var table = HandleTable<String>(type: HandleType(number: 0, name: "x"))
    let a = table.insert("a")
    table.insert("b")
    table.remove(a)
    let c = table.insert("c")
    #expect(c.slot == a.slot)
    #expect(table[a] == nil)
    #expect(table.remove(a) == nil)
    #expect(table.inOrderOfCreation.map(\.object) == ["b", "c"])
    table[c] = "d"
    #expect(table[c] == "d")
    #expect(table[Handle(type: HandleType(number: 1, name: "y"), slot: 0, generation: 0)] == nil)
    #expect(table.count == 2)
  }
}
