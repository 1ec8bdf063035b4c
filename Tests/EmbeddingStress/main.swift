import Glibc
import ScenarioLanguage
import Synchronization
import Testbench

// Benches by the thousand and eight at a time, in a process of their own. `memory FILE…` makes, runs and drops 1,000 benches and prints
// how much more memory is resident then than after the first 100. `threads FILE…` runs the files on eight threads at once and compares
// what comes out with one run alone.

/// A bench for each script: run once, dropped, and put into words.
func run(_ scripts: [Script], options: RunOptions) -> String {
  var text = ""
  for script in scripts {
    var runner = ScenarioRunner(options: options)
    do throws(HostRegistrationError) {
      try runner.register("free") { call in [.integer(Int64(try call.machine(1).epc.free))] }
    } catch {
      return error.text
    }
    runner.observer = { event in
      guard case .testEnded(let test) = event else { return }
      text += "\(test.path) \(test.status) \(test.checks) \(test.visits) \(test.failures.map(\.message)) \(test.output.count)\n"
      for trace in test.traces { for event in trace { text += event.text + "\n" } }
    }
    let result = runner.run(source: script.source, name: script.name)
    text += "\(result.name) \(result.tests.count) \(result.error?.text ?? "ran")\n"
  }
  return text
}

struct Script: Sendable {
  let name: String
  let source: [UInt8]
}

/// Bytes resident in memory (proc(5), statm, the second number, in pages).
func residentBytes() -> Int {
  let fields = bytes(of: "/proc/self/statm").split(separator: UInt8(ascii: " "))
  return (Int(String(decoding: fields[1], as: UTF8.self)) ?? 0) * Int(getpagesize())
}

func bytes(of path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { fatalError("no file \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
  return bytes
}

func measureMemory(_ scripts: [Script]) {
  var options = RunOptions()
  options.setLimits(fuel: 200_000, memory: 64 << 20, source: 1 << 20, output: 1 << 20)
  var resident: [Int] = []
  var tests = 0
  for bench in 1...1000 {
    tests = run(scripts, options: options).split(separator: "\n").count - scripts.count
    if bench == 100 || bench == 1000 { resident.append(residentBytes()) }
  }
  print("\(tests) tests, KiB more after 1000 benches than after 100:", (resident[1] - resident[0]) / 1024)
}

/// What eight threads found.
final class Findings: Sendable {
  let scripts: [Script]
  let options: RunOptions
  let texts = Mutex<[String]>([])

  init(_ scripts: [Script], _ options: RunOptions) {
    self.scripts = scripts
    self.options = options
  }
}

func compareThreads(_ scripts: [Script]) {
  var options = RunOptions()
  options.keepsTrace = true
  let alone = run(scripts, options: options)
  let findings = Findings(scripts, options)
  let threads = (0..<8).map { _ in
    var thread = pthread_t()
    let made = pthread_create(
      &thread, nil,
      { context in
        let findings = Unmanaged<Findings>.fromOpaque(context!).takeUnretainedValue()
        let text = run(findings.scripts, options: findings.options)
        findings.texts.withLock { $0.append(text) }
        return nil
      }, Unmanaged.passUnretained(findings).toOpaque())
    precondition(made == 0, "the system gives no thread")
    return thread
  }
  for thread in threads { pthread_join(thread, nil) }
  let same = findings.texts.withLock { texts in texts.count { $0 == alone } }
  print("\(same) of 8 runs the same as one alone, \(alone.utf8.count) bytes")
}

let scripts = CommandLine.arguments.dropFirst(2).map { Script(name: $0, source: bytes(of: $0)) }
switch CommandLine.arguments.dropFirst().first {
case "memory"?: measureMemory(scripts)
case "threads"?: compareThreads(scripts)
default: fatalError("memory or threads, and scripts")
}
