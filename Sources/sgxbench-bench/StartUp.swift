import Glibc

/// How long the command takes from spawn to exit, held against an interpreter that does nothing (goal 8).
enum StartUp {
  static var figures: [Figure] { [Figure(name: "start-up", goal: .atMost(1.5), take: startUp)] }

  /// `sgxbench run` with one test of one check, as `Scripts/bench` names it in SGXBENCH_BINARY, against `lua5.4 -e ''`.
  private static func startUp(rounds: Int) -> Reading {
    guard let variable = getenv("SGXBENCH_BINARY") else { return .skipped(reason: "SGXBENCH_BINARY is not set") }
    guard let folder = TemporaryFolder() else { return .skipped(reason: "no temporary folder can be made") }
    defer { folder.remove() }
    guard let scenario = folder.write(Self.scenario, to: "start.lua") else {
      return .skipped(reason: "the scenario cannot be written")
    }
    let bench = [String(cString: variable), "run", scenario]
    let lua = ["lua5.4", "-e", ""]
    for command in [bench, lua] {
      let status = spawnAndWait(command)
      guard status == 0 else { return .skipped(reason: "\(command[0]) ended with \(status)") }
    }
    let ratio = Ratio(rounds: rounds * 4, limit: { _ = spawnAndWait(lua) }, measured: { _ = spawnAndWait(bench) })
    return .ratio(
      ratio.cost, measured: (ratio.measured / 1e6).text(digits: 2) + " ms",
      limit: "lua5.4 -e '', " + (ratio.limit / 1e6).text(digits: 2) + " ms")
  }

  private static let scenario = """
    describe("start", function() it("checks", function() expect(1):equals(1) end) end)

    """

  /// Runs a program, its output thrown away, and returns its exit status; 127 where it cannot be run, 128 and more after a signal.
  private static func spawnAndWait(_ command: [String]) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    guard posix_spawnp(&child, command[0], &actions, nil, &arguments, environ) == 0 else { return 127 }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }
}

/// A folder for files that the measured commands read; the current folder may be anywhere.
private struct TemporaryFolder {
  private let path: String

  init?() {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = [CChar]((parent + "/sgxbench-bench.XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Writes a file and returns its path.
  func write(_ text: String, to name: String) -> String? {
    let target = path + "/" + name
    guard let file = fopen(target, "w") else { return nil }
    let isWritten = fputs(text, file) >= 0
    return fclose(file) == 0 && isWritten ? target : nil
  }

  /// Deletes the folder and the one level of files in it.
  func remove() {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { unlink(path + "/" + name) }
    }
    closedir(directory)
    rmdir(path)
  }
}
