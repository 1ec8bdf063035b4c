import Foundation
import Testing

/// Scripts with odd names and places, and tests with odd names.
@Suite("Folders and names") struct FoldersAndNamesTests {
  private static let passing = "it('a test', function() expect(1):equals(1) end)"

  private func link(_ folder: Scratch, _ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: target)
  }

  /// A folder is linked into itself, so that who followed it would not come back.
  @Test func linksToScriptsAreScripts() throws {
    let folder = try Scratch()
    try folder.write(Self.passing, to: "elsewhere/a.lua")
    try folder.write(Self.passing, to: "s/b.lua")
    try link(folder, "s/linked.lua", to: "../elsewhere/a.lua")
    try link(folder, "s/again", to: ".")
    try link(folder, "s/folder.lua", to: "../elsewhere")
    let ended = try Sgxbench.run(["run", "s", "--list"], in: folder.path)
    #expect(ended.output == "s/b.lua:1: a test\ns/linked.lua:1: a test\n2 tests\n")
    try link(folder, "s/gone.lua", to: "nowhere.lua")
    let broken = try Sgxbench.run(["run", "s"], in: folder.path)
    #expect(broken.status == 2)
    #expect(broken.errors.hasPrefix("sgxbench: cannot open s/gone.lua: No such file or directory\nhint: it is a link that leads nowhere\n"))
    #expect(broken.output.contains("3 files: 2 passed, 0 failed, 1 in error"))
  }

  /// Paths are text here. A file that this leaves out must not be left out without a word.
  @Test func namesThatAreNotUTF8() throws {
    let folder = try Scratch()
    try folder.write(Self.passing, to: "s/b.lua")
    let make = #"printf '%s' "it('x', function() end)" > s/$'\xff'.lua; exec "$@""#
    let ended = try Sgxbench.run(["run", "s"], in: folder.path, shell: make)
    #expect(ended.status == 2)
    #expect(ended.errors == "sgxbench: s/\\xff.lua: the name is not UTF-8; rename it\n")
    let named = try Sgxbench.run([], in: folder.path, shell: #"exec "$1" run s/$'\xff'.lua"#)
    #expect(named.status == 2)
    #expect(named.errors.contains("hint: the name is not UTF-8; rename the file\n"))
  }

  @Test func aListStaysALine() throws {
    let folder = try Scratch()
    try folder.write(Self.passing, to: "s/a\nb.lua")
    #expect(try Sgxbench.run(["run", "s", "--list"], in: folder.path).output == "s/a\\x0ab.lua:1: a test\n1 test\n")
  }

  @Test func aListLooksAtTheOptionsOfScripts() throws {
    let folder = try Scratch()
    try folder.write(Self.passing + " return { options = { pages = { default = 8, help = 'p' } } }", to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua", "--list", "--", "--pags", "3"], in: folder.path)
    #expect(ended.status == 64)
    #expect(ended.errors == "sgxbench: no script has an option --pags; there are --pages\n")
    #expect(try Sgxbench.run(["run", "a.lua", "--list", "--", "--pages", "3"], in: folder.path).status == 0)
    let help = try Sgxbench.run(["run", "--driver", "6.1", "--strict", "a.lua", "--help"], in: folder.path)
    #expect(help.output.hasPrefix("a.lua\nusage: sgxbench run a.lua -- [options]\n"), "a value is no script: \(help.errors)")
  }

  // A name stands in every line about its test. Without a bound, a hundred bytes of script made reports of gigabytes.

  @Test(arguments: [
    "local function nest(n) if n == 0 then it('x', function() end) else describe('d', function() nest(n - 1) end) end end nest(5000)",
    "describe(('x'):rep(500), function() it(('y'):rep(499), function() end) end)", "it(('x'):rep(1001), function() end)",
    "pending(('x'):rep(1001))",
  ])
  func namesAreBounded(_ script: String) throws {
    let ended = try Sgxbench.run(script: script)
    #expect(ended.status == 2)
    #expect(ended.errors.contains("a.lua:1: ") && ended.errors.contains(": the name has more than 1,000 bytes, describes included\n"), "\(ended.errors)")
  }

  @Test func aNameMayHaveAThousandBytes() throws {
    #expect(try Sgxbench.run(script: "describe(('x'):rep(500), function() it(('y'):rep(498), function() expect(1):equals(1) end) end)").status == 0)
  }

  /// It would begin another describe in every report.
  @Test(arguments: ["it", "describe", "pending"]) func namesHaveNoNUL(_ word: String) throws {
    let ended = try Sgxbench.run(script: word == "pending" ? "pending('a\\0b')" : "\(word)('a\\0b', function() end)")
    #expect(ended.status == 2)
    #expect(ended.errors == "sgxbench: a.lua:1: \(word): the name has a NUL byte in it\n")
  }

  @Test func namesThatTurnTheirLineAreShownAsWhatTheyAre() throws {
    let ended = try Sgxbench.run(script: "it('a \\u{202e}b\\u{2066}', function() print('\\u{202d}') expect(1):equals(1) end)")
    #expect(ended.output.contains("  ok    a \\u{202e}b\\u{2066}\n    | \\u{202d}\n"))
  }

  @Test func resultsOfOneNameAreToldApartInJUnit() throws {
    let folder = try Scratch()
    let test = "it('t', function() expect(1):equals(1) end) "
    try folder.write(test + test + "it('t [2]', function() expect(1):equals(1) end)", to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua", "a.lua", "--format", "junit"], in: folder.path)
    let names = ended.output.matches(of: #/<testcase classname="a" name="([^"]*)"/#).map { String($0.1) }
    #expect(names == ["t", "t [2]", "t [2] [2]", "t [3]", "t [4]", "t [2] [3]"])
  }

  @Test func aScriptThatIsNamedTwiceHasTwoRowsInTheMatrix() throws {
    let folder = try Scratch()
    try folder.write(Self.passing, to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua", "a.lua", "--driver", "5.11,6.1", "--format", "html"], in: folder.path)
    #expect(ended.output.matches(of: #/<th scope="row">a.lua: a test/#).count == 2)
    #expect(ended.output.contains("4 results in 1 file: 4 passed"))
  }

  /// The reports of many tests of one name take time in proportion to their number, which the time limit of a script does not bound.
  @Test(arguments: ["pretty", "html", "junit", "ktap"]) func manyTestsOfOneName(_ format: String) throws {
    let folder = try Scratch()
    try folder.write("for n = 1, 12000 do it('t', function() expect(1):equals(1) end) end", to: "a.lua")
    let ended = try Sgxbench.run(
      ["run", "a.lua", "--driver", "5.11,6.1", "--format", "\(format):r", "--format", "tap:t"], in: folder.path, seconds: 20)
    #expect(ended.status == 0, "\(ended.wasSignalled)")
    if format == "html" {
      #expect(try String(contentsOfFile: folder.path + "/r", encoding: .utf8).contains("10000 more tests are left out of this table"))
    }
  }

  /// Checks in a loop over the pages of an enclave: the first ones are told, the rest is counted, and what comes behind them is not lost.
  @Test func checksThatFailInALoop() throws {
    let ended = try Sgxbench.run(script: "it('loop', function() for n = 1, 20000 do expect(n):equals(0) end error('the end') end)")
    #expect(ended.status == 2)
    #expect(ended.output.contains("a.lua:1: expected 0, got 1000 (0x3e8)\n"))
    #expect(!ended.output.contains("got 1001"))
    #expect(ended.output.contains("a.lua:1: 19000 more checks failed\n"))
    #expect(ended.output.contains("a.lua:1: the end\n"))
    #expect(ended.output.contains("; 20000 checks"))
  }

  @Test func emptyLinesOfAScriptAreShown() throws {
    let ended = try Sgxbench.run(script: "it('t', function() print('a\\n\\nb') print() print('c') expect(1):equals(1) end)")
    #expect(ended.output.contains("    | a\n    |\n    | b\n    |\n    | c\n1 file"))
  }
}
