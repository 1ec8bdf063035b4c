import Foundation
import ScenarioLanguage
import Testing

@testable import BenchCommands

/// `sgxbench new`, `check` and `init`: scenarios begun, read and edited.
@Suite("Sharing: new, check, init") struct SharingTests {
  private func text(_ scratch: Scratch, _ name: String) throws -> String { try String(contentsOfFile: "\(scratch.path)/\(name)", encoding: .utf8) }

  // new

  @Test func aNewScenarioRunsPassesAndChecks() throws {
    let scratch = try Scratch()
    let new = try Sgxbench.run(["new", "first.lua"], in: scratch.path)
    #expect(new.status == 0)
    #expect(new.output == "wrote first.lua; run it with: sgxbench run first.lua\n")
    let source = try text(scratch, "first.lua")
    for word in ["describe(", "it(", "sgx.machine", "add_pages", "inject", "expect(", "ensure(", "about =", "requires = \"sgxbench 2\""] {
      #expect(source.contains(word), "\(word)")
    }
    let result = ScenarioRunner(options: RunOptions()).run(source: Array(source.utf8), name: "first.lua")
    #expect(result.error == nil)
    #expect(result.tests.count == 2)
    #expect(result.tests.allSatisfy { $0.status == .passed && $0.checks >= 5 })
    let everywhere = try Sgxbench.run(["run", "first.lua", "--driver", "all"], in: scratch.path)
    #expect(everywhere.status == 0, "\(everywhere.output)")
  }

  @Test func aFileThatIsThereStays() throws {
    let scratch = try Scratch()
    try scratch.write("mine", to: "first.lua")
    let refused = try Sgxbench.run(["new", "first.lua"], in: scratch.path)
    #expect(refused.status == 2)
    #expect(refused.errors == "sgxbench: first.lua is there already; --force replaces it\n")
    #expect(try text(scratch, "first.lua") == "mine")
    #expect(try Sgxbench.run(["new", "first.lua", "--force"], in: scratch.path).status == 0)
    #expect(try text(scratch, "first.lua").hasPrefix("-- A scenario to begin with."))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["first.lua"])
  }

  @Test func newWhereNothingCanBeWritten() throws {
    let scratch = try Scratch()
    try scratch.write("", to: "folder/x")
    let folder = try Sgxbench.run(["new", "folder"], in: scratch.path)
    #expect(folder.status == 2)
    #expect(folder.errors == "sgxbench: folder is a directory\n")
    let missing = try Sgxbench.run(["new", "missing/first.lua"], in: scratch.path)
    #expect(missing.status == 74)
    #expect(missing.errors == "sgxbench: cannot write missing/first.lua: No such file or directory\n")
    #expect(try Sgxbench.run(["new"], in: scratch.path).status == 64)
    #expect(try Sgxbench.run(["new", "b.lua"], in: scratch.path, shell: #"exec "$@" >/dev/full"#).status == 74)
  }

  // check

  @Test func checkListsWithoutRunning() throws {
    let scratch = try Scratch()
    try scratch.write(
      """
      before_each(function() error("a hook ran") end)
      describe("group", function()
        print("read")
        it("one", { tags = { "slow" } }, function() error("a test ran") end)
        pending("two")
      end)
      return { about = "Nothing runs.", requires = "sgxbench 1" }
      """, to: "s/a.lua")
    try scratch.write("return 1", to: "s/lib/helper.lua")
    try scratch.write("local h = require 'helper' it('three', function() expect(h):equals(1) end)", to: "s/b.lua")
    let ended = try Sgxbench.run(["check", "s"], in: scratch.path)
    #expect(ended.status == 0)
    #expect(ended.errors.isEmpty)
    #expect(ended.output == "s/a.lua: Nothing runs.\n  s/a.lua:4: group, one [slow]\n  s/a.lua:5: group, two (pending)\ns/b.lua\n  s/b.lua:1: three\n3 tests in 2 files\n")
  }

  private static let wrong: [(script: String, says: String)] = [
    ("it('x', function()", "a.lua:1: 'end' expected near <eof>"),
    ("x = y.z", "a.lua:1: unknown name 'y'"),
    ("return 1", "a.lua: has no test; write describe and it"),
    ("it('x', function() end)\nreturn { requires = 'sgxbench 3', words = {} }", "a.lua: the returned table: it requires sgxbench 3, and this bench has the words of sgxbench 2"),
    ("it('x', function() end)\nreturn { requires = 'sgxbench 1.1' }", "a.lua: the returned table: field 'requires' must be \"sgxbench 2\", or another number, got \"sgxbench 1.1\""),
    ("it('x', function() end)\nreturn { requires = 2 }", "a.lua: the returned table: field 'requires' must be a string"),
    ("it('x', function() end)\nreturn { options = { 5 } }", "a.lua: the returned table: an option's name is made of a to z, 0 to 9, '_' and '-', got 1"),
    ("it('x', function() end)\nreturn { images = { ['../app'] = {} } }", "a.lua: the returned table: the name of an image is made of"),
    ("it('x', function() end)\nreturn { image = {} }", "a.lua: the returned table: unknown field 'image'; did you mean 'images'?"),
    ("it('x', function() end)\nreturn { images = { app = { sha256 = 'ab' } } }", "a.lua: the returned table: image 'app': field 'sha256'"),
    ("it('x', function() end)\nreturn { images = { app = {} } }", "a.lua: the returned table: image 'app': field 'sha256' must be a string"),
    ("local sgx = require 'sgx'\nit('x', function() end)\nsgx.image 'app'", "a.lua:3: "),
    ("-- covers: A999\nit('x', function() end)", "a.lua:1: no injection point and no demand is called 'A999'"),
    ("require 'missing'\nit('x', function() end)", "a.lua:1: no module 'missing'"),
    ("it('x', { tag = 'slow' }, function() end)", "a.lua:1: it: unknown field 'tag'; did you mean 'tags'?"),
  ]

  @Test(arguments: wrong) func checkSaysWhatIsWrong(_ script: String, says: String) throws {
    let scratch = try Scratch()
    try scratch.write(script, to: "a.lua")
    try scratch.write("it('fine', function() end)", to: "b.lua")
    let ended = try Sgxbench.run(["check", "a.lua", "b.lua"], in: scratch.path)
    #expect(ended.status == 2)
    #expect(ended.errors.hasPrefix("sgxbench: \(says)"), "\(ended.errors)")
    #expect(ended.output == "b.lua\n  b.lua:1: fine\n1 test in 1 file\n")
  }

  /// A script of a newer version fails at its first new word, and learns what it lacks all the same; so does one that is no Lua of ours.
  @Test(arguments: ["sgx.teleport()", "whatever()", "local x <warm> = 1"]) func aNewerScriptThatFailsEarly(_ line: String) throws {
    let scratch = try Scratch()
    func errors(_ version: String, _ arguments: [String]) throws -> String {
      try scratch.write("local sgx = require 'sgx'\n\(line)\nit('x', function() end)\nreturn { requires = '\(version)' }", to: "a.lua")
      let ended = try Sgxbench.run(arguments + ["a.lua"], in: scratch.path)
      #expect(ended.status == 2)
      return ended.errors
    }
    for arguments in [["check"], ["run"], ["run", "--help"]] {
      let hint = "\nhint: the script requires sgxbench 12, and this bench has the words of sgxbench 2: it takes a newer bench\n"
      #expect(try errors("sgxbench 12", arguments).hasSuffix(hint))
      for version in ["sgxbench 1", "sgxbench 2", "sgxbench 012", "sgxbench x", "sgxbench ", "sgxbench 1234567890"] {
        #expect(try !errors(version, arguments).contains("hint"), "\(version)")
      }
    }
  }

  /// Of several mistakes in one table the same is told in every process, though the table's order in memory differs.
  @Test(arguments: [
    ("return { options = { c = 1, a = 2, b = 3, d = 4 } }", "the returned table: option 'a': expected a table of fields, got number"),
    ("return { images = { c = 1, a = 2, b = 3, d = 4 } }", "the returned table: image 'a': expected a table of fields, got number"),
    ("require('sgx').machine { behaviours = { reclaims = 1, capsAddPages = 2, hasVersionArrays = 3, rangeCheckWraps = 4 } }",
      "sgx.machine: field 'behaviours': field 'capsAddPages' must be true or false, got 2"),
  ]) func theFirstOfSeveralMistakes(_ line: String, says: String) throws {
    let isInTest = line.hasPrefix("require")
    let script = isInTest ? "it('x', function() \(line) end)" : "it('x', function() end)\n\(line)"
    for _ in 1...8 {
      let ended = try Sgxbench.run(script: script)
      #expect(ended.status == 2)
      #expect(ended.output.contains(says), "\(ended.output)")
    }
  }

  @Test func checkOfWhatIsNoScript() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.path + "/empty", withIntermediateDirectories: true)
    let empty = try Sgxbench.run(["check", "empty"], in: scratch.path)
    #expect(empty.status == 2)
    #expect(empty.errors.contains("empty"))
    #expect(try Sgxbench.run(["check", "missing.lua"], in: scratch.path).status == 2)
    #expect(try Sgxbench.run(["check"], in: scratch.path).status == 64)
    try scratch.write("while true do end", to: "endless.lua")
    let endless = try Sgxbench.run(["check", "endless.lua", "--fuel", "1000"], in: scratch.path)
    #expect(endless.status == 1)
    #expect(endless.errors.hasPrefix("sgxbench: endless.lua:1: work limit of 1,000 reached (--fuel)"), "\(endless.errors)")
    try scratch.write("it('fine', function() end)", to: "b.lua")
    #expect(try Sgxbench.run(["check", "b.lua"], in: scratch.path, shell: #"exec "$@" >/dev/full"#).status == 74)
  }

  @Test func everyScenarioOfTheRepositoryChecks() throws {
    let ended = try Sgxbench.run(["check", "Scripts"])
    #expect(ended.status == 0)
    #expect(ended.errors.isEmpty)
    #expect(ended.output.hasSuffix(" in \(Repository.scenarios.count) files\n"))
  }

  // init

  @Test func initWritesWhatEditorsNeedAndKeepsWhatIsSomebodysOwn() throws {
    let scratch = try Scratch()
    let first = try Sgxbench.run(["init"], in: scratch.path)
    #expect(first.status == 0)
    let files = EditorFiles.all.map(\.path)
    #expect(first.output == files.map { "wrote      \($0)\n" }.joined())
    for file in EditorFiles.all { #expect(try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/\(file.path)")) == Data(file.bytes)) }
    let settings = try JSONSerialization.jsonObject(with: Data(EditorFiles.all[0].bytes)) as? [String: Any]
    #expect(settings?["runtime.version"] as? String == "Lua 5.4")

    #expect(try Sgxbench.run(["init", "."], in: scratch.path).output == files.map { "unchanged  \($0)\n" }.joined())

    // One that was changed stays, and is somebody's own; one that is gone is written again.
    try scratch.write("{}", to: ".luarc.json")
    try FileManager.default.removeItem(atPath: scratch.path + "/.luacheckrc")
    let again = try Sgxbench.run(["init"], in: scratch.path)
    #expect(again.status == 2)
    #expect(again.errors == "sgxbench: .luarc.json is somebody's own; it stays as it is (--force replaces it)\n")
    #expect(again.output.hasPrefix("wrote      .luacheckrc\nunchanged  .sgxbench/meta/base.lua\n"))
    #expect(try text(scratch, ".luarc.json") == "{}")
    #expect(try Sgxbench.run(["init", "--force"], in: scratch.path).status == 0)
    #expect(try text(scratch, ".luarc.json").contains("Lua 5.4"))
  }

  /// What an older sgxbench wrote, and nobody changed, is replaced without a question.
  @Test func initReplacesItsOwnOlderFiles() throws {
    let scratch = try Scratch()
    #expect(try Sgxbench.run(["init"], in: scratch.path).status == 0)
    let older = "-- older\n"
    try scratch.write(older, to: ".luacheckrc")
    var written = try text(scratch, ".sgxbench/written").split(separator: "\n").map(String.init)
    let index = try #require(written.firstIndex { $0.hasSuffix("  .luacheckrc") })
    written[index] = WrittenFiles.digest(of: Array(older.utf8)) + "  .luacheckrc"
    try scratch.write(written.joined(separator: "\n") + "\n", to: ".sgxbench/written")
    let ended = try Sgxbench.run(["init"], in: scratch.path)
    #expect(ended.status == 0)
    #expect(ended.output.contains("wrote      .luacheckrc\n"))
    #expect(try text(scratch, ".luacheckrc").contains("stds.sgxbench"))
  }

  @Test func initWhereItCannot() throws {
    let scratch = try Scratch()
    try scratch.write("", to: "file")
    #expect(try Sgxbench.run(["init", "missing"], in: scratch.path).status == 2)
    let file = try Sgxbench.run(["init", "file"], in: scratch.path)
    #expect(file.status == 2)
    #expect(file.errors == "sgxbench: file is not a directory\n")
    try scratch.write("", to: "taken/.sgxbench")
    let taken = try Sgxbench.run(["init", "taken"], in: scratch.path)
    #expect(taken.status == 74)
    #expect(taken.errors == "sgxbench: cannot make taken/.sgxbench/meta: Not a directory\n")
    #expect(try Sgxbench.run(["init"], in: scratch.path, shell: #"exec "$@" >/dev/full"#).status == 74)
    try scratch.write("", to: "odd/.luarc.json/x")
    let odd = try Sgxbench.run(["init", "odd"], in: scratch.path)
    #expect(odd.status == 2)
    #expect(odd.errors == "sgxbench: odd/.luarc.json is a directory; move it away\n")
  }

  /// A link that leads nowhere, into a folder of settings that is not mounted say, is somebody's own.
  @Test func initKeepsALinkThatLeadsNowhere() throws {
    let scratch = try Scratch()
    try FileManager.default.createSymbolicLink(atPath: scratch.path + "/.luarc.json", withDestinationPath: "nowhere/luarc.json")
    let ended = try Sgxbench.run(["init"], in: scratch.path)
    #expect(ended.status == 2)
    #expect(ended.errors == "sgxbench: .luarc.json is somebody's own; it stays as it is (--force replaces it)\n")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path + "/.luarc.json") == "nowhere/luarc.json")
  }
}
