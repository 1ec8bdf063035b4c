import Foundation
import SGXArchitecture
import Testing

/// Bad inputs 37 to 42: files that are not there, are no files, may not be read, or change.
@Suite("Fifty bad inputs: files") struct FilesThatAreNoneTests {
  private let folder: Scratch
  private static let passing = "it('x', function() expect(1):equals(1) end)"

  init() throws {
    folder = try Scratch()
    try folder.write(Self.passing, to: "good.lua")
  }

  /// Refused with status 2, in the report as on standard error; the good file beside it runs all the same.
  private func refused(
    _ name: String, _ says: String, hint: String? = nil, shell: String = #"exec "$@""#, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let ended = try Sgxbench.run(["run", name, "good.lua"], in: folder.path, shell: shell)
    #expect(ended.status == 2, sourceLocation: sourceLocation)
    #expect(ended.errors == "sgxbench: \(says)\n" + (hint.map { "hint: \($0)\n" } ?? ""), sourceLocation: sourceLocation)
    #expect(ended.output.contains("  ERROR \(says)\n"), "\(ended.output)", sourceLocation: sourceLocation)
    #expect(ended.output.contains("\n2 files: 1 passed, 0 failed, 1 in error;"), "\(ended.output)", sourceLocation: sourceLocation)
    #expect(!ended.wasSignalled, sourceLocation: sourceLocation)
  }

  // 37
  @Test func aFileThatIsNotThere() throws {
    try refused("missing.lua", "cannot open missing.lua: No such file or directory")
    try refused("godo.lua", "cannot open godo.lua: No such file or directory", hint: "there is good.lua")
    try folder.write(Self.passing, to: "deep/er/load.lua")
    try refused("deep/er/laod.lua", "cannot open deep/er/laod.lua: No such file or directory", hint: "there is deep/er/load.lua")
    try refused("deep/re/load.lua", "cannot open deep/re/load.lua: No such file or directory")
    try refused(
      folder.path + "/gud.lua", "cannot open \(folder.path)/gud.lua: No such file or directory", hint: "there is \(folder.path)/good.lua")
    try refused("good.lua/x", "cannot open good.lua/x: Not a directory")
    try refused("a\u{1b}[2J.lua", "cannot open a\\x1b[2J.lua: No such file or directory")
  }

  // 38: a folder is walked.
  @Test func aFolder() throws {
    try folder.write(Self.passing, to: "folder/b.lua")
    try folder.write(Self.passing, to: "folder/deeper/c.lua")
    try folder.write("error()", to: "folder/lib/d.lua")
    let ended = try Sgxbench.run(["run", "folder"], in: folder.path)
    #expect(ended.status == 0, "\(ended.output)")
    #expect(ended.output.contains("\n2 files: 2 passed, 0 failed;"))
    try FileManager.default.createDirectory(atPath: folder.path + "/empty", withIntermediateDirectories: false)
    let empty = try Sgxbench.run(["run", "empty"], in: folder.path)
    #expect(empty.status == 2)
    #expect(empty.errors == "sgxbench: empty: no scenario beneath this folder; a scenario is a *.lua file\n")
    #expect(empty.output.isEmpty)
  }

  // 39
  @Test(.enabled(if: OtherUser.isAtHand, "nobody here is somebody else")) func aFileThatMayNotBeRead() throws {
    try folder.write(Self.passing, to: "secret.lua")
    #expect(chmod(folder.path + "/secret.lua", 0) == 0)
    try refused("secret.lua", "cannot open secret.lua: Permission denied", shell: OtherUser.shell)
  }

  // 40, 41
  @Test func whatIsNoRegularFile() throws {
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/loop", withDestinationPath: "loop")
    try refused("loop", "cannot open loop: Too many levels of symbolic links")
    #expect(mkfifo(folder.path + "/fifo", 0o600) == 0)
    try refused("fifo", "fifo is not a regular file")
    try refused("/dev/zero", "/dev/zero is not a regular file")
    let bound = try Sgxbench.run(["run", "x.lua"], in: folder.path, shell: #"perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "x.lua", Listen => 1)'; exec "$@""#)
    if FileManager.default.fileExists(atPath: folder.path + "/x.lua") {
      // A socket cannot be opened at all (open(2), ENXIO).
      #expect(bound.errors == "sgxbench: cannot open x.lua: No such device or address\n")
      #expect(bound.status == 2)
    }
  }

  // 42: what was read is what was run, and the report says which bytes those were.
  @Test func aFileThatChanges() throws {
    func digest() throws -> String {
      var hash = RunningSHA256()
      try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/good.lua"))).withUnsafeBytes { hash.update($0) }
      return hash.digest().hex
    }
    let first = try Sgxbench.run(["run", "good.lua", "--format", "json"], in: folder.path)
    #expect(first.output.contains("\"sha256\" : \"\(try digest())\""), "\(first.output)")
    try folder.write(Self.passing + " ", to: "good.lua")
    let second = try Sgxbench.run(["run", "good.lua", "--format", "json"], in: folder.path)
    #expect(second.output.contains("\"sha256\" : \"\(try digest())\""))
    #expect(first.output != second.output)
  }

  /// A script that another process replaces all the time, by a rename, is one of its two contents, never something between.
  @Test func aFileThatIsReplacedWhileItIsRead() throws {
    let other = "it('y', function() expect(1):equals(1) end)" + String(repeating: "\n", count: 200_000)
    try folder.write(Self.passing, to: "one")
    try folder.write(other, to: "two")
    let shell = """
      (while :; do cp one t; mv t good.lua; cp two t; mv t good.lua; done) & writer=$!
      status=0
      for _ in 1 2 3 4 5 6 7 8 9 10; do "$@" || { status=$?; break; }; done
      kill $writer; wait $writer 2>/dev/null; exit $status
      """
    let ended = try Sgxbench.run(["run", "good.lua"], in: folder.path, shell: shell)
    #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
    #expect(ended.output.split(separator: "\n").count { $0.hasPrefix("1 file: 1 passed") } == 10)
  }
}

/// Another user, for whom files can be closed: root itself reads everything.
enum OtherUser {
  /// A line that runs the program as nobody, where these tests are root's.
  static let shell = geteuid() == 0 ? #"exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@""# : #"exec "$@""#

  /// Whether that works here, and whether nobody may run the program.
  static let isAtHand: Bool = {
    guard geteuid() == 0 else { return true }
    return (try? Sgxbench.run(["--version"], in: "/", shell: shell).status) == 0
  }()
}
