import Foundation
import ScenarioLanguage
import Testing

@testable import BenchCommands

/// `sgxbench bundle`: one file that does what several did.
@Suite("Bundles") struct BundleTests {
  /// A scenario that requires in every way: by its own lines, inside a test, through another module, from lib, with names that are made.
  private static func scenario(in scratch: Scratch) throws {
    try scratch.write(
      """
      #!/usr/bin/env -S sgxbench run
      local sgx = require "sgx"
      local load = require("helpers.load")
      local made = require("he" .. "lpers.made")

      describe("a scenario in parts", function()
        -- covers: A4
        it("claims what it meets", function()
          local machine, enclave, process = load.created()
          process:sigaction("SIGALRM", { handler = true, restart = false })
          machine:inject { signal = "SIGALRM", at = { site = "signal_poll", nth = 3 } }
          expect(load.pages(process, enclave, 8).count):equals(2 * sgx.PAGE_SIZE)
          expect(made.name):equals("helpers.made")
        end)

        it("requires late", function()
          local late = require 'late'
          expect(late.count):equals(1)
          expect(rawequal(require "late", late)):is_true()
          expect(require("nothing")):is_true()
          expect(require "no"):is_false()
          expect((pcall(require, "broken"))):is_false()
          expect((pcall(require, "broken"))):is_false()
          expect(broken_runs):equals(2)
          expect((select(2, pcall(require, "one")))):contains("module 'one' requires itself, directly or through others")
          expect((select(2, pcall(require, "missing.part")))):contains("no module 'missing.part'")
        end)
      end)

      load.declare()

      return { about = "In parts.", requires = "sgxbench 1", tags = "parts", options = { pages = { default = 8 } } }
      """, to: "s/main.lua")
    try scratch.write(
      """
      local sgx = require "sgx"
      local load = {}
      function load.created()
        local machine = sgx.machine { epc = "256 KiB" }
        local process = machine:process()
        local enclave = process:open()
        ensure(enclave:create { size = 0x10000 }.errno):is_nil()
        return machine, enclave, process
      end
      function load.pages(process, enclave, pages)
        local deep = require [[deep.er]]
        return enclave:add_pages { source = process:map { pages = pages, fill = deep }, offset = 0, pages = pages, secinfo = { permissions = "r" } }
      end
      -- covers: this is a comment of a module, which claims nothing
      function load.declare() it("is declared by a module", function() expect(load.created().epc.total):equals(64) end) end
      return load -- the last line has no end
      """, to: "s/lib/helpers/load.lua")
    try scratch.write("\u{FEFF}# a mark\nlocal name = ...\nreturn { name = name }", to: "s/lib/helpers/made.lua")
    try scratch.write("late_runs = (rawget(_G, 'late_runs') or 0) + 1\nreturn { count = late_runs }", to: "s/late.lua")
    try scratch.write("-- nothing at all", to: "s/nothing.lua")
    try scratch.write("return false;", to: "s/no.lua")
    try scratch.write("broken_runs = (rawget(_G, 'broken_runs') or 0) + 1\nerror('broken')", to: "s/broken.lua")
    try scratch.write("return require 'two'", to: "s/one.lua")
    try scratch.write("return require \"one\"", to: "s/two.lua")
    try scratch.write("return 0x90", to: "s/deep/er.lua")
    try scratch.write("error('nobody requires this')", to: "s/unused.lua")
  }

  /// What can be compared of two runs: everything but lines and the script's name.
  private static func results(of bytes: [UInt8], in scratch: Scratch, beside script: String) -> [String] {
    let result = ScenarioRunner(options: RunOptions()).run(
      source: bytes, name: "x.lua", module: { ScriptFile.module($0, besides: scratch.path + "/" + script, limit: 1 << 20) })
    return ["\(result.error?.text ?? "no error")"]
      + result.tests.map { "\($0.path) \($0.status) \($0.checks) \($0.visits) \($0.claims) \($0.covered) \($0.failures.map(\.message))" }
  }

  @Test func aBundleDoesWhatItsPartsDo() throws {
    let scratch = try Scratch()
    try Self.scenario(in: scratch)
    let ended = try Sgxbench.run(["bundle", "s/main.lua", "-o", "alone/bundle.lua"], in: scratch.path)
    #expect(ended.status == 74, "there is no such folder yet")
    try scratch.write("", to: "alone/x")
    let made = try Sgxbench.run(["bundle", "s/main.lua", "-o", "alone/bundle.lua"], in: scratch.path)
    #expect(made.status == 0)
    #expect(made.output.isEmpty)
    #expect(
      made.errors == """
        sgxbench: s/main.lua: no module 'missing.part' is found; the bundle goes without
        sgxbench: s/main.lua:4: which module is required here cannot be read; it is packed only if the script required it while it was read

        """)
    let bundle = try Array(Data(contentsOf: URL(fileURLWithPath: scratch.path + "/alone/bundle.lua")))
    let original = try Array(Data(contentsOf: URL(fileURLWithPath: scratch.path + "/s/main.lua")))
    let expected = Self.results(of: original, in: scratch, beside: "s/main.lua")
    #expect(Self.results(of: bundle, in: scratch, beside: "alone/bundle.lua") == expected)
    #expect(expected.count == 4)
    #expect(expected.allSatisfy { $0 == "no error" || $0.contains(" passed ") }, "\(expected)")
    #expect(expected.contains { $0.contains("[\"A4\"] [\"A4\"]") })
    let declared = ScenarioRunner(options: RunOptions()).declarations(source: bundle, name: "x.lua")
    #expect(declared.about == "In parts.")
    #expect(declared.options.map(\.name) == ["pages"])
    #expect(declared.tests.map(\.tags) == [["parts"], ["parts"], ["parts"]])
    // By the program, from elsewhere.
    #expect(try Sgxbench.run(["run", "bundle.lua"], in: scratch.path + "/alone").status == 0)
  }

  @Test func theHeaderSaysWhatItWasMadeOf() throws {
    let scratch = try Scratch()
    try Self.scenario(in: scratch)
    let one = try Sgxbench.run(["bundle", "s/main.lua"], in: scratch.path)
    let other = try Sgxbench.run(["bundle", "main.lua"], in: scratch.path + "/s")
    #expect(one.status == 0)
    #expect(one.bytes == other.bytes, "the same bytes from anywhere")
    #expect(!one.output.contains(scratch.path))
    let lines = one.output.components(separatedBy: "\n")
    #expect(lines[0] == "#!/usr/bin/env -S sgxbench run")
    #expect(!lines.dropFirst().contains { $0.hasPrefix("#") })
    let parts = lines.filter { $0.hasPrefix("-- scenario  ") || $0.hasPrefix("-- module    ") }
    let names = parts.map { $0.split(separator: " ").last.map(String.init) ?? "" }
    #expect(names == ["main.lua", "broken", "deep.er", "helpers.load", "helpers.made", "late", "no", "nothing", "one", "two"])
    #expect(one.output.components(separatedBy: "--~covers: this is a comment").count == 2)
    let files = ["helpers.load": "lib/helpers/load", "helpers.made": "lib/helpers/made", "deep.er": "deep/er", "main.lua": "main"]
    for (part, name) in zip(parts, names) {
      let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/s/\(files[name] ?? name).lua")))
      let words = part.split(separator: " ").map(String.init)
      #expect(words[2] == WrittenFiles.digest(of: bytes))
      // The line that is named is the first of the part; one that begins with # is empty.
      let first = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n")[0].drop { $0 == "\u{FEFF}" }
      #expect(lines[try #require(Int(words[3])) - 1] == (first.hasPrefix("#") ? "" : first), "\(name)")
    }
    // The columns stand below their names.
    #expect(lines[2].range(of: "begins at line")?.lowerBound.utf16Offset(in: lines[2]) == parts[0].range(of: parts[0].split(separator: " ")[3])?.lowerBound.utf16Offset(in: parts[0]))
  }

  @Test(arguments: Repository.scenarios) func aScenarioWithoutModulesStaysWhatItIs(_ script: String) throws {
    let parts = try BundleParts(file: Repository.root + "/" + script, options: RunOptions())
    #expect(parts.modules.isEmpty)
    #expect(parts.warnings == [])
    let bytes = try BundleText(script: parts.script, modules: []).bytes()
    #expect(bytes.count > parts.script.text.count)
    #expect(bytes.suffix(parts.script.text.count).elementsEqual(parts.script.text))
  }

  @Test func imagesAreNotPackedAndSomebodyIsTold() throws {
    let scratch = try Scratch()
    let digest = String(repeating: "0", count: 64)
    try scratch.write(
      """
      local sgx = require "sgx"
      -- sgx.image "comment"
      local text = 'sgx.image "text"'
      it("x", function()
        sgx.image "loose"
        sgx.image("beside", { sha256 = "\(digest)" })
        sgx.image("pinned")
        sgx.image('other', { })
      end)
      return { images = { pinned = { sha256 = "\(digest)" } } }
      """, to: "a.lua")
    let ended = try Sgxbench.run(["bundle", "a.lua"], in: scratch.path)
    #expect(ended.status == 0)
    let advice = { (name: String) in "is not pinned: return { images = { [\"\(name)\"] = { sha256 = \"…\" } } }\n" }
    #expect(ended.errors == "sgxbench: a.lua:5: image 'loose' \(advice("loose"))sgxbench: a.lua:8: image 'other' \(advice("other"))")
  }

  @Test func whatCannotBeBundled() throws {
    let scratch = try Scratch()
    try Self.scenario(in: scratch)
    func refused(_ arguments: [String], _ says: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let ended = try Sgxbench.run(["bundle"] + arguments, in: scratch.path)
      #expect(ended.status == 2, sourceLocation: sourceLocation)
      #expect(ended.output.isEmpty, sourceLocation: sourceLocation)
      #expect(ended.errors.contains(says), "\(ended.errors)", sourceLocation: sourceLocation)
    }
    try refused(["missing.lua"], "sgxbench: cannot open missing.lua: No such file or directory\n")
    try refused(["s"], "sgxbench: s is a directory")
    try refused(["s/unused.lua"], "sgxbench: s/unused.lua:1: nobody requires this\n")
    // Writing over a part would lose it.
    try refused(["s/main.lua", "-o", "s/main.lua"], "s/main.lua is a part of the bundle itself")
    try refused(["s/main.lua", "-o", "s/lib/../late.lua"], "s/lib/../late.lua is a part of the bundle itself")
    #expect(try String(contentsOfFile: scratch.path + "/s/late.lua", encoding: .utf8).hasPrefix("late_runs"))
    try scratch.write("it('x', function() require 'syntax' end)", to: "b.lua")
    try scratch.write("this is no Lua", to: "syntax.lua")
    try refused(["b.lua"], "sgxbench: module 'syntax' cannot be read: syntax.lua:1: ")
    // Between the lines of a bundle these would be Lua, and other modules than they are.
    for text in ["end, ['more'] = function(...)", "end } end); print 'out' ; (function() return {[1] = function()", "--[["] {
      try scratch.write(text, to: "syntax.lua")
      try refused(["b.lua"], "sgxbench: module 'syntax' cannot be read: syntax.lua:1: ")
    }
    try scratch.write("it('x', function() require 'claims' end)", to: "c.lua")
    try scratch.write("return [[\n-- covers: A17\n]]", to: "claims.lua")
    try refused(["c.lua"], "sgxbench: module 'claims', line 1: a text with a line that begins with '-- covers:'")
    #expect(try Sgxbench.run(["bundle"], in: scratch.path).status == 64)
    #expect(try Sgxbench.run(["bundle", "s/main.lua"], in: scratch.path, shell: #"exec "$@" >/dev/full 2>/dev/null"#).status == 74)
    #expect(try Sgxbench.run(["bundle", "s/main.lua", "-o", "/dev/full"], in: scratch.path).status == 74)
  }

  /// A script may begin with a parenthesis, which must not become a call of what stands before it.
  @Test func aScriptThatBeginsWithAParenthesis() throws {
    let scratch = try Scratch()
    try scratch.write("(function() it('x', function() expect(require 'm'):equals(7) end) end)()", to: "a.lua")
    try scratch.write("return 7", to: "m.lua")
    try scratch.write("", to: "alone/x")
    #expect(try Sgxbench.run(["bundle", "a.lua", "--output", "alone/b.lua"], in: scratch.path).status == 0)
    #expect(try Sgxbench.run(["run", "alone/b.lua"], in: scratch.path).status == 0)
  }

  // Reading

  private static func modules(_ text: String) -> ([String], [Int]) {
    let reading = ScriptReading(Array(text.utf8))
    return (reading.modules, reading.unclearLines)
  }

  @Test func whatARequireIs() {
    #expect(Self.modules("require 'a' require \"b\" require('c') require [[d]] require [==[\ne]==] pcall(require, 'f') x = 1 .. require 'g'") == (["a", "b", "c", "d", "e", "f", "g"], []))
    #expect(Self.modules("-- require 'a'\n--[[ require 'b'\n]] s = 'require \"c\"' t = [[require 'd']] required 'e' unrequire 'f'") == ([], []))
    #expect(Self.modules("require(x)\nrequire('a' .. b)\r\n_G.require 'c'\n\rlocal r = require\nrequire 'a\\x62'") == ([], [1, 2, 3, 4, 5]))
    #expect(Self.modules("'\\\nrequire \"no\"' require 'a'\n'\\z  \n  \\'' require 'b' \"unfinished\nrequire 'c'") == (["a", "b", "c"], []))
    #expect(Self.modules("") == ([], []))
    #expect(Self.modules("x[require 'a'] = #require 'b' require") == (["a", "b"], [1]))
  }

  @Test func linesAreCountedAsLuaDoes() {
    #expect(ScriptPart.lineEnds(in: Array("a\nb\r\nc\rd\n\re\n\nf".utf8)) == 6)
    let words = Array(LuaWords(Array("a\nb\r\nc\rd\n\re\n\nf".utf8)))
    #expect(words.map(\.line) == [1, 2, 3, 4, 5, 7])
  }
}
