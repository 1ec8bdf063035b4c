import Foundation
import Testing

/// `sgxbench repl` on a terminal of its own.
@Suite("repl on a terminal") struct ReplTerminalTests {
  private static let program = "\(Repository.root)/Scripts/dev/typed.py"

  /// Waits for the first of each pair and types the second.
  private func session(_ steps: [[String]], in home: Scratch, _ arguments: [String] = [], hasHome: Bool = true) throws -> Ended {
    try home.write(String(decoding: JSONSerialization.data(withJSONObject: steps), as: UTF8.self), to: "steps.json")
    let unset = hasHome ? "" : "unset HOME; "
    return try Sgxbench.run(
      ["repl"] + arguments, in: home.path, environment: ["HOME": home.path, "XDG_STATE_HOME": "", "TERM": "xterm", "EDITRC": "/dev/null"],
      shell: unset + "exec python3 '\(Self.program)' steps.json \"$@\"")
  }

  private let end = ["> ", "\u{4}"]

  @Test func ctrlCStopsARunningLineAndForgetsAHalfOne() throws {
    let ended = try session(
      [
        ["> ", "print('runs') while true do end\n"], ["\nruns\r\n", "\u{3}"], ["error: input:1: stopped by Ctrl-C", ""],
        ["> ", "for i = 1, 2 do\n"], [">> ", "half\u{3}"], ["\n> ", "3 + 4\n"], ["7", ""], end,
      ], in: Scratch(), ["--fuel", "1000000000000"])
    #expect(ended.errors == "")
    // Nobody's mistakes at a prompt make a status.
    #expect(ended.status == 0)
  }

  @Test func theHistoryIsKeptForItsOwnerOnly() throws {
    let home = try Scratch()
    let first = try session([["> ", "111 + 111\n"], ["222", ""], end], in: home)
    #expect(first.status == 0)
    let file = home.path + "/.local/state/sgxbench/history"
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path + "/.local/state/sgxbench") == ["history"])
    let second = try session([["> ", "\u{1b}[A + 1\n"], ["223", ""], end], in: home)
    #expect(second.errors == "")
    #expect(second.status == 0)
  }

  @Test func withoutAHomeNothingIsWritten() throws {
    let home = try Scratch()
    let ended = try session([["> ", "1\n"], end], in: home, hasHome: false)
    #expect(ended.status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == ["steps.json"])
  }

  @Test func tabCompletes() throws {
    let ended = try session(
      [
        ["> ", "machine:proc\t()\n"], ["process#1", ""], ["> ", "machine:t\t\t"], ["task   trace", "race(1)\n"], ["> ", "enclave:create { ssa\t2, siz\t0x8000 }\n"],
        [#"outcome = "success""#, ""], ["> ", "sgx.machine { driver = \"6.1.\t\" }.driver\n"], ["\"6.1.192\"", ""], end,
      ], in: Scratch())
    #expect(ended.errors == "")
    #expect(ended.output.contains("enclave:create { ssa"))
    #expect(ended.status == 0)
  }

  @Test func whatIsNotASCIIArrives() throws {
    let ended = try session([["> ", "#\"größe\"\n"], ["\n7", ""], end], in: Scratch())
    #expect(ended.errors == "")
  }
}
