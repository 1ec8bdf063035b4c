import Foundation
import Testing

/// `--watch`: runs again when a script changes, and ends by a signal only.
@Suite("Watching", .serialized) struct WatchTests {
  private let folder: Scratch

  init() throws {
    folder = try Scratch()
    try write(expected: 1)
  }

  private func write(expected: Int) throws { try folder.write("it('x', function() expect(1):equals(\(expected)) end)", to: "a.lua") }

  private func watching(_ run: Started, times: Int) -> Bool {
    run.wait { run.errors.split(separator: "\n").count { $0.hasPrefix("sgxbench: watching ") } >= times }
  }

  private static let signals: [(signal: Int32, status: Int32, name: String)] = [
    (SIGINT, 130, "SIGINT"), (SIGTERM, 143, "SIGTERM"), (SIGHUP, 129, "SIGHUP"),
  ]

  @Test(arguments: signals) func untilASignal(_ signal: Int32, status: Int32, name: String) throws {
    let run = try Started(["run", "a.lua", "--watch"], in: folder.path)
    #expect(watching(run, times: 1))
    #expect(run.output.contains("1 file: 1 passed, 0 failed"))
    try write(expected: 22)
    #expect(watching(run, times: 2))
    #expect(run.output.contains("expected 22, got 1"))
    // A module that the script may require, and one that is taken away.
    try folder.write("return {}", to: "lib/m.lua")
    #expect(watching(run, times: 3))
    try FileManager.default.removeItem(atPath: folder.path + "/a.lua")
    #expect(watching(run, times: 4))
    #expect(run.errors.contains("sgxbench: cannot open a.lua: No such file or directory\n"))
    try write(expected: 1)
    #expect(watching(run, times: 5))
    run.send(signal)
    var end: (status: Int32, wasSignalled: Bool) = (0, false)
    let took = seconds { end = run.ended() }
    #expect(end.status == status && !end.wasSignalled)
    #expect(took < 5)
    #expect(run.errors.contains("sgxbench: watching 1 file; Ctrl-C ends it\n"))
  }

  /// The signal goes to the one who watches; the run under way writes its report all the same, and nothing stays behind.
  @Test(arguments: signals) func inTheMiddleOfARun(_ signal: Int32, status: Int32, name: String) throws {
    try folder.write("it('x', function() while true do end end)", to: "a.lua")
    let run = try Started(["run", "a.lua", "--watch", "--fuel", "1000000000000000"], in: folder.path)
    var child: pid_t = 0
    // The signal must find a run that can answer it.
    #expect(
      run.wait {
        let children = try? String(contentsOfFile: "/proc/\(run.pid)/task/\(run.pid)/children", encoding: .utf8)
        child = children.flatMap { $0.split(separator: " ").first }.flatMap { pid_t($0) } ?? 0
        return child != 0 && Started.catches(signal, child)
      })
    run.send(signal)
    #expect(run.ended().status == status)
    #expect(run.output.hasSuffix("INCOMPLETE: \(name) ended the run\n"), "\(run.output)")
    #expect(kill(child, 0) != 0, "the run has ended too")
  }

  /// As soon as there is a run at all. It takes some time until it has handlers of its own, in which the signal must not be lost.
  @Test func atTheBeginningOfARun() throws {
    try folder.write("it('x', function() while true do end end)", to: "a.lua")
    for _ in 0..<8 {
      let run = try Started(["run", "a.lua", "--watch", "--fuel", "1000000000000000"], in: folder.path)
      #expect(run.wait { (try? String(contentsOfFile: "/proc/\(run.pid)/task/\(run.pid)/children", encoding: .utf8))?.isEmpty == false })
      run.send(SIGTERM)
      #expect(run.ended().status == 143)
      #expect(run.output.hasSuffix("INCOMPLETE: SIGTERM ended the run\n"), "\(run.output)")
    }
  }

  @Test func aWrongOptionIsSaidOnce() throws {
    let run = try Started(["run", "a.lua", "--watch", "--jobs", "0"], in: folder.path)
    #expect(run.ended().status == 64)
  }

  @Test func notWithoutAnOutput() throws {
    let run = try Started(["run", "a.lua", "--watch"], in: folder.path, shell: #"exec "$@" >/dev/full"#)
    #expect(run.ended().status == 74)
  }
}
