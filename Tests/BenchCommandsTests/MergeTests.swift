import BenchReport
import Foundation
import Testing

/// Parts of a run, put together again.
@Suite("Merging of reports") struct MergeTests {
  private func parts(_ count: Int, of path: String = "Scripts/tutorial", in folder: Scratch, _ arguments: [String] = []) throws -> [String] {
    try (1...count).map { part in
      let file = "\(folder.path)/\(part).json"
      let ended = try Sgxbench.run(["run", path, "--shard", "\(part)/\(count)", "--format", "json:\(file)"] + arguments)
      #expect([0, 1].contains(ended.status))
      return file
    }
  }

  @Test(arguments: [[], ["--driver", "all"], ["--repeat", "2"]]) func theWholeIsWhatARunInOnePieceSays(_ arguments: [String]) throws {
    let folder = try Scratch()
    let files = try parts(3, in: folder, arguments)
    for format in ["pretty", "json"] {
      let whole = try Sgxbench.run(["run", "Scripts/tutorial", "--format", format] + arguments)
      let merged = try Sgxbench.run(["merge", "--format", format] + files.reversed())
      #expect(merged.status == whole.status)
      #expect(merged.output == whole.output)
    }
  }

  @Test func aPartThatIsMissingMakesItIncomplete() throws {
    let folder = try Scratch()
    let files = try parts(3, in: folder)
    let ended = try Sgxbench.run(["merge", files[0], files[2]])
    #expect(ended.status == 5)
    #expect(ended.output.hasSuffix("INCOMPLETE: part 2 of 3 is missing\n"))
  }

  @Test func whatDoesNotBelongTogetherIsRefused() throws {
    let folder = try Scratch(), other = try Scratch()
    let files = try parts(2, in: folder)
    let others = try parts(2, in: other, ["--seed", "2"])
    func refused(_ files: [String], _ says: String) throws {
      let ended = try Sgxbench.run(["merge"] + files)
      #expect(ended.status == 2)
      #expect(ended.errors.contains(says), "\(ended.errors)")
      #expect(ended.output.isEmpty)
    }
    try refused([files[0], others[1]], "are not parts of one run: their seeds differ")
    try refused([files[0], files[0]], "are both part 1 of 2")
    let text = try String(contentsOfFile: files[1], encoding: .utf8)
    try folder.write(text.replacing(#""tree" : "\#(Bench.tree)""#, with: #""tree" : "0123456789ab""#), to: "tree.json")
    try refused([files[0], folder.path + "/tree.json"], "are not parts of one run: made by sgxbench of the trees 0123456789ab and \(Bench.tree)")
    try folder.write("[]", to: "list.json")
    try folder.write(#"{ "report": "sgxbench run", "version": 2 }"#, to: "later.json")
    try folder.write(#"{ "report": "sgxbench run", "version": 1, "files": 3 }"#, to: "odd.json")
    try refused([folder.path + "/list.json"], "is not a report of sgxbench")
    try refused([folder.path + "/later.json"], "is a report of version 2; this bench reads version 1")
    try refused([folder.path + "/odd.json"], "odd.json is damaged: ")
    try refused([folder.path + "/none.json"], "No such file or directory")
  }

  @Test func partsOfAnotherScriptAreRefused() throws {
    let folder = try Scratch()
    func write(_ name: String) throws { try folder.write("it('\(name)', function() expect(1):equals(1) end) pending('p')", to: "a.lua") }
    func part(_ number: Int) throws {
      _ = try Sgxbench.run(["run", "a.lua", "--shard", "\(number)/2", "--format", "json:\(number).json"], in: folder.path)
    }
    func merged() throws -> Ended { try Sgxbench.run(["merge", "1.json", "2.json"], in: folder.path) }
    try write("one")
    try part(1)
    try part(2)
    #expect(try merged().status == 0)
    try write("another")
    try part(2)
    let changed = try merged()
    #expect(changed.status == 2)
    #expect(changed.errors == "sgxbench: 2.json and 1.json are not parts of one run: a.lua was another script\n")
    try write("one")
    try part(2)
    // A part that was made smaller or larger afterwards.
    let text = try String(contentsOfFile: folder.path + "/1.json", encoding: .utf8)
    let files = try #require(text.range(of: #""files" : \[\n[\s\S]*?\n  \],"#, options: .regularExpression))
    try folder.write(text.replacingCharacters(in: files, with: "\"files\" : [],"), to: "1.json")
    #expect(try merged().errors == "sgxbench: 1.json is damaged: it has 0 of 1 files, and says that it is complete\n")
    try folder.write(text.replacing("\"number\" : 1", with: "\"number\" : 2"), to: "2.json")
    try folder.write(text, to: "1.json")
    #expect(try merged().errors.contains("is in another part too"))
  }

  /// No report steers a terminal, wherever it is from.
  @Test func controlCharactersOfAPartAreShown() throws {
    let folder = try Scratch()
    try folder.write("it('seen', function() expect(1):equals(2) end)", to: "a.lua")
    _ = try Sgxbench.run(["run", "a.lua", "--shard", "1/1", "--format", "json:1.json"], in: folder.path)
    let text = try String(contentsOfFile: folder.path + "/1.json", encoding: .utf8)
    try folder.write(text.replacing("expected 2, got 1", with: #"\u001b[31m\u009b\r\u007f\b\\u001b"#).replacing("seen", with: "\u{7f}\u{85}"), to: "1.json")
    for format in ["pretty", "tap", "ktap", "junit", "json", "html"] {
      let ended = try Sgxbench.run(["merge", "1.json", "--format", format], in: folder.path)
      #expect(ended.status == 1)
      #expect(!ended.output.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" || (0x7f...0x9f).contains($0.value) }, "\(format)")
      #expect(ended.output.contains(#"x1b[31m"#), "\(format)")
    }
    let pretty = try Sgxbench.run(["merge", "1.json"], in: folder.path).output
    #expect(pretty.contains(#"\x1b[31m\x9b\x0d\x7f\x08\u001b"#) && pretty.contains(#"\x7f\x85"#), "\(pretty)")
  }
}
