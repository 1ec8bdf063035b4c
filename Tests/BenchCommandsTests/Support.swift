import Foundation
import Testing

/// The repository these tests belong to.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Every scenario beneath Scripts/, relative to the root, in byte order of the path.
  static let scenarios: [String] = {
    let helpers: Set = ["lib", "meta", "dev", "loaders"]
    let names = FileManager.default.enumerator(atPath: root + "/Scripts")?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      name.hasSuffix(".lua") && name.split(separator: "/").dropLast().allSatisfy { !helpers.contains(String($0)) }
    }.map { "Scripts/" + $0 }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }()

  static func text(of path: String) throws -> String { try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) }
}

/// What a run of the real program left behind.
struct Ended {
  let status: Int32
  /// A signal ended it; `status` is its number then.
  let wasSignalled: Bool
  let output: String
  let errors: String
  /// Output as bytes, for comparisons.
  let bytes: Data
}

/// The program itself, in a process of its own.
enum Sgxbench {
  /// `SGXBENCH_BINARY`, else the product built next to the tests.
  static let path: String = {
    if let given = ProcessInfo.processInfo.environment["SGXBENCH_BINARY"], !given.isEmpty { return given }
    let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/sgxbench"
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : Repository.root + "/.build/debug/sgxbench"
  }()

  /// Runs it and waits.
  ///
  /// - Parameters:
  ///   - folder: the current folder; the repository's root unless given.
  ///   - environment: replaces variables of ours.
  ///   - seconds: of CPU that each of its processes may take.
  ///   - shell: a line of bash in which `"$@"` is the program with its arguments, for limits and redirections.
  static func run(
    _ arguments: [String], in folder: String = Repository.root, environment: [String: String] = [:], seconds: Int = secondsMax,
    shell: String = #"exec "$@""#
  ) throws -> Ended {
    let scratch = try Scratch()
    let (outputPath, errorPath) = (scratch.path + "/out", scratch.path + "/err")
    for path in [outputPath, errorPath] { try Data().write(to: URL(fileURLWithPath: path)) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    // A process that hangs must not hang the tests: CPU time is bounded here, sleep there is none.
    process.arguments = ["-c", "ulimit -t \(seconds); " + shell, "bash", path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
    try process.run()
    process.waitUntilExit()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: outputPath))
    return Ended(
      status: process.terminationStatus, wasSignalled: process.terminationReason == .uncaughtSignal,
      output: String(decoding: bytes, as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errorPath)), as: UTF8.self), bytes: bytes)
  }

  /// Seconds of CPU that one run may take; sanitizers are slower, and say so.
  static let secondsMax = ProcessInfo.processInfo.environment["HOSTILE_SECONDS"].flatMap(Int.init) ?? 20

  /// Writes a script into a folder of its own and runs it there as `a.lua`.
  static func run(script: String, _ arguments: [String] = [], shell: String = #"exec "$@""#) throws -> Ended {
    let scratch = try Scratch()
    try scratch.write(script, to: "a.lua")
    return try run(["run", "a.lua"] + arguments, in: scratch.path, shell: shell)
  }
}

/// A folder that is gone at the end of the test.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/sgxbench-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }
}

/// Beginnings of scenarios.
enum Script {
  /// A test of which only the body is given; it has `machine`, `process` and `enclave`, created and empty.
  static func test(_ body: String, options: String = "{}") -> String {
    """
    local sgx = require "sgx"
    it("a test", \(options), function()
      local machine = sgx.machine { epc = "256 KiB" }
      local process = machine:process()
      local enclave = process:open()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
      local function add(offset)
        return enclave:add_pages { source = process:map { pages = 1 }, offset = offset, pages = 1, secinfo = { permissions = "r" } }
      end
      \(body)
    end)
    """
  }

  /// Leaks the SECS page on Linux: the power goes between EADD and EEXTEND.
  static let leak = """
    machine:inject { fault = "power", at = { site = "leaf:EEXTEND" } }
    expect(add(0).errno):equals("EIO")
    enclave:close()
    """
}
