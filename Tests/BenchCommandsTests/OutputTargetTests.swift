import Foundation
import Testing

/// Bad inputs 47 to 49: reports that cannot be written, said before the run where that can be known, and never with a status of 0.
@Suite("Fifty bad inputs: reports that cannot be written") struct OutputTargetTests {
  private let folder: Scratch
  private static let passing = "it('a test', function() expect(1):equals(1) for _ = 1, 100 do print(string.rep('x', 100)) end end)"
  private static let old = "{\n  \"arguments\" : [\n\n  ]\n}\n"

  init() throws {
    folder = try Scratch()
    try folder.write(Self.passing, to: "a.lua")
    try folder.write(Self.old, to: "old.json")
  }

  private func run(_ target: String, shell: String = #"exec "$@""#) throws -> Ended {
    try Sgxbench.run(["run", "a.lua", "--format", target], in: folder.path, shell: shell)
  }

  /// Nothing has run, the old report is as it was, and no part of a new one lies about.
  private func expectRefusal(_ ended: Ended, _ says: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(ended.status == 74, sourceLocation: sourceLocation)
    #expect(ended.errors == "sgxbench: \(says)\n", sourceLocation: sourceLocation)
    #expect(ended.output.isEmpty, "\(ended.output)", sourceLocation: sourceLocation)
    try expectOld(sourceLocation: sourceLocation)
  }

  private func expectOld(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try String(contentsOfFile: folder.path + "/old.json", encoding: .utf8) == Self.old, sourceLocation: sourceLocation)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!names.contains { $0.hasSuffix(".part") }, "\(names)", sourceLocation: sourceLocation)
  }

  // 47

  @Test func aFolderThatIsNotThere() throws {
    try expectRefusal(try run("json:none/r.json"), "cannot write none/r.json: No such file or directory")
  }

  @Test func aTargetThatIsAFolder() throws {
    try expectRefusal(try run("json:."), "cannot write .: it is a directory")
  }

  @Test func aFolderThatIsAFile() throws {
    try expectRefusal(try run("json:a.lua/r.json"), "cannot write a.lua/r.json: Not a directory")
  }

  @Test(.enabled(if: OtherUser.isAtHand)) func aFileThatMayOnlyBeRead() throws {
    #expect(chmod(folder.path + "/old.json", 0o444) == 0)
    // Its folder may be written, so a rename would go through; a file that is closed stays as it is.
    #expect(chmod(folder.path, 0o777) == 0)
    try expectRefusal(try run("json:old.json", shell: OtherUser.shell), "cannot write old.json: Permission denied")
  }

  @Test(.enabled(if: OtherUser.isAtHand)) func aFolderThatMayOnlyBeRead() throws {
    try folder.write("", to: "closed/x")
    #expect(chmod(folder.path + "/closed", 0o555) == 0)
    defer { chmod(folder.path + "/closed", 0o755) }
    try expectRefusal(try run("json:closed/r.json", shell: OtherUser.shell), "cannot write closed/r.json: Permission denied")
  }

  @Test func aFileThatExistsIsReplaced() throws {
    #expect(try run("json:old.json").status == 0)
    let text = try String(contentsOfFile: folder.path + "/old.json", encoding: .utf8)
    #expect(text.contains("\"complete\" : true") && text.hasSuffix("}\n"))
  }

  @Test func aLinkStaysALink() throws {
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.json", withDestinationPath: "old.json")
    #expect(try run("json:link.json").status == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link.json") == "old.json")
    #expect(try String(contentsOfFile: folder.path + "/old.json", encoding: .utf8).contains("\"complete\" : true"))
  }

  // 48

  @Test func aFullDiskUnderTheReport() throws {
    let ended = try run("json:/dev/full")
    #expect(ended.status == 74)
    #expect(ended.errors == "sgxbench: cannot write /dev/full: No space left on device\n")
    #expect(ended.output.contains("1 file: 1 passed"), "what else was asked for is written")
  }

  /// Bash counts in blocks of 1,024 bytes. The signal that comes with the limit would end the process.
  @Test func aQuota() throws {
    let ended = try run("json:old.json", shell: #"ulimit -f 2; exec "$@" > /dev/null"#)
    #expect(ended.status == 74)
    #expect(!ended.wasSignalled)
    #expect(ended.errors == "sgxbench: cannot write old.json: File too large\n")
    try expectOld()
    let plain = try Sgxbench.run(["run", "a.lua"], in: folder.path, shell: #"ulimit -f 2; exec "$@""#)
    #expect(plain.status == 74)
    #expect(plain.errors == "sgxbench: cannot write standard output: File too large\n")
  }

  private static let mayMount =
    geteuid() == 0 && (try? Sgxbench.run([], shell: "mkdir -p /tmp/sgxbench-mount-$$ && mount -t tmpfs none /tmp/sgxbench-mount-$$ && umount /tmp/sgxbench-mount-$$; status=$?; rmdir /tmp/sgxbench-mount-$$; exit $status").status) == 0

  @Test(.enabled(if: mayMount, "only root mounts a small file system")) func aDiskThatFillsUp() throws {
    let shell = """
      mkdir small && mount -t tmpfs -o size=8k none small || exit 99
      cp old.json small/r.json
      "$@"; status=$?
      cp small/r.json after.json; ls -A small > names
      umount small; exit $status
      """
    let ended = try run("json:small/r.json", shell: shell)
    #expect(ended.status == 74)
    #expect(ended.errors == "sgxbench: cannot write small/r.json: No space left on device\n")
    #expect(try String(contentsOfFile: folder.path + "/after.json", encoding: .utf8) == Self.old)
    #expect(try String(contentsOfFile: folder.path + "/names", encoding: .utf8) == "r.json\n")
  }

  @Test(arguments: [["--help"], ["run", "--help"], ["--version"], ["help", "sweep"], ["--generate-completion-script", "bash"]])
  func helpMustArriveToo(_ arguments: [String]) throws {
    let shown = try Sgxbench.run(arguments)
    #expect(shown.status == 0)
    #expect(shown.errors.isEmpty)
    #expect(shown.output.hasSuffix("\n") && !shown.output.hasSuffix("\n\n"))
    let lost = try Sgxbench.run(arguments, shell: #"exec "$@" > /dev/full"#)
    #expect(lost.status == 74)
    #expect(lost.errors == "sgxbench: cannot write standard output: No space left on device\n")
  }

  // 49

  @Test(arguments: ["pretty", "json"]) func aReaderThatHasEnough(_ format: String) throws {
    try folder.write("it('x', function() for _ = 1, 9000 do print(string.rep('x', 100)) end expect(1):equals(1) end)", to: "a.lua")
    let ended = try run(format, shell: #""$@" | head -c 10; exit "${PIPESTATUS[0]}""#)
    #expect(ended.status == 74)
    #expect(ended.errors.isEmpty)
    #expect(ended.bytes.count == 10)
  }

  /// Thirty scripts of some tenths of a second: more than the CPU time that the run may take.
  @Test func aRunThatNobodyHearsEnds() throws {
    for number in 1...30 {
      try folder.write("it('x', function() for _ = 1, 1e8 do end expect(1):equals(1) end)", to: "s/\(number).lua")
    }
    let arguments = ["run", "s", "--fuel", "1000000000000"]
    for output in ["| head -c 1 > /dev/null; exit ${PIPESTATUS[0]}", "> /dev/full"] {
      let ended = try Sgxbench.run(arguments, in: folder.path, shell: #""$@" \#(output)"#)
      #expect(ended.status == 74, "\(output): \(ended.errors)")
    }
  }

  /// The report file gets the descriptor that is free, and must not get what was meant for the standard output or for errors.
  @Test(arguments: [#"exec "$@" >&-"#, #"exec "$@" >&- 2>&-"#, #"exec "$@" <&- >&- 2>&-"#]) func closedDescriptors(_ shell: String) throws {
    let ended = try Sgxbench.run(["run", "a.lua", "missing.lua", "--format", "json:r.json"], in: folder.path, shell: shell)
    #expect(ended.status == 74)
    let report = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/r.json"))
    #expect((try JSONSerialization.jsonObject(with: report) as? [String: Any])?["complete"] as? Bool == true)
  }
}
