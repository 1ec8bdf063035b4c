import ScenarioLanguage

/// What a unit of fuel buys: a script spends its fuel on one kind of work, and on an empty loop. Fuel is not time, but work that costs next to
/// none would be time without an end (`Docs/LuaHost.md`, What things cost).
enum Fuel {
  static var figures: [Figure] {
    works.map { work in Figure(name: "fuel-" + work.name, goal: .atMost(5)) { take(work.script, rounds: $0) } }
      + modelWorks.map { work in Figure(name: "fuel-model-" + work.name, goal: .atMost(5)) { take(inTest(work.script), rounds: $0) } }
  }

  /// A fifth of the default, so that all rows together take a minute; the ratio is the same.
  private static let fuel: Int64 = 10_000_000

  private static func take(_ script: String, rounds: Int) -> Reading {
    let ratio = Ratio(rounds: min(rounds, 5), limit: { spend("while true do end") }, measured: { spend(script) })
    func text(_ nanoseconds: Double) -> String { (nanoseconds / Double(fuel)).text(digits: 2) + " ns a unit" }
    return .ratio(ratio.cost, measured: text(ratio.measured), limit: "an empty loop, " + text(ratio.limit))
  }

  private static func spend(_ script: String) {
    var options = RunOptions()
    options.setLimits(fuel: fuel, memory: 64 << 20, source: 1 << 20, output: 1 << 20)
    let result = ScenarioRunner(options: options).run(source: Array(script.utf8), name: "fuel.lua")
    let text = result.error?.text ?? result.tests.first?.failures.first?.message ?? "it ended"
    precondition(result.error?.isLimit == true || text.hasPrefix("work limit of "), "the benchmark's script spends its fuel: \(text)")
  }

  private static let manyNames = (1...180).map { "a\($0)" }.joined(separator: ", ")
  private static let sparse = "local t = {" + (0..<63).map { "[1 << \($0)] = 1" }.joined(separator: ", ") + "}\n"

  private static let works: [(name: String, script: String)] = [
    // Operators and statements.
    ("call", "local function f() end while true do f() end"),
    ("table", "while true do local t = {} end"),
    ("closure", "local x while true do local f = function() return x end end"),
    ("closure-wide", "local \(manyNames) while true do local f = function() return \(manyNames) end end"),
    ("nils", "while true do local \(manyNames) end"),
    ("concat", "local i = 0 while true do i = i + 1 local s = 'a' .. i end"),
    ("float-text", "local x = 1.2345e300 while true do local s = x .. '' end"),
    ("remainder", "local x, y = 1e308, 3e-308 while true do local z = x % y end"),
    ("power", "local x, y = 1.0000001, 1e9 while true do local z = x ^ y end"),
    ("length", sparse + "while true do local n = #t end"),
    ("compare", "local a, b = ('x'):rep(1 << 18), ('x'):rep(1 << 18) while true do local same = a == b end"),
    ("less", "local a, b = ('x'):rep(1 << 18), ('x'):rep(1 << 18) while true do local less = a < b end"),
    ("key", "local t = { [('x'):rep(1 << 18)] = 1 } local s = ('x'):rep(1 << 18) while true do local v = t[s] end"),
    ("numeral-add", "local a = ('1'):rep(1 << 18) while true do local x = a + 1 end"),
    ("numeral-for", "local a = ('0'):rep(1 << 18) .. '1' while true do for i = 2, a do end end"),
    ("varargs", "local t = {} for i = 1, 20000 do t[i] = i end local function f(...) while true do local n = select('#', ...) end end f(table.unpack(t))"),
    ("varargs-grown", "local function g(n, ...) if n > 0 then return g(n - 1, \((1...200).map { _ in "0" }.joined(separator: ", ")), ...) end end while true do g(200) end"),
    ("results", "local t = {} for i = 1, 20000 do t[i] = i end local function f(n) if n == 0 then return table.unpack(t) end return 1, f(n - 1) end while true do f(500) end"),
    ("index-chain", "local t = {} for i = 1, 100 do t = setmetatable({}, { __index = t }) end while true do local x = t.k end"),
    ("newindex-chain", "local t = {} for i = 1, 100 do t = setmetatable({}, { __newindex = t }) end while true do t.k = nil end"),
    // Functions.
    ("pcall", "while true do pcall(error) end"),
    ("setmetatable", "local m = { __index = {} } while true do setmetatable({}, m) end"),
    ("tostring", "while true do tostring(1.2345e300) end"),
    ("tonumber", "local a = ('1'):rep(1 << 18) while true do tonumber(a) end"),
    ("next", "local t = {} for i = 1, 20000 do t['k' .. i] = 1 end for i = 1, 20000 do t['k' .. i] = nil end while true do next(t) end"),
    ("pairs", "local t = {} for i = 1, 1000 do t['k' .. (i * 7919 % 1009)] = i end while true do for k in pairs(t) do end end"),
    ("byte", "local s = ('x'):rep(10000) while true do s:byte(1, -1) end"),
    ("find", "local s, p = ('a'):rep(1 << 18), 'b' .. ('a'):rep(255) while true do s:find(p, 1, true) end"),
    ("match", "local s = ('a'):rep(1000) while true do s:match('.-b') end"),
    ("gsub", "local s = ('a'):rep(1000) while true do s:gsub('a', 'bb') end"),
    ("format-quoted", "local s = ('\\0'):rep(1 << 16) while true do string.format('%q', s) end"),
    ("format-digits", "while true do string.format('%99.99f', 1e308) end"),
    ("lower", "local s = ('X'):rep(1 << 18) while true do s:lower() end"),
    ("pack", "local f = ('b'):rep(200) while true do pcall(string.pack, f) end"),
    ("pack-fill", "while true do string.pack('c1000000', '') end"),
    ("packsize", "local f = ('b'):rep(1 << 18) while true do string.packsize(f) end"),
    ("unpack", "local f = ('<'):rep(1 << 18) while true do string.unpack(f, '') end"),
    ("rep", "while true do ('x'):rep(1 << 18) end"),
    ("insert", "local t = {} for i = 1, 2000 do t[i] = i end while true do table.insert(t, 1, 0) t[#t] = nil end"),
    ("table-concat", "local t = {} for i = 1, 1000 do t[i] = 1.5e300 end while true do table.concat(t) end"),
    ("table-move", "local t = {} for i = 1, 10000 do t[i] = i end while true do table.move(t, 1, 10000, 2) end"),
    ("sort", "local t = {} for i = 1, 1000 do t[i] = i * 7919 % 1009 end while true do table.sort(t) end"),
    ("sort-strings", "local t = {} for i = 1, 20 do t[i] = ('x'):rep(1 << 16) .. i end while true do table.sort(t) end"),
    ("fmod", "while true do math.fmod(1e308, 3e-308) end"),
    ("sin", "while true do math.sin(1e300) end"),
    ("ipairs", "local t = {} for i = 1, 1000 do t[i] = i end while true do for _, v in ipairs(t) do end end"),
    ("select", "while true do local a = select(2, 1, 2, 3) end"),
    ("char", "while true do local s = string.char(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) end"),
    ("utf8-char", "while true do local s = utf8.char(300, 301, 302, 303, 304, 305) end"),
    ("sub", "local s = ('x'):rep(1000) while true do local t = s:sub(2, 500) end"),
    ("reverse", "local s = ('x'):rep(1 << 18) while true do s:reverse() end"),
    ("gmatch", "local s = ('ab '):rep(300) while true do for w in s:gmatch('%a+') do end end"),
    ("format-integer", "local f = string.format while true do f('%d %d %d', 1, 2, 3) end"),
    ("format-string", "local f, s = string.format, ('x'):rep(1000) while true do f('%s%s', s, s) end"),
    ("table-unpack", "local t = {} for i = 1, 200 do t[i] = i end while true do table.unpack(t) end"),
    ("table-pack", "while true do table.pack(1, 2, 3, 4, 5, 6, 7, 8) end"),
    ("remove", "local t = {} while true do for i = 1, 100 do t[i] = i end for i = 1, 100 do table.remove(t, 1) end end"),
    ("maximum", "while true do math.max(1, 2, 3, 4, 5, 6, 7, 8) end"),
    ("rawset", "local t = {} while true do rawset(t, 1, 2) rawget(t, 1) rawequal(t, t) rawlen(t) end"),
    ("print", "while true do print('a line of some length', 1.5) end"),
    ("names", "while true do tostring({}) end"),
    ("offset", "local s = ('x'):rep(1 << 18) while true do utf8.offset(s, 200000) end"),
    ("codepoint", "local s = ('x'):rep(250) while true do utf8.codepoint(s, 1, 200) end"),
    ("yield", "local f = coroutine.wrap(function() while true do coroutine.yield(1) end end) while true do f() end"),
    ("codes", "local s = ('\\x80'):rep(1 << 18) local f = utf8.codes(s) while true do pcall(f, s, 1) end"),
    ("utf8-len", "local s = ('x'):rep(1 << 18) while true do utf8.len(s) end"),
    ("coroutine", "while true do coroutine.wrap(function() end)() end"),
    ("suggestion", "for i = 1000, 1900 do _ENV[('x'):rep(30) .. i] = 1 end local n = ('x'):rep(33) .. 'z' while true do pcall(function() return _ENV[n] end) end"),
    ("require", "while true do pcall(require, 'none_such') end"),
  ]
}
