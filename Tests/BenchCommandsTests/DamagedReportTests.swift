import Foundation
import Testing

/// Reports that no run wrote: `merge` says what is wrong with them, and does not fall over it.
@Suite("Damaged reports") struct DamagedReportTests {
  private func merged(_ changes: [(String, String)]) throws -> Ended {
    let folder = try Scratch()
    try folder.write("it('a', function() expect(1):equals(1) end) it('b', function() expect(1):equals(1) end)", to: "a.lua")
    _ = try Sgxbench.run(["run", "a.lua", "--format", "json:r.json", "--shard", "1/1"], in: folder.path)
    var text = try String(contentsOfFile: folder.path + "/r.json", encoding: .utf8)
    for (old, new) in changes {
      #expect(text.contains(old), "\(old)")
      text.replace(old, with: new)
    }
    try folder.write(text, to: "r.json")
    return try Sgxbench.run(
      ["merge", "r.json"] + ["tap", "ktap", "junit", "json", "html"].flatMap { ["--format", "\($0):whole.\($0)"] }, in: folder.path)
  }

  @Test func whatARunWroteIsSound() throws { #expect(try merged([]).status == 0) }

  @Test(arguments: [
    ("\"6.1.192\"\n  ]", "]", ".drivers"), ("\"seeds\" : [\n    1\n", "\"seeds\" : [", ".seeds"),
    ("\"count\" : 1,\n    \"number\"", "\"count\" : 0, \"number\"", ".shard"),
    ("\"count\" : 1,\n    \"number\"", "\"count\" : 4611686018427387904, \"number\"", ".shard"),
    ("\"number\" : 1", "\"number\" : 2", ".shard"),
    ("\"checks\" : 1", "\"checks\" : 18446744073709551615", ".files[0].tests[0].checks"),
    ("\"visits\" : 0", "\"visits\" : 9223372036854775807", ".files[0].tests[0].visits"),
    ("\"selected\" : 2", "\"selected\" : 9223372036854775807", ".files[0].selected"),
    ("\"selected\" : 2", "\"selected\" : -1", ".files[0].selected"),
    ("[\n            \"b\"\n          ]", "[]", ".files[0].tests[1].path"),
    ("\"index\" : 2", "\"index\" : 1", ".files[0].tests[1].index"),
  ])
  func aValueThatNoRunWrites(_ old: String, _ new: String, _ place: String) throws {
    let ended = try merged([(old, new)])
    #expect(ended.status == 2)
    #expect(!ended.wasSignalled)
    #expect(ended.errors == "sgxbench: r.json is damaged: a value that no run writes at report\(place)\n")
    #expect(ended.output.isEmpty)
  }

  /// A part says what it is; whether all of it is there is for the whole to say.
  @Test func completenessCanBeRequiredOfTheWhole() throws {
    let folder = try Scratch()
    try folder.write("it('a', function() expect(1):equals(1) end) pending('b')", to: "a.lua")
    for part in 1...2 {
      _ = try Sgxbench.run(["run", "a.lua", "--format", "json:\(part).json", "--shard", "\(part)/2", "--require-complete"], in: folder.path)
    }
    #expect(try Sgxbench.run(["merge", "1.json", "2.json"], in: folder.path).status == 0)
    #expect(try Sgxbench.run(["merge", "1.json", "2.json", "--require-complete"], in: folder.path).status == 5)
  }
}
