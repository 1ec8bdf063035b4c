import Foundation
import Testing

/// Bad input 50: signals at any moment. The report so far is written and says that it is no more; nothing half lies about.
@Suite("Signals", .serialized) struct SignalTests {
  private let folder: Scratch
  /// Some tests of some milliseconds each.
  private static let tests = 30
  private static let script = """
    for number = 1, \(tests) do
      it("test " .. number, function()
        local sum = 0
        for index = 1, 1000000 do sum = sum + index end
        expect(sum):equals(500000500000)
      end)
    end
    """
  private static let old = "{\n  \"arguments\" : [\n\n  ]\n}\n"

  init() throws {
    folder = try Scratch()
    try folder.write(Self.script, to: "a.lua")
    try folder.write(Self.old, to: "r.json")
  }

  private static let command = ["run", "a.lua", "--format", "json:r.json"]

  /// The report file as it stands.
  private struct Report {
    let isOld: Bool
    var isComplete = false
    var tests = 0
    var stopped: String?
  }

  /// - Throws: where it is neither the old report nor a new one.
  private func report(_ name: String = "r.json") throws -> Report {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    if data == Data(Self.old.utf8) { return Report(isOld: true) }
    let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let files = try #require(report["files"] as? [[String: Any]])
    return Report(
      isOld: false, isComplete: try #require(report["complete"] as? Bool),
      tests: files.reduce(0) { $0 + (($1["tests"] as? [Any])?.count ?? 0) }, stopped: report["stopped"] as? String)
  }

  private func parts() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".part") }
  }

  /// How long a whole run takes here and now.
  private func duration() throws -> Double {
    let began = Date()
    #expect(try Sgxbench.run(["run", "a.lua", "--format", "json:first.json"], in: folder.path).status == 0)
    return Date().timeIntervalSince(began)
  }

  /// A signal is answered within a second, and what the machine's other work costs: all suites run beside this one, on as few as two
  /// processors, so that only a run that does not answer at all takes this long.
  private func expectPrompt(_ took: Double, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(took < 20, sourceLocation: sourceLocation)
  }

  private static let signals: [(signal: Int32, status: Int32, name: String, seed: UInt64)] = [
    (SIGINT, 130, "SIGINT", 1), (SIGTERM, 143, "SIGTERM", 2),
  ]

  @Test(arguments: signals) func atAnyMoment(_ signal: Int32, status: Int32, name: String, seed: UInt64) throws {
    let whole = try duration()
    var moments = Moments(seed: seed)
    var (interrupted, early) = (0, 0)
    // The machine's other work changes how long a run takes: the bound follows.
    var bound = whole
    for _ in 0..<30 {
      try folder.write(Self.old, to: "r.json")
      let run = try Started(Self.command, in: folder.path)
      usleep(moments.next(below: UInt32(bound * 1_000_000)))
      run.send(signal)
      var end: (status: Int32, wasSignalled: Bool) = (0, false)
      let took = seconds { end = run.ended() }
      expectPrompt(took)
      let report = try self.report()
      #expect(try parts() == [])
      if end.wasSignalled {
        // Too early: nothing had begun.
        #expect(end.status == signal && report.isOld)
        bound *= 1.1
      } else if end.status == status {
        interrupted += 1
        #expect(!report.isOld)
        if report.isComplete {
          #expect(report.tests == Self.tests)
        } else {
          early += 1
          #expect(report.stopped == "\(name) ended the run")
          #expect(run.output.hasSuffix("INCOMPLETE: \(name) ended the run\n"))
          #expect(run.output.split(separator: "\n").count { $0.hasPrefix("  ok    test ") } == report.tests)
        }
      } else {
        #expect(end.status == 0 && report.isComplete && report.tests == Self.tests, "\(end.status): \(run.errors)")
        bound *= 0.8
      }
    }
    #expect(interrupted >= 5 && early > 0, "the moments are spread over the run, and a signal does not wait for its end")
  }

  /// With several scripts at work the report still has the first ones in their order, and no hole.
  @Test func betweenFiles() throws {
    for number in 1...6 { try folder.write(Self.script, to: "many/\(number).lua") }
    let run = try Started(["run", "many", "--jobs", "2", "--format", "json:r.json"], in: folder.path)
    #expect(run.wait { run.output.contains("many/2.lua\n") })
    run.send(SIGTERM)
    #expect(run.ended().status == 143)
    let text = try String(contentsOfFile: folder.path + "/r.json", encoding: .utf8)
    let names = text.matches(of: #/"name" : "(many/\d.lua)"/#).map { String($0.1) }
    #expect(names.count >= 2 && names.count < 6)
    #expect(names == (1...names.count).map { "many/\($0).lua" })
    #expect(try !report().isComplete)
  }

  /// Every page takes the model its time, and no Lua runs meanwhile that could be stopped.
  private static let stuck = """
    it("first", function() expect(1):equals(1) end)
    it("stuck", function()
      local sgx = require "sgx"
      local process = sgx.machine { epc = "4 GiB", check = "never" }:process()
      local enclave = process:open()
      enclave:create { size = "8 GiB" }
      print("now")
      enclave:add_pages { source = process:map { pages = 1000000 }, offset = 0, pages = 1000000, secinfo = { permissions = "r" } }
    end)
    """

  /// Starts a short script, whose lines show how far the run is, and a second one.
  private func start(_ second: String) throws -> Started {
    try folder.write("it('zero', function() expect(1):equals(1) end)", to: "zero.lua")
    try folder.write(second, to: "a.lua")
    let run = try Started(["run", "zero.lua", "a.lua", "--format", "json:r.json", "--fuel", "1000000000000000"], in: folder.path)
    #expect(run.wait { run.output.contains("  ok    zero\n") })
    return run
  }

  @Test func aScriptThatDoesNotAnswer() throws {
    let run = try start(Self.stuck)
    usleep(300_000)
    run.send(SIGINT)
    var end: (status: Int32, wasSignalled: Bool) = (0, false)
    let took = seconds { end = run.ended() }
    expectPrompt(took)
    #expect(end.status == 130 && !end.wasSignalled)
    let report = try self.report()
    #expect(!report.isOld && !report.isComplete)
    #expect(report.stopped == "SIGINT ended the run")
    #expect(report.tests == 2, "the tests that had ended")
    #expect(run.output.contains("  ok    first\n  STOPPED stopped by SIGINT\n"), "\(run.output)")
    #expect(try parts() == [])
  }

  @Test func aSecondSignalIsAnsweredAtOnce() throws {
    let run = try start(Self.stuck)
    usleep(300_000)
    run.send(SIGINT)
    usleep(20_000)
    run.send(SIGINT)
    var end: (status: Int32, wasSignalled: Bool) = (0, false)
    let took = seconds { end = run.ended() }
    expectPrompt(took)
    #expect(end.status == 130)
    #expect(try report().isOld, "there was no time for a report")
    #expect(try parts() == [])
  }

  @Test func aTerminalThatIsClosed() throws {
    let run = try start("it('one', function() while true do end end)")
    run.send(SIGHUP)
    #expect(run.ended().status == 129)
    let report = try self.report()
    #expect(report.stopped == "SIGHUP ended the run")
    #expect(!report.isComplete && report.tests == 1)
  }

  @Test func nohupMeansIt() throws {
    let run = try Started(Self.command, in: folder.path, shell: #"trap "" HUP; exec "$@""#)
    #expect(run.wait { run.output.hasPrefix("sgxbench ") })
    run.send(SIGHUP)
    #expect(run.ended().status == 0)
    #expect(try report().isComplete)
  }

  @Test func sleepInTheMiddleChangesNothing() throws {
    _ = try duration()
    let run = try Started(Self.command, in: folder.path)
    for signal in [SIGTSTP, SIGSTOP] {
      usleep(100_000)
      run.send(signal)
      usleep(200_000)
      run.send(SIGCONT)
    }
    #expect(run.ended().status == 0)
    let contents = ["r.json", "first.json"].map { FileManager.default.contents(atPath: "\(folder.path)/\($0)") }
    #expect(contents[0] == contents[1] && contents[0] != nil)
  }

  // Time.

  @Test func aScenarioThatTakesTooLong() throws {
    try folder.write("it('one', function() expect(1):equals(1) end) it('two', function() while true do end end)", to: "a.lua")
    try folder.write("it('three', function() expect(1):equals(1) end)", to: "b.lua")
    let ended = try Sgxbench.run(
      ["run", "a.lua", "b.lua", "--timeout", "1", "--fuel", "1000000000000000", "--format", "json:r.json"], in: folder.path)
    #expect(ended.status == 124)
    #expect(ended.output.contains("  ok    one\n"))
    #expect(ended.output.contains("  STOPPED took longer than 1 s (--timeout)\n"))
    #expect(ended.output.hasSuffix("INCOMPLETE: a.lua took longer than 1 s (--timeout)\n"))
    let report = try self.report()
    #expect(!report.isComplete && report.tests == 1)
  }

  @Test func aCallThatTakesTooLong() throws {
    try folder.write(Self.stuck, to: "a.lua")
    let ended = try Sgxbench.run(Self.command + ["--timeout", "1", "--fuel", "1000000000000"], in: folder.path, seconds: 60)
    #expect(ended.status == 124)
    #expect(ended.output.contains("  ok    first\n  STOPPED took longer than 1 s (--timeout)\n"), "\(ended.output)")
    #expect(ended.output.hasSuffix("INCOMPLETE: a.lua took longer than 1 s (--timeout)\n"))
    let report = try self.report()
    #expect(!report.isComplete && report.tests == 1)
  }

  @Test func noLimitOfTime() throws {
    #expect(try Sgxbench.run(["run", "a.lua", "--timeout", "0"], in: folder.path).status == 0)
  }

  // The end without a word.

  /// Whatever stood there stays until all of the new report is on the disk.
  @Test func killedAtAnyMoment() throws {
    try folder.write(
      "for n = 1, 40 do it('t' .. n, function() for _ = 1, 200 do print(string.rep('x', 40)) end expect(1):equals(1) end) end", to: "a.lua")
    let whole = try duration()
    var moments = Moments(seed: 3)
    var (olds, news) = (0, 0)
    var bound = whole
    for _ in 0..<50 {
      try folder.write(Self.old, to: "r.json")
      let run = try Started(Self.command, in: folder.path)
      // Twice as many in the second half, where the report is written.
      let limit = UInt32(bound * 1_000_000)
      usleep(max(moments.next(below: limit), moments.next(below: limit)))
      run.send(SIGKILL)
      _ = run.ended()
      let report = try self.report()
      if report.isOld { olds += 1 } else { (news, bound) = (news + 1, bound * 0.9) }
      #expect(report.isOld || report.isComplete && report.tests == 40)
      for part in try parts() {
        #expect(part == ".r.json.\(run.pid).part")
        try FileManager.default.removeItem(atPath: "\(folder.path)/\(part)")
      }
    }
    #expect(olds > 0, "the moments are spread over the run")
  }
}
