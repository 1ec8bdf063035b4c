import Testing
@testable import LuaHost

/// Many states in one process, and states side by side.
@Suite struct EmbeddingTests {
  @Test func statesOnThreadsDoNotMeet() async {
    let sums = await withTaskGroup(of: String?.self) { group in
      for number in 0..<8 {
        group.addTask {
          try? runScript("x = \(number) for i = 1, 20000 do x = x + 1 end print(x, {})").output
        }
      }
      return await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    #expect(sums == Set((0..<8).map { "\($0 + 20000)\ttable#1\n" }))
  }

  @Test func closingTwiceAndDroppingIsFine() throws {
    for _ in 0..<200 {
      let lua = try Interpreter(output: { _ in })
      lua.register("x") { _ throws(BindingError) in .done }
      lua.close()
      lua.close()
    }
  }

  /// The same script prints the same bytes in every state, though each state has its own hash seed.
  @Test func textIsTheSameInEveryState() throws {
    let script = """
      local t = {} for i = 1, 50 do t['key' .. i * 7919 % 101] = {} end
      for k, v in pairs(t) do print(k, v) end
      print(print, coroutine.create(print), pcall(error, t)) print(pcall(function() return tabel end))
      local s = {} for i = 1, 300 do s[i] = i * 7919 % 17 end table.sort(s, function(a, b) return a % 5 < b % 5 end) print(table.concat(s))
      """
    let outputs = try (0..<20).map { _ in try runScript(script).output }
    #expect(Set(outputs).count == 1)
    #expect(!outputs[0].contains("0x"))
  }

  @Test func theBigStackReturnsValues() {
    #expect(onBigStack { 42 } == 42)
    #expect(onBigStack { deep(200_000) } == 200_000)
  }
}

@inline(never)
private func deep(_ depth: Int) -> Int { depth == 0 ? 0 : 1 + deep(depth - 1) }
