import Foundation
import Testing
@testable import LuaHost

/// Every file in Tests/Hostile attacks the sandbox. Each ends with the message its first line expects (or, with `-- pass`,
/// without one), within 2 seconds of CPU and the memory limit, and never by a signal.
@Suite struct HostileTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Hostile")
  static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".lua") }.sorted()

  /// Sanitizers are slower; their runs say so.
  static let secondsAllowed = ProcessInfo.processInfo.environment["HOSTILE_SECONDS"].flatMap(Double.init) ?? 2

  @Test func thereAreEnoughAttacks() { #expect(Self.files.count >= 60) }

  @Test(arguments: files)
  func isContained(file: String) throws {
    let bytes = Array(try Data(contentsOf: Self.folder.appendingPathComponent(file)))
    let first = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let modules = ["cycle_a": "require 'cycle_b'", "cycle_b": "require 'cycle_a'"]
    let (outcome, seconds) = try onBigStack { () -> Result<(Outcome, Double), any Error> in
      Result {
        let start = cpuSeconds()
        let sink = Sink()
        let lua = try Interpreter(output: { sink.bytes += $0 }) { name in
          modules[name].map { ModuleSource(name: "\(name).lua", source: Array($0.utf8)) }
        }
        var failure: LuaFailure?
        do throws(LuaFailure) { try lua.run(source: bytes, name: file) } catch { failure = error }
        let peak = lua.memoryPeak
        #expect(peak <= 64 << 20)
        let output = String(decoding: sink.bytes, as: UTF8.self)
        let outcome = Outcome(output: output, failure: failure, interpreter: lua)
        lua.close()
        return (outcome, cpuSeconds() - start)
      }
    }.get()
    #expect(seconds < Self.secondsAllowed, "\(file) took \(seconds) s")
    #expect(outcome.output.utf8.count <= (1 << 20) + 100)
    if first == "-- pass" {
      #expect(outcome.failure == nil)
    } else {
      let expected = try #require(first.split(separator: "-- expect: ", maxSplits: 1).last.map(String.init))
      let text = try #require(outcome.failure, "\(file) was not stopped").text
      #expect(text.contains(expected), "\(file) says: \(text.prefix(300))")
    }
  }
}

private func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
