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
    try folder.write("[]", to: "list.json")
    try folder.write(#"{ "report": "sgxbench run", "version": 2 }"#, to: "later.json")
    try folder.write(#"{ "report": "sgxbench run", "version": 1, "files": 3 }"#, to: "odd.json")
    try refused([folder.path + "/list.json"], "is not a report of sgxbench")
    try refused([folder.path + "/later.json"], "is a report of version 2; this bench reads version 1")
    try refused([folder.path + "/odd.json"], "odd.json is damaged: ")
    try refused([folder.path + "/none.json"], "No such file or directory")
  }
}
