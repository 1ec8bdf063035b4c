import Testing
@testable import LuaHost

/// Inputs of a session: one after another in one state.
@Suite struct EvaluateTests {
  /// What each input came to, as text: its values, `incomplete`, or the failure.
  private func outcomes(of inputs: [(line: Int, text: String)], limits: Limits = Limits()) throws -> [String] {
    try onBigStack {
      Result<[String], LuaFailure> { () throws(LuaFailure) in
        let lua = try makeState(limits)
        return inputs.map { outcome(lua, $0.text, $0.line) }
      }
    }.get()
  }

  private func makeState(_ limits: Limits, _ stop: StopSwitch = StopSwitch()) throws(LuaFailure) -> Interpreter {
    let lua = try Interpreter(limits: limits, stopSwitch: stop, output: { _ in })
    try lua.loadPrelude(
      name: "prelude",
      source: Array("function exports.take(f, is_expression) return is_expression, f() end globals.last = function(...) return ... end".utf8))
    return lua
  }

  private func outcome(_ lua: Interpreter, _ text: String, _ line: Int) -> String {
    do throws(LuaFailure) {
      switch try lua.evaluate(Array(text.utf8), name: "input", firstLine: line, through: "take") {
      case .values(let values): return "\(values.map { value in if case .integer(let number) = value { "\(number)" } else { "\(value)" } })"
      case .incomplete(let failure): return "incomplete: \(failure.text)"
      }
    } catch { return error.text }
  }

  @Test func expressionsAndStatements() throws {
    let found = try outcomes(of: [(1, "1 + 1, 3"), (2, "x = 5"), (3, "x"), (4, ""), (5, "-- nothing"), (6, "return x, 7"), (7, "last()")])
    let expected = [
      #"["boolean(true)", "nil", "2", "3"]"#, #"["boolean(false)"]"#, #"["boolean(true)", "nil", "5"]"#, #"["boolean(false)"]"#,
      #"["boolean(false)"]"#, #"["boolean(false)", "5", "7"]"#, #"["boolean(true)", "nil"]"#,
    ]
    #expect(found == expected)
  }

  @Test func textThatOnlyLacksItsEnd() throws {
    let unfinished = ["1 +", "x =", "f(", "for i = 1, 2 do", "function f()", "s = [[a", "--[[ a", "if x then", "local x", "{"]
    for text in unfinished {
      let found = try outcomes(of: [(1, text + "\n")])
      // A variable without a value is complete.
      #expect(found[0].hasPrefix("incomplete: ") == (text != "local x"), "\(text): \(found)")
    }
    for text in ["'a", ")", "1 2", "end", "x = = 1", "goto nowhere"] {
      let found = try outcomes(of: [(1, text + "\n1")])
      #expect(found[0].hasPrefix("input:"), "\(text): \(found)")
    }
  }

  @Test func linesAreThoseOfTheSession() throws {
    let found = try outcomes(of: [(5000, "\nnothing"), (2_000_000, "last(nothing)"), (40, "<close>"), (41, "\n\u{e9}")])
    #expect(found[0] == "input:5001: unknown name 'nothing'")
    // Also where the call is the last thing that the input does.
    #expect(found[1] == "input:2000000: unknown name 'nothing'")
    #expect(found[2].hasPrefix("input:40: "))
    #expect(found[3].hasPrefix("input:42: "))
  }

  @Test func sourceIsBoundedForEachInput() throws {
    var limits = Limits()
    limits.source = 100
    let long = "x = '" + String(repeating: "a", count: 80) + "'"
    let found = try outcomes(of: (1...20).map { ($0, long) } + [(21, long + long)], limits: limits)
    #expect(found.prefix(20).allSatisfy { $0 == #"["boolean(false)"]"# })
    #expect(found.last == "input:21: 172 bytes is over the limit of 100 bytes (--source-limit)")
  }

  @Test func aStopEndsOneInput() throws {
    let found = try onBigStack {
      Result<[String], LuaFailure> { () throws(LuaFailure) in
        let stop = StopSwitch()
        let lua = try makeState(Limits(), stop)
        stop.request("stopped by Ctrl-C")
        let first = outcome(lua, "1", 1)
        stop.clear()
        lua.renew(fuel: 1_000_000)
        return [first, outcome(lua, "1", 2)]
      }
    }.get()
    #expect(found == ["stopped by Ctrl-C", #"["boolean(true)", "nil", "1"]"#])
  }

  /// Every allocation of an input fails in turn: it ends in the memory limit and the state goes on.
  @Test(arguments: [false, true]) func memoryThatIsNotThere(forEver: Bool) throws {
    let outcomes = try onBigStack {
      Result<[(number: Int64, first: String, second: String?)], LuaFailure> { () throws(LuaFailure) in
        let before = try makeState(Limits()).allocations
        var outcomes: [(Int64, String, String?)] = []
        for number in (before + 1)...(before + 150) {
          var limits = Limits()
          limits.failure = .init(number: number, forEver: forEver)
          // How often the prelude allocates depends on whether its bytecode is known already.
          guard let lua = try? makeState(limits) else { continue }
          let first = outcome(lua, "t = { last('a', 'b'), function() return t end } return #t, ('x'):rep(100)", 3)
          lua.renew(fuel: 1_000_000)
          outcomes.append((number, first, forEver ? nil : outcome(lua, "1", 4)))
        }
        return outcomes
      }
    }.get()
    // One that fails once is tried again by Lua, behind a collection.
    if forEver { #expect(outcomes.contains { $0.first.contains("memory limit") }) }
    #expect(outcomes.count > 20)
    for (number, first, second) in outcomes {
      #expect(first.contains("memory limit") || first.hasPrefix("[\"boolean(false)\", \"2\", "), "\(number): \(first)")
      if let second { #expect(second == #"["boolean(true)", "nil", "1"]"#, "\(number)") }
    }
  }
}
