import Foundation
import Testing

/// The program as an image of its own, and the Action that runs it in other people's repositories: what they run, run here with a stand-in for
/// the engine, which is not at hand.
@Suite("Container and Action") struct ContainerTests {
  private static let action = ".github/actions/run/action.yml"

  /// Notes what it is asked for, and runs the program in the folder that would be the container's.
  private static let engine = """
    #!/bin/bash
    printf '%s\\n' "$*" >>"$NOTES"
    [[ $1 == run ]] || exit 0
    while [[ $1 != sgxbench ]]; do
      if [[ $1 == --volume ]]; then cd "${2%:/work}" || exit 125; fi
      shift
    done
    shift
    exec "$PROGRAM" "$@"
    """

  /// Bodies of the Action's steps, in their order.
  private static func steps() throws -> [String] {
    let lines = try Repository.text(of: action).split(separator: "\n", omittingEmptySubsequences: false)
    func indent(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
    return lines.indices.filter { lines[$0].hasSuffix(" run: |") }.map { start in
      lines[(start + 1)...].prefix { indent($0) > indent(lines[start]) }.map { String($0.dropFirst(8)) }.joined(separator: "\n")
    }
  }

  private func run(_ step: String, in folder: Scratch, _ variables: [String: String]) throws -> Ended {
    try folder.write(Self.engine, to: "bin/docker")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/bin/docker")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let own = [
      "PATH": "\(folder.path)/bin:\(path)", "NOTES": folder.path + "/notes", "PROGRAM": Sgxbench.path,
      "GITHUB_OUTPUT": folder.path + "/outputs", "STEP": step,
    ]
    return try Sgxbench.run(
      [], in: folder.path, environment: own.merging(variables) { $1 }, shell: #"exec bash --noprofile --norc -eo pipefail -c "$STEP""#)
  }

  private func text(_ name: String, in folder: Scratch) throws -> String { try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8) }

  @Test func theActionBuildsWhatIsBesideIt() throws {
    let folder = try Scratch()
    let ended = try run(try #require(try Self.steps().first), in: folder, ["HERE": "\(Repository.root)/.github/actions/run"])
    #expect(ended.status == 0, "\(ended.errors)")
    let file = "\(Repository.root)/Scripts/container/Containerfile"
    #expect(try text("notes", in: folder) == "build --tag sgxbench --file \(file) \(Repository.root)\n")
    #expect(FileManager.default.fileExists(atPath: file))
  }

  @Test(arguments: [("1", Int32(0)), ("2", 1)]) func theActionSaysWhatTheRunSaid(_ value: String, status: Int32) throws {
    let folder = try Scratch()
    try folder.write("it(\"a\", function() expect(1):equals(\(value)) end)\n", to: "mine/a.lua")
    try folder.write("it(\"b\", function() expect(1):equals(1) end)\n", to: "more/b.lua")
    let steps = try Self.steps()
    try #require(steps.count == 2)
    let ended = try run(steps[1], in: folder, ["SCENARIOS": "mine more", "ARGUMENTS": "--strict --driver v39,6.1.192", "REPORT": "out"])
    #expect(ended.status == status, "\(ended.errors)")
    #expect(ended.output.contains("mine/a.lua\n") && ended.output.contains("more/b.lua\n"))
    #expect(try text("outputs", in: folder) == "status=\(status)\n")
    #expect(try text("out/junit.xml", in: folder).contains("<testsuite"))
    #expect(try text("out/report.json", in: folder).contains("\"v39\""))
    #expect(try text("out/report.html", in: folder).contains("</html>"))
    #expect(try text("notes", in: folder).hasPrefix("run --rm --network none --user "))
  }

  /// A root of its own, as an engine makes one: `inside`, with the processes in it.
  private static let enter = "unshare --map-root-user --mount --pid --fork bash -c 'mount -t proc proc inside/proc && exec chroot inside \"$@\"' bash"

  private static let hasRoots: Bool = {
    guard let folder = try? Scratch(), (try? folder.write("", to: "inside/proc/.keep")) != nil else { return false }
    return (try? Sgxbench.run([], in: folder.path, shell: "unshare --map-root-user --mount --pid --fork mount -t proc proc inside/proc"))?.status == 0
  }()

  /// Its image holds one file. Only the optimised program is static.
  @Test(.enabled(if: Sgxbench.path.contains("/release/") && hasRoots, "runs the static program, where the system gives it a root"))
  func theProgramNeedsNothingBesideIt() throws {
    let image = "FROM scratch\nCOPY --from=build /sgxbench/.build/release/sgxbench /sgxbench\n"
    #expect(try Repository.text(of: "Scripts/container/Containerfile").contains(image))
    let folder = try Scratch()
    try folder.write("", to: "inside/proc/.keep")
    let script = "it(\"a\", function() expect(require(\"sgx\").machine():process():open():create { size = 0x8000 }.errno):is_nil() end)\n"
    try folder.write(script, to: "inside/scripts/a.lua")
    let ended = try Sgxbench.run(
      ["run", "scripts/a.lua", "--format", "pretty", "--format", "json:scripts/a.json"], in: folder.path,
      shell: "cp \"$1\" inside/sgxbench && shift && exec \(Self.enter) /sgxbench \"$@\"")
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.output.contains("1 passed"))
    #expect(try text("inside/scripts/a.json", in: folder).contains("\"passed\""))
  }
}
