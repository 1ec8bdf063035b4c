import Foundation
import Testing

/// Files, names and times that are against the program.
@Suite("Files and times against the program") struct HostileFilesTests {
  private static let endless = "it('a', function() end)\nwhile true do end\n"

  /// Every command that runs a script ends with `--timeout`, also where there is fuel for years.
  @Test(arguments: [
    ["check", "a.lua"], ["bundle", "a.lua"], ["sweep", "a.lua"], ["run", "--list", "a.lua"], ["repl", "a.lua"], ["explain", "coverage", "a.lua"],
  ])
  func endsInTime(_ command: [String]) throws {
    let folder = try Scratch()
    try folder.write(Self.endless, to: "a.lua")
    let fuel = command[0] == "explain" ? [] : ["--fuel", "9000000000000000000"]
    let ended = try Sgxbench.run(command + fuel + ["--timeout", "1"], in: folder.path, seconds: 20)
    // A page of every driver has no --fuel: there the limit of work comes first.
    if command[0] != "explain" {
      #expect(ended.status == 124, "\(ended.errors)")
      #expect(ended.errors.contains("took longer than 1 s (--timeout)"))
    }
    #expect(!ended.wasSignalled)
  }

  /// What a test tells stays until the reports are written: thousands of tests with thousands of failures each are told shortly.
  @Test func failuresWithoutAnEnd() throws {
    let folder = try Scratch()
    try folder.write(
      "for i = 1, 300 do it('t' .. i, function() for n = 1, 1000 do expect(('x'):rep(4000)):equals('y') end end) end", to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua", "--format", "json:r.json"], in: folder.path, seconds: 200, shell: #"ulimit -v 1000000; exec "$@""#)
    #expect(ended.status == 1 && !ended.wasSignalled, "\(ended.errors)")
    #expect(ended.output.hasSuffix("1 file: 0 passed, 300 failed; 300000 checks, 0 visits of fault sites\n"), "\(ended.output.suffix(300))")
    #expect(ended.output.contains("    a.lua:1: 999 more checks failed\n"), "beyond 16 MiB the first of a test alone is told")
    #expect(ended.output.utf8.count < 40 << 20)
  }

  /// A claim above each of many tests, and many above one.
  @Test func claimsWithoutAnEnd() throws {
    let folder = try Scratch()
    try folder.write(String(repeating: "-- covers: A1\nit('', function() end)\n", count: 8000), to: "a.lua")
    try folder.write(String(repeating: "-- covers: A1\n", count: 40000) + "it('', function() end)\n", to: "b.lua")
    for file in ["a.lua", "b.lua"] {
      let ended = try Sgxbench.run(["run", file], in: folder.path, seconds: 60)
      #expect([1, 2].contains(ended.status) && !ended.wasSignalled, "\(ended.status) \(ended.errors.prefix(300))")
      #expect(ended.output.contains("\n1 file: "))
    }
  }

  /// The replay line of each test that fails names no other test: among many this is not looked for.
  @Test func manyTestsThatFail() throws {
    let folder = try Scratch()
    try folder.write("local name = ('a'):rep(400) for n = 1, 3000 do it(name .. n, function() error('x') end) end", to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua"], in: folder.path, seconds: 30)
    #expect(ended.status == 2 && !ended.wasSignalled)
    #expect(ended.output.contains(" --filter =aaaa"))
    #expect(ended.output.hasSuffix("1 file: 0 passed, 0 failed, 3000 in error; 0 checks, 0 visits of fault sites\n"))
  }

  /// The points of a sweep are the square of a call's pages: their work is work of the script.
  @Test func aSweepEndsWithItsFuel() throws {
    let folder = try Scratch()
    let script = """
      local sgx = require "sgx"
      it("adds", function()
        local process = sgx.machine { epc = "64 MiB" }:process()
        local enclave = process:open()
        enclave:create { size = 0x4000000 }
        enclave:add_pages { source = process:map { pages = 3000 }, offset = 0, pages = 3000, secinfo = { permissions = "r" } }
      end)
      """
    try folder.write(script, to: "a.lua")
    let ended = try Sgxbench.run(["sweep", "a.lua", "--fuel", "2000000"], in: folder.path, seconds: 120)
    #expect(ended.status == 1 && !ended.wasSignalled, "\(ended.errors)")
    #expect(ended.output.contains("work limit of 2,000,000 reached (--fuel)"), "\(ended.output.suffix(500))")
  }

  /// A pipe that nobody reads, and one whose reader does not read on, cannot hold a run for ever.
  @Test func aReportIntoAPipeWithoutReader() throws {
    let folder = try Scratch()
    try folder.write("it('a', function() expect(1):equals(1) end)", to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua", "--format", "json:p"], in: folder.path, shell: #"mkfifo p; exec timeout 40 "$@""#)
    #expect(ended.status == 74)
    #expect(ended.errors == "sgxbench: cannot write p: nobody has read from it within 10 s\n")
    let read = try Sgxbench.run(["run", "a.lua", "--format", "json:p"], in: folder.path, shell: #"mkfifo p; (sleep 0.5; cat p > got) & "$@"; wait"#)
    #expect(read.status == 0)
    #expect(try String(contentsOfFile: folder.path + "/got", encoding: .utf8).hasPrefix("{"))
  }

  /// A module that is required only inside a test, after the place of the report was looked at.
  @Test func aReportDoesNotReplaceWhatIsReadLater() throws {
    let folder = try Scratch()
    try folder.write("return { one = 1 }", to: "m.lua")
    try folder.write("it('a', function() expect(require('m').one):equals(1) end)", to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua", "--format", "json:m.lua", "--force"], in: folder.path)
    #expect(ended.status == 74)
    #expect(ended.errors == "sgxbench: cannot write m.lua: it is a file that was read\n")
    #expect(try String(contentsOfFile: folder.path + "/m.lua", encoding: .utf8) == "return { one = 1 }")
    let linked = try Sgxbench.run(["run", "a.lua", "--format", "json:other", "--force"], in: folder.path, shell: #"ln m.lua other; exec "$@""#)
    #expect(linked.status == 74, "another name of the same file")
  }

  @Test func namesSteerNothing() throws {
    let folder = try Scratch()
    let name = "a\n\u{1b}[2J\u{202e}\u{200f}.lua"
    try folder.write("it('fails', function() expect(1):equals(2) end)", to: name)
    for arguments in [["run", name], ["run", "--help", name], ["check", name], ["run", "--list", name], ["sweep", name]] {
      let ended = try Sgxbench.run(arguments, in: folder.path)
      let text = ended.output + ended.errors
      #expect(!text.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x202e || $0.value == 0x200f }, "\(arguments)")
      // A line end in it would let a line begin with what follows, however that is written.
      let rest = ["\u{1b}", "\\x1b", "\\u{1b}", "[2J"]
      #expect(!text.split(separator: "\n").contains { line in rest.contains { line.hasPrefix($0) } }, "\(arguments): \(text)")
      #expect(text.contains(".lua"), "\(arguments) names the file")
    }
    // A replay line is one line, and the shell finds the file by it.
    let replay = try #require(try Sgxbench.run(["run", name], in: folder.path).output.split(separator: "\n").first { $0.contains("replay: ") })
    let line = String(replay.drop { $0 != ":" }.dropFirst(2)).replacingOccurrences(of: "sgxbench", with: "\"$1\"")
    #expect(try Sgxbench.run([], in: folder.path, shell: line).output.contains("FAIL"))
  }

  @Test func mergeTakesNothingTwiceAndSteersNothing() throws {
    let folder = try Scratch()
    try folder.write("it('one', function() expect(1):equals(1) end)", to: "a.lua")
    #expect(try Sgxbench.run(["run", "a.lua", "--format", "json:r.json"], in: folder.path).status == 0)
    let report = try String(contentsOfFile: folder.path + "/r.json", encoding: .utf8)
    let doubled = report.replacingOccurrences(of: "\"complete\"", with: "\"complete\" : false, \"complete\"")
    try folder.write(doubled, to: "d.json")
    let twice = try Sgxbench.run(["merge", "d.json"], in: folder.path)
    #expect(twice.status == 2)
    #expect(twice.errors.contains("d.json is damaged: it says 'complete' twice in one object"))
    let named = report.replacingOccurrences(of: "\"one\"", with: "\"one\\nFAIL  two\\u202e\"")
    try folder.write(named, to: "n.json")
    let shown = try Sgxbench.run(["merge", "n.json"], in: folder.path)
    #expect(shown.output.contains("one\\x0aFAIL  two\\u{202e}"), "\(shown.output)")
    try folder.write(report.replacingOccurrences(of: "\"a.lua\"", with: "\"" + String(repeating: "a", count: 1 << 18) + "\""), to: "l.json")
    let long = try Sgxbench.run(["merge", "l.json"], in: folder.path)
    #expect(long.status == 2)
    #expect(long.errors.utf8.count < 20_000)
    // Describes without an end, one inside the other.
    let deep = String(repeating: "\"d\", ", count: 4000) + "\"one\""
    try folder.write(report.replacingOccurrences(of: "\"one\"", with: deep), to: "deep.json")
    for format in ["pretty", "ktap"] {
      let ended = try Sgxbench.run(["merge", "deep.json", "--format", format], in: folder.path)
      #expect(ended.status == 2 && ended.errors.contains(".tests[0].path"), "\(ended.status) \(ended.errors.prefix(300))")
    }
    // Names without an end in one object.
    let names = (0..<50_000).map { "\"name\($0)\" : 1, " }.joined()
    try folder.write(report.replacingOccurrences(of: "\"complete\"", with: names + "\"complete\""), to: "m.json")
    let many = try Sgxbench.run(["merge", "m.json"], in: folder.path)
    #expect(many.status == 0 && !many.wasSignalled, "\(many.errors.prefix(300))")
  }

  /// A folder so deep that the path of a script in it is longer than the system takes.
  @Test func aPathThatIsTooLong() throws {
    let folder = try Scratch()
    try folder.write("it('a', function() end)", to: "s/a.lua")
    let part = String(repeating: "d", count: 250)
    let make = "cd s; for n in $(seq 17); do mkdir \(part); cd -P \(part) 2>/dev/null || break; done; echo \"it('b', function() end)\" > b.lua; cd \"$OLD\"; "
    let ended = try Sgxbench.run(["run", "s"], in: folder.path, environment: ["OLD": folder.path], shell: make + #"exec "$@""#)
    #expect(ended.status == 2)
    #expect(ended.errors.contains("File name too long"), "\(ended.errors.prefix(300))")
  }
}
