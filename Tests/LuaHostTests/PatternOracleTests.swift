import Foundation
import Testing
@testable import LuaHost

/// The counted matcher against the system's: one generated script, run by both, must print the same.
@Suite struct PatternOracleTests {
  static let lua = "/usr/bin/lua5.4"

  static let script = #"""
    local state = 12345
    local function draw(n) state = (state * 1103515245 + 12345) % 2147483648 return state // 65536 % n + 1 end
    local pieces = { "a", "b", ".", "%a", "%d", "%s", "%w", "%A", "%.", "[ab]", "[^a]", "[a-c]", "[%d_]", "[]]", "[^]a]",
      "%b()", "%f[%w]", "%f[^a]", "(", ")", "()", "(a)", "%1", "*", "+", "-", "?", "^", "$", "%", "[", "\0", "%%", "%x",
      "%u", "%l", "%p", "%c", "%g", "[a-]", "[-a]", "[%a-z]" }
    local letters = { "a", "b", "c", "(", ")", "1", " ", "_", "]", "-", "\0", "\n", "A", ".", "\200" }
    local function text(from, most)
      local t = {}
      for i = 1, draw(most) - 1 do t[i] = from[draw(#from)] end
      return table.concat(t)
    end
    local function shown(...)
      local t = { ... }
      for i = 1, select("#", ...) do t[i] = tostring(t[i]):gsub("^[^:]*:%d+: ", "", 1) end
      return table.concat(t, "|")
    end
    local checksum = 0
    for i = 1, 20000 do
      local subject, pattern = text(letters, 9), text(pieces, 6)
      local init = draw(12) - 6
      local all = {}
      all[1] = shown(pcall(string.find, subject, pattern, init))
      all[2] = shown(pcall(string.match, subject, pattern, init))
      all[3] = shown(pcall(string.gsub, subject, pattern, "<%0>", draw(5) - 1))
      all[4] = shown(pcall(string.gsub, subject, pattern, { a = "x", b = false, [1] = "y" }))
      all[5] = shown(pcall(string.gsub, subject, pattern, function(a, b) return a end))
      all[6] = shown(pcall(function()
        local found = {}
        for a, b in subject:gmatch(pattern, init) do found[#found + 1] = tostring(a) .. "," .. tostring(b) end
        return table.concat(found, ";")
      end))
      local line = table.concat(all, " # ")
      for j = 1, #line do checksum = (checksum * 31 + line:byte(j)) % 1000000007 end
      if i % 500 == 0 or i <= 300 then print((("%d %q %q %s"):format(i, subject, pattern, line))) end
    end
    print(checksum)
    """#

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: lua)))
  func agreesWithTheSystem() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.lua)
    process.arguments = ["-"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(Data(Self.script.utf8))
    try input.fileHandleForWriting.close()
    let expected = Array(output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)

    var limits = Limits()
    limits.fuel = 2_000_000_000
    let outcome = try runScript(Self.script, limits: limits)
    #expect(outcome.failure == nil)
    let ours = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    let theirs = String(decoding: expected, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(ours.count == theirs.count)
    for (our, their) in zip(ours, theirs) where our != their {
      Issue.record("ours:   \(our)\ntheirs: \(their)")
      break
    }
  }
}
