import Foundation
import Testing

/// Where reports are written: none takes the place of another one, or of what it is a report of.
@Suite("Places of reports") struct ReportPlaceTests {
  /// What a report left, as far as its kind can be told.
  private static let old = "{\n  \"arguments\" : [\n\n  ]\n}\n"

  private let folder: Scratch

  init() throws {
    folder = try Scratch()
    try folder.write("it('a test', function() expect(1):equals(1) end)", to: "s/a.lua")
    try folder.write(Self.old, to: "old.json")
  }

  private func text(_ name: String) throws -> String { try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8) }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: target)
  }

  private func run(_ arguments: String...) throws -> Ended { try Sgxbench.run(["run"] + arguments, in: folder.path) }

  @Test func twoReportsInOneFile() throws {
    try link("link.json", to: "old.json")
    try link("t", to: "s")
    for (first, second) in [("old.json", "./old.json"), ("old.json", "link.json"), ("new", "s/../new"), ("s/new", "t/new")] {
      let ended = try run("s/a.lua", "--format", "json:\(first)", "--format", "tap:\(second)")
      #expect(ended.status == 64, "\(first) \(second)")
      #expect(ended.errors == "sgxbench: --format: \(first) and \(second) are the same file\n")
      #expect(ended.output.isEmpty, "nothing has run")
    }
    #expect(try text("old.json") == Self.old)
    #expect(try run("s/a.lua", "--format", "json:/dev/null", "--format", "tap:/dev/./null").status == 0, "nothing is lost there")
  }

  @Test func aReportDoesNotReplaceItsScript() throws {
    let script = try text("s/a.lua")
    try link("link.lua", to: "s/a.lua")
    for place in ["s/a.lua", "link.lua", "./s/../s/a.lua"] {
      let ended = try run("s", "--format", "tap:\(place)")
      #expect(ended.status == 64)
      #expect(ended.errors == "sgxbench: --format: \(place) is a script of this run\n")
    }
    #expect(try text("s/a.lua") == script)
  }

  @Test func namesSteerNoTerminal() throws {
    let ended = try run("s/a.lua", "--format", "json:no/\u{1b}[31m")
    #expect(ended.status == 74)
    #expect(ended.errors == "sgxbench: cannot write no/\\x1b[31m: No such file or directory\n")
  }

  @Test func norAnImageNorAPart() throws {
    try folder.write("image", to: "app")
    let image = try run("s/a.lua", "--image", "app=app", "--format", "tap:./app")
    #expect(image.errors == "sgxbench: --format: ./app is an image of this run\n")
    #expect(image.status == 64)
    #expect(try run("s/a.lua", "--shard", "1/1", "--format", "json:part").status == 0)
    let merged = try Sgxbench.run(["merge", "part", "--format", "json:part"], in: folder.path)
    #expect(merged.errors == "sgxbench: --format: part is a part of this run\n")
    #expect(merged.status == 64)
  }

  @Test func aReportKeepsTheRightsOfTheOneBefore() throws {
    #expect(chmod(folder.path + "/old.json", 0o640) == 0)
    #expect(try run("s/a.lua", "--format", "json:old.json").status == 0)
    let rights = try FileManager.default.attributesOfItem(atPath: folder.path + "/old.json")[.posixPermissions] as? Int
    #expect(rights == 0o640)
    #expect(try text("old.json") != Self.old)
  }

  /// Somebody else may have put a link where the new report is prepared: what it leads to must not be written.
  @Test func aLinkInTheWayIsNotFollowed() throws {
    try folder.write("mine", to: "mine")
    let ended = try Sgxbench.run(
      ["run", "s/a.lua", "--format", "json:r.json"], in: folder.path, shell: #"ln -s mine ".r.json.$$.part"; exec "$@""#)
    #expect(ended.status == 0)
    #expect(try text("mine") == "mine")
    #expect(try text("r.json").hasSuffix("}\n"))
  }

  @Test func aLinkThatLeadsNowhere() throws {
    try link("gone.json", to: "none/r.json")
    let ended = try run("s/a.lua", "--format", "json:gone.json")
    #expect(ended.status == 74)
    #expect(ended.errors == "sgxbench: cannot write gone.json: it is a link that leads nowhere\n")
  }
}
