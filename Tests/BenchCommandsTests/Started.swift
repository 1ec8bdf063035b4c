import Foundation

/// A run of the real program that is under way, for tests that disturb it.
final class Started {
  private let process = Process()
  private let scratch: Scratch
  private var outputPath: String { scratch.path + "/out" }
  private var errorPath: String { scratch.path + "/err" }

  init(_ arguments: [String], in folder: String, shell: String = #"exec "$@""#) throws {
    scratch = try Scratch()
    for name in ["out", "err"] { try scratch.write("", to: name) }
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "ulimit -t 60; " + shell, "bash", Sgxbench.path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
    try process.run()
  }

  var pid: pid_t { process.processIdentifier }
  var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
  var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// Whether the program runs by now and has a handler for this signal, after which no signal is lost.
  func catches(_ signal: Int32) -> Bool { Self.catches(signal, pid) }

  static func catches(_ signal: Int32, _ pid: pid_t) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8), !status.hasPrefix("Name:\tbash\n"),
      let caught = status.firstMatch(of: #/SigCgt:\t([0-9a-f]+)/#).flatMap({ UInt64($0.1, radix: 16) })
    else { return false }
    return caught >> UInt64(signal - 1) & 1 == 1
  }

  /// Waits until this holds, for a minute at most.
  func wait(until holds: () -> Bool) -> Bool {
    for _ in 0..<6000 {
      if holds() { return true }
      usleep(10_000)
    }
    return false
  }

  /// Waits for the end, for a minute at most.
  func ended() -> (status: Int32, wasSignalled: Bool) {
    for _ in 0..<60_000 {
      if !process.isRunning { break }
      usleep(1000)
    }
    if process.isRunning { kill(pid, SIGKILL) }
    process.waitUntilExit()
    return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
  }
}

/// Moments that look random and are the same in every run of the tests (SplitMix64, Steele and others, 2014).
struct Moments {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Microseconds below a bound.
  mutating func next(below bound: UInt32) -> UInt32 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return UInt32((bits ^ (bits >> 31)) % UInt64(bound))
  }
}

/// Seconds that something took.
func seconds(_ body: () -> Void) -> Double {
  let began = Date()
  body()
  return Date().timeIntervalSince(began)
}
