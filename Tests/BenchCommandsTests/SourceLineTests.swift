import Testing

/// Reports show what stands on the line at which a check failed.
@Suite("Lines of failed checks") struct SourceLineTests {
  private static let script =
    "local m = require 'lib.m'\nit('x', function()\n\t expect(1):equals(2) -- \u{e9}\u{7}\t \r\n  m.check(3)\n"
    + "  expect('\(String(repeating: "long", count: 40))'):equals('')\n  error('last')\nend)"

  private func run(_ arguments: [String]) throws -> Ended {
    let folder = try Scratch()
    try folder.write(Self.script, to: "a.lua")
    try folder.write("local m = {}\n\n function m.check(n) expect(n):equals(4) end\nreturn m", to: "lib/m.lua")
    return try Sgxbench.run(["run", "a.lua"] + arguments, in: folder.path)
  }

  @Test func whatStandsThereIsShown() throws {
    let output = try run([]).output
    #expect(output.contains("    a.lua:3: expected 2, got 1\n      > expect(1):equals(2) -- \u{e9}\\x07\n"), "\(output)")
    #expect(output.contains("    lib/m.lua:3: expected 4, got 3\n      > function m.check(n) expect(n):equals(4) end\n"), "\(output)")
    let long = "expect('" + String(repeating: "long", count: 28)
    #expect(output.contains("\n      > \(long) ...\n"), "\(output)")
    #expect(output.contains("\n      > error('last')\n"))
  }

  @Test(arguments: ["tap", "ktap", "junit", "json", "html"]) func inEveryFormat(_ format: String) throws {
    #expect(try run(["--format", format]).output.contains("expect(1):equals(2) -- "))
  }

  /// A broken law is told at the line of the test, which the report names anyway.
  @Test func theTestsOwnLineIsNot() throws {
    let ended = try Sgxbench.run(script: Script.test(Script.leak))
    #expect(ended.output.contains("broke the law"))
    #expect(!ended.output.contains("\n      > "), "\(ended.output)")
  }
}
