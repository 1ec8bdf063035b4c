import BenchReport
import Foundation
import Testing

/// What becomes of the report where the bench itself breaks down in a test (Sources/CBreakdown): planted breakdowns, in the real program.
@Suite("Breakdowns") struct BreakdownTests {
  private static let script = """
    describe("d", function()
      it("first", function() print("one") expect(1):equals(1) end)
      it("struck", function() expect(1):equals(1) end)
      it("last", function() expect(1):equals(2) end)
    end)
    """

  private static let kinds = [("index", ["SIGILL", "SIGTRAP"]), ("overflow", ["SIGILL", "SIGTRAP"]), ("null", ["SIGSEGV"]), ("abort", ["SIGABRT"]), ("stack", ["SIGSEGV"])]

  private static let finding = "finding 'trap': the bench itself broke down in this test ("

  /// Of CPU, over all the processes that one run becomes: one for each breakdown, and each makes the run once more.
  private static let seconds = 300

  private let folder: Scratch

  init() throws {
    folder = try Scratch()
    for name in ["a.lua", "b.lua"] { try folder.write(Self.script, to: name) }
    try folder.write("it(", to: "wrong.lua")
  }

  private func run(_ arguments: [String], plant: String?, shell: String = #"exec "$@""#) throws -> Ended {
    try Sgxbench.run(["run"] + arguments, in: folder.path, environment: plant.map { ["SGXBENCH_PLANT": $0] } ?? [:], seconds: Self.seconds, shell: shell)
  }

  private func tests(in json: String) throws -> [[String: Any]] {
    let report = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(report["complete"] as? Bool == true)
    let files = try #require(report["files"] as? [[String: Any]])
    return try files.flatMap { file in
      try #require(file["tests"] as? [[String: Any]]).map { test in
        var test = test
        test["of"] = ["\(file["name"] ?? "")", "\(file["seed"] ?? "")", "\(file["driver"] ?? "")"]
        return test
      }
    }
  }

  @Test(arguments: kinds) func everyKindIsSurvived(_ kind: String, signals: [String]) throws {
    let ended = try run(["wrong.lua", "a.lua", "b.lua"], plant: kind + "@d, struck")
    #expect(ended.status == 3 && !ended.wasSignalled, "\(ended.errors)")
    #expect(signals.contains { ended.output.contains("a.lua:3: \(Self.finding)\($0))") }, "\(ended.output)")
    #expect(ended.output.contains("    BUG   struck (a law of the bench itself is broken: please report this)\n"))
    #expect(ended.output.contains("    replay: sgxbench run b.lua --driver 6.1.192 --seed 1 --filter 'd, struck'  # tree \(Bench.tree)\n"))
    #expect(ended.output.hasSuffix("\n3 files: 2 passed, 2 failed, 3 in error; 4 checks, 0 visits of fault sites\n"))
    // What was out already came out once.
    #expect(ended.output.components(separatedBy: "sgxbench 0.1.0, seed 1").count == 2)
    #expect(ended.errors.components(separatedBy: "sgxbench: wrong.lua:").count == 2, "\(ended.errors)")
  }

  /// Where the system gives no memory it is no mistake of the bench: the test fails, and its message says why.
  @Test func refusedMemoryIsNoMistake() throws {
    let ended = try run(["wrong.lua", "a.lua", "--format", "pretty", "--format", "json:all.json"], plant: "memory@d, struck")
    #expect(ended.status == 2, "\(ended.errors)")
    #expect(ended.output.contains("    FAIL  struck\n      a.lua:3: the system gives the bench no more memory, and what the test had found is lost\n"), "\(ended.output)")
    let statuses = try tests(in: try String(contentsOfFile: folder.path + "/all.json", encoding: .utf8)).map { $0["status"] as? String }
    #expect(statuses == ["passed", "failed", "failed"])
    let outside = try run(["a.lua", "b.lua", "--format", "json:all.json", "--format", "junit:report"], plant: "memory@")
    #expect(outside.status == 69)
    #expect(outside.errors.contains("sgxbench: a.lua: the system gave no more memory while this script was read, and nothing of it was run\n"), "\(outside.errors)")
    #expect(try tests(in: try String(contentsOfFile: folder.path + "/all.json", encoding: .utf8)).isEmpty)
    #expect(try String(contentsOfFile: folder.path + "/report", encoding: .utf8).contains(#"type="system""#))
    #expect(try Sgxbench.run(["merge", "all.json"], in: folder.path).status == 69)
    let report = try run(["a.lua"], plant: "memory@@")
    #expect(report.status == 69)
    #expect(report.errors.hasSuffix("sgxbench: the system gives no more memory\n"), "\(report.errors)")
  }

  /// In every format, on standard output and in a file: all other results are there, and the struck test says what a reader needs.
  @Test(arguments: ReportFormatTests.formats) func everyFormatIsWhole(_ format: String) throws {
    let plant = "null@d, struck"
    let also = format == "json" ? [] : ["--format", "json:all.json"]
    let ended = try run(["a.lua", "b.lua", "--seed", "7", "--format", format, "--format", "\(format):report"] + also, plant: plant)
    #expect(ended.status == 3, "\(ended.errors)")
    let inFile = try String(contentsOfFile: folder.path + "/report", encoding: .utf8)
    #expect(ended.output == inFile)
    for word in ["a.lua", "struck", "SIGSEGV", "trap", "--seed 7", "--filter"] { #expect(ended.output.contains(word), "\(format): \(word)") }
    let json = format == "json" ? ended.output : try String(contentsOfFile: folder.path + "/all.json", encoding: .utf8)
    let struck = try tests(in: json)
    let whole = try tests(in: try run(["a.lua", "b.lua", "--seed", "7", "--format", "json"], plant: nil).output)
    let statuses = struck.map { $0["status"] as? String }
    #expect(statuses == ["passed", "bench-broken", "failed", "passed", "bench-broken", "failed"])
    for (one, other) in zip(struck, whole) where one["status"] as? String != "bench-broken" {
      #expect(NSDictionary(dictionary: one) == NSDictionary(dictionary: other))
    }
    #expect(struck.count == whole.count)
    if format != "json" {
      #expect(try Sgxbench.run(["merge", "all.json", "--format", format], in: folder.path).output == inFile)
    }
  }

  /// A broken law of the bench is told in the same places, and the process does not even start again.
  @Test(arguments: ReportFormatTests.formats) func aBrokenLawIsInEveryFormat(_ format: String) throws {
    let machine = """
      local sgx = require "sgx"
      it("with a machine", function() expect(sgx.machine():process():open().closed):equals(false) end)
      it("stands alone", function() expect(1):equals(1) end)
      """
    try folder.write(machine, to: "m.lua")
    for name in ["with a machine", "d, struck"] {
      let ended = try run(["m.lua", "a.lua", "--seed", "7", "--format", format, "--format", "json:all.json"], plant: "law@" + name)
      #expect(ended.status == 3)
      // What stands between the quotation marks: some formats have other signs for those.
      for word in ["the bench broke its law ", "call-answers", "--seed 7", name] {
        #expect(ended.output.contains(word), "\(format): \(word)\n\(ended.output)")
      }
      let statuses = try tests(in: try String(contentsOfFile: folder.path + "/all.json", encoding: .utf8)).map { $0["status"] as? String }
      let struck = name == "d, struck" ? 3 : 0
      #expect(statuses.enumerated().allSatisfy { $0.offset == struck ? $0.element == "bench-broken" : $0.element != "bench-broken" }, "\(statuses)")
      #expect(statuses.count == 5)
    }
  }

  @Test func itIsTheSameWithManyJobs() throws {
    let arguments = ["a.lua", "b.lua", "wrong.lua", "--repeat", "2", "--driver", "6.1.192,v39", "--format", "json"]
    let one = try run(arguments, plant: "index@d, *")
    #expect(one.status == 3)
    #expect(try tests(in: one.output).count == 24)
    #expect(try tests(in: one.output).allSatisfy { $0["status"] as? String == "bench-broken" })
    for _ in 0..<2 { #expect(try run(arguments + ["--jobs", "2"], plant: "index@d, *").bytes == one.bytes) }
    let pretty = try run(arguments.dropLast(2), plant: "index@d, struck")
    #expect(try run(arguments.dropLast(2) + ["--jobs", "2"], plant: "index@d, struck").bytes == pretty.bytes)
  }

  @Test func partsFiltersAndTheFirstFailure() throws {
    var names: [String] = []
    for part in ["1/2", "2/2"] {
      let ended = try run(["a.lua", "--shard", part, "--format", "json"], plant: "index@d, struck")
      let struck = try tests(in: ended.output)
      #expect(ended.status == (struck.contains { $0["status"] as? String == "bench-broken" } ? 3 : struck.isEmpty ? 0 : ended.status))
      names += struck.compactMap { ($0["path"] as? [String])?.last }
    }
    #expect(names.sorted() == ["first", "last", "struck"])
    #expect(try run(["a.lua", "--filter", "first"], plant: "index@d, struck").status == 0)
    let first = try run(["a.lua", "b.lua", "--fail-fast"], plant: "index@d, struck")
    #expect(first.status == 3)
    #expect(!first.output.contains("last") && first.output.contains("INCOMPLETE"))
  }

  @Test func aScriptThatBreaksItOutsideOfTests() throws {
    let ended = try run(["a.lua", "wrong.lua", "--format", "junit:report", "--format", "json:all.json"], plant: "abort@")
    #expect(ended.status == 3)
    let text = "a.lua: the bench itself broke down (SIGABRT) while it read this script, and nothing of it was run: please report this"
    #expect(ended.output.contains("  ERROR \(text)\n"))
    #expect(ended.errors.contains("sgxbench: \(text)\n"))
    #expect(try String(contentsOfFile: folder.path + "/report", encoding: .utf8).contains(#"type="bench-broken""#))
    #expect(try String(contentsOfFile: folder.path + "/all.json", encoding: .utf8).contains(#""isBench" : true"#))
    #expect(try Sgxbench.run(["merge", "all.json"], in: folder.path).status == 3)
  }

  /// Where the report itself breaks it down there is no way around; it is said, and nothing half-written stays.
  @Test(arguments: ["index", "stack"]) func aReportThatBreaksIt(_ kind: String) throws {
    let ended = try run(["a.lua", "--format", "json:all.json"], plant: kind + "@@")
    #expect(ended.status == 3 && !ended.wasSignalled)
    #expect(ended.errors.hasSuffix("sgxbench: the bench itself broke down outside of its tests; please report this\n"))
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == ["a.lua", "b.lua", "wrong.lua"])
  }

  /// Each costs the run once more, so a script is given up after some.
  @Test func tooManyInOneScript() throws {
    try folder.write("for n = 1, 40 do it('t' .. n, function() expect(1):equals(1) end) end", to: "many.lua")
    let ended = try run(["many.lua", "a.lua"], plant: "null@t*")
    #expect(ended.status == 3)
    #expect(ended.output.contains("many.lua: the bench broke down in 16 tests of this script; those behind are not run"))
    #expect(ended.output.contains("2 files: 2 passed, 1 failed, 17 in error"))
  }

  @Test func otherStatusesAndTheOutput() throws {
    // A reader that has gone, and a full disk.
    #expect(try run(["a.lua"], plant: "index@d, struck", shell: #"exec "$@" > /dev/full"#).status == 74)
    // Somebody else's signal means the process.
    let killed = try run(["a.lua"], plant: nil, shell: #""$@" --fuel 1000000000000000000 --filter none & kill -SEGV $!; wait $!"#)
    #expect(killed.status == 139 || killed.status == 2, "the signal came before the handler, or ended the process")
    // A variable that another process has handed down is not believed.
    let ended = try Sgxbench.run(["run", "a.lua"], in: folder.path, environment: ["SGXBENCH_AROUND": "1:5000:0:0.1.11"])
    #expect(ended.status == 1 && ended.output.hasPrefix("sgxbench 0.1.0, seed 1"))
  }

  /// Whoever starts the program may hold signals back, or ignore them, and leave it the smallest stack.
  @Test(arguments: ["index", "null", "abort", "stack"]) func whateverItIsStartedWith(_ kind: String) throws {
    let python = #"import os, signal, sys; [signal.signal(n, signal.SIG_IGN) for n in (4, 5, 6, 7, 8, 11)]; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); os.execv(sys.argv[1], sys.argv[1:])"#
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") else { return }
    let ended = try run(["a.lua"], plant: kind + "@d, struck", shell: "exec /usr/bin/python3 -c '\(python)' \"$@\"")
    #expect(ended.status == 3 && !ended.wasSignalled, "\(ended.status) \(ended.errors)")
    #expect(ended.output.hasSuffix("\n1 file: 1 passed, 1 failed, 1 in error; 2 checks, 0 visits of fault sites\n"), "\(ended.output)")
    let narrow = try run(["a.lua"], plant: kind + "@d, struck", shell: #"ulimit -s 128; exec "$@""#)
    #expect(narrow.bytes == ended.bytes)
  }

  @Test func watchingGoesOn() throws {
    let started = try Started(["run", "a.lua", "--watch"], in: folder.path, shell: #"export SGXBENCH_PLANT="stack@d, struck"; exec "$@""#)
    #expect(started.wait { started.errors.contains("sgxbench: watching ") })
    #expect(started.output.contains("1 file: 1 passed, 1 failed, 1 in error"))
    started.send(SIGTERM)
    #expect(started.ended().status == 143)
  }
}
