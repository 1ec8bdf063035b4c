import Foundation
import Testing

@testable import BenchCommands

/// The exit statuses through the real program, alone and several at once.
@Suite("Statuses of runs") struct RunStatusTests {
  private static let scripts = [
    "pass": "it('p', function() expect(1):equals(1) end)",
    "fail": "it('f', function() expect(1):equals(2) end)",
    "limit": "it('l', function() while true do end end)",
    "wrong": "it('w', function() nothing() end)",
    "syntax": "it(",
    "empty": "",
    "pending": "pending('later')",
    "other": "it('o', { only_on = { 'v39', reason = 'r' } }, function() end)",
    "slow": "it('s', function() local t = 0 for n = 1, 1e15 do t = t + n end end)",
  ]

  private static let rows: [(status: Int32, scripts: [String], arguments: [String], shell: String)] = [
    (0, ["pass"], [], ""),
    (0, ["pass", "pending"], [], ""),
    (1, ["fail"], [], ""),
    (1, ["limit"], ["--fuel", "10000"], ""),
    (1, ["pass"], ["--fuel", "1"], ""),
    (2, ["wrong"], [], ""),
    (2, ["syntax"], [], ""),
    (2, ["empty"], [], ""),
    (2, ["missing"], [], ""),
    (2, ["pass"], ["--filter", "nothing"], ""),
    (2, ["pass"], ["--inject", "power@leaf:EADD"], ""),
    (4, ["pending"], [], ""),
    (4, ["other"], [], ""),
    (4, ["pending", "other"], [], ""),
    (5, ["pass", "pending"], ["--require-complete"], ""),
    (5, ["pending"], ["--require-complete"], ""),
    (64, ["pass"], ["--no-such-option"], ""),
    (64, ["pass"], ["--", "--nothing"], ""),
    (69, ["pass"], [], "ulimit -n 4; "),
    (74, ["pass"], ["--format", "json:/dev/full"], ""),
    (74, ["pass"], [], "exec > /dev/full; "),
    (124, ["slow"], ["--timeout", "1", "--fuel", "1000000000000000000"], ""),
    // Several at once: 130/143, 74, 3, 124, 2, 1, 5, 4.
    (74, ["fail", "wrong"], [], "exec > /dev/full; "),
    (74, ["slow"], ["--timeout", "1", "--fuel", "1000000000000000000"], "exec > /dev/full; "),
    (124, ["wrong", "fail", "slow"], ["--timeout", "1", "--fuel", "1000000000000000000"], ""),
    (2, ["fail", "wrong"], [], ""),
    (2, ["fail", "missing", "pending"], ["--require-complete"], ""),
    (2, ["wrong", "fail"], [], ""),
    (1, ["fail", "pending"], ["--require-complete"], ""),
  ]

  @Test(arguments: rows.indices) func aRunEndsWith(_ index: Int) throws {
    let row = Self.rows[index]
    let folder = try Scratch()
    for (name, text) in Self.scripts { try folder.write(text, to: name + ".lua") }
    let ended = try Sgxbench.run(["run"] + row.scripts.map { $0 + ".lua" } + row.arguments, in: folder.path, shell: row.shell + #"exec "$@""#)
    #expect(ended.status == row.status, "\(row): \(ended.output)\(ended.errors)")
    #expect(!ended.wasSignalled)
    // Whatever is no 0 says why somewhere.
    if row.status != 0 { #expect(!(ended.output + ended.errors).isEmpty) }
  }

  /// What is on the left wins over all that is right of it; usage and set-up end a run before it has anything else to say.
  @Test func theOrderOfTheStatuses() {
    let order: [BenchCommands.ExitStatus] = [.interrupted, .output, .benchBroken, .timeout, .badInput, .failed, .incomplete, .allSkipped, .passed]
    for (left, winner) in order.enumerated() {
      for other in order[left...] {
        #expect(winner.or(other) == winner)
        #expect(other.or(winner) == winner)
      }
    }
    #expect(BenchCommands.ExitStatus(signal: SIGINT).rawValue == 130)
    #expect(BenchCommands.ExitStatus(signal: SIGTERM).rawValue == 143)
    #expect(BenchCommands.ExitStatus(signal: SIGHUP).rawValue == 129)
    #expect(order.map(\.rawValue) == [130, 74, 3, 124, 2, 1, 5, 4, 0])
  }

  @Test func aSignalWinsOverAFailure() throws {
    let folder = try Scratch()
    try folder.write(Self.scripts["fail"]! + Self.scripts["slow"]!, to: "a.lua")
    let run = try Started(["run", "a.lua", "--fuel", "1000000000000000000"], in: folder.path, shell: #"exec "$@" > /dev/full"#)
    #expect(run.wait { run.catches(SIGTERM) })
    run.send(SIGTERM)
    #expect(run.ended().status == 143)
    #expect(run.errors == "sgxbench: cannot write standard output: No space left on device\n")
  }

  // Limits name themselves and their flag.

  private static let limits: [(script: String, arguments: [String], says: String)] = [
    ("it('x', function()\n  for _ = 1, 1e5 do end\nend)", ["--fuel", "5000"], "a.lua:2: work limit of 5,000 reached (--fuel)"),
    (
      "it('x', function()\n  local t = {}\n  for n = 1, 100 do t[n] = string.rep('x', 1e6) .. n end\nend)", ["--memory", "3"],
      "a.lua:3: script memory limit of 3 MiB reached (--memory)"
    ),
    (
      "it('x', function()\n  local t = {}\n  for n = 1, 1e6 do t[n] = n end\nend)", ["--block", "1"],
      "a.lua:3: script memory limit of 1 MiB for one string or table reached (--block)"
    ),
    ("it('x', function() end)", ["--source-limit", "10"], "a.lua: 23 bytes is over the limit of 10 (--source-limit)"),
    ("it('x', function() print('much') end)", ["--output-limit", "2"], "a.lua:1: printed more than the limit; the rest was cut (--output-limit)"),
  ]

  @Test(arguments: limits.indices) func aLimitSaysWhatItIs(_ index: Int) throws {
    let row = Self.limits[index]
    let ended = try Sgxbench.run(script: row.script, row.arguments)
    #expect(ended.output.contains(row.says + "\n"), "\(ended.output)")
    // A file that is too large is no scenario that ran into a limit of its own.
    #expect(ended.status == (row.arguments[0] == "--source-limit" ? 2 : 1))
    #expect(try Sgxbench.run(script: row.script, row.arguments.dropLast() + ["-1"]).status == 64)
  }

  @Test func aModuleIsBoundedToo() throws {
    let folder = try Scratch()
    try folder.write("return {}" + String(repeating: " ", count: 100), to: "m.lua")
    try folder.write("require 'm' it('x', function() expect(1):equals(1) end)", to: "a.lua")
    #expect(try Sgxbench.run(["run", "a.lua"], in: folder.path).status == 0)
    let ended = try Sgxbench.run(["run", "a.lua", "--source-limit", "60"], in: folder.path)
    #expect(ended.status == 2)
    #expect(ended.output.contains("a.lua:1: ") && ended.output.contains("109 bytes is over the limit of 60 bytes (--source-limit)"), "\(ended.output)")
  }
}
