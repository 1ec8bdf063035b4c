import Foundation
import Testing

/// The files of `Docs/sharding/` do what they say: their commands run here as the systems would run them, with the variables that these set,
/// and the merged report is that of a run in one piece.
@Suite("Sharding files") struct ShardingTests {
  /// A place that looks like a checkout with a built program, and with fewer scenarios.
  private struct Checkout {
    let folder: Scratch

    init() throws {
      folder = try Scratch()
      try folder.write("#!/bin/sh\nexec \"$@\"\n", to: "bin/srun")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/bin/srun")
      let links = [("Scripts", Repository.root + "/Scripts/tutorial"), ("sgxbench", Sgxbench.path), ("bin/sgxbench", Sgxbench.path)]
      for (name, target) in links {
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(name)", withDestinationPath: target)
      }
      try FileManager.default.createDirectory(atPath: folder.path + "/reports", withIntermediateDirectories: false)
    }

    /// Runs a script in it with nothing but these variables, its own programs first in the path.
    func run(_ script: String, _ variables: [String: String], _ arguments: [String] = []) throws -> Ended {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
      let settings = variables.merging(["PATH": "\(folder.path)/bin:\(path)"]) { $1 }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      // The program under test is not needed as an argument: the script names it.
      return try Sgxbench.run(
        ["/usr/bin/env", "-i"] + settings + ["bash", "-euo", "pipefail", "-c", script, "bash"] + arguments, in: folder.path,
        shell: #"shift; exec "$@""#)
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8) }

    /// The report of a run in one piece.
    func whole() throws -> (pretty: String, json: String) {
      let ended = try Sgxbench.run(["run", "Scripts", "--format", "pretty", "--format", "json:whole.json"], in: folder.path)
      #expect(ended.status == 0)
      return (ended.output, try read("whole.json"))
    }
  }

  /// Bodies of block scalars, `run: |` and the like, below a line of a YAML file.
  private static func blocks(_ key: String, of file: String) throws -> [String] {
    let lines = try Repository.text(of: "Docs/sharding/" + file).split(separator: "\n", omittingEmptySubsequences: false)
    func indent(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
    return lines.indices.filter { lines[$0].drop { $0 == " " } == key }.map { start in
      let body = lines[(start + 1)...].prefix { indent($0) > indent(lines[start]) }
      return body.map { String($0.drop { $0 == " " }) }.joined(separator: "\n")
    }
  }

  private static let parts = 4

  /// Merging gave the report of the whole run, and each test was in one part only.
  private static func judge(_ merged: Ended, _ json: String, _ checkout: Checkout) throws {
    #expect(merged.status == 0, "\(merged.errors)")
    let whole = try checkout.whole()
    #expect(merged.output == whole.pretty)
    #expect(json == whole.json)
  }

  @Test func slurm() throws {
    let checkout = try Checkout()
    let script = try Repository.text(of: "Docs/sharding/slurm.sh")
    #expect(script.contains("#SBATCH --array=1-\(Self.parts)\n"))
    for part in 1...Self.parts {
      let variables = [
        "SLURM_ARRAY_TASK_ID": "\(part)", "SLURM_ARRAY_TASK_COUNT": "\(Self.parts)", "SLURM_ARRAY_TASK_MIN": "1", "SGXBENCH": "sgxbench",
      ]
      let ended = try checkout.run(script, variables, ["Scripts"])
      #expect(ended.status == 0, "\(ended.errors)")
    }
    let merged = try checkout.run(try Repository.text(of: "Docs/sharding/slurm-merge.sh"), ["SGXBENCH": "sgxbench"])
    try Self.judge(merged, try checkout.read("reports/report.json"), checkout)
  }

  @Test func aPartThatIsMissingIsMissed() throws {
    let checkout = try Checkout()
    let script = try Repository.text(of: "Docs/sharding/slurm.sh")
    for part in 1..<Self.parts {
      _ = try checkout.run(
        script, ["SLURM_ARRAY_TASK_ID": "\(part)", "SLURM_ARRAY_TASK_COUNT": "\(Self.parts)", "SLURM_ARRAY_TASK_MIN": "1", "SGXBENCH": "sgxbench"],
        ["Scripts"])
    }
    let merged = try checkout.run(try Repository.text(of: "Docs/sharding/slurm-merge.sh"), ["SGXBENCH": "sgxbench"])
    #expect(merged.status == 5)
  }

  @Test func kubernetes() throws {
    let checkout = try Checkout()
    let manifest = try Repository.text(of: "Docs/sharding/kubernetes.yml")
    #expect(manifest.contains("  completions: \(Self.parts)\n"))
    #expect(manifest.contains("- name: JOB_COMPLETIONS\n              value: '\(Self.parts)'\n"))
    let command = try #require(try Self.blocks("- |", of: "kubernetes.yml").first)
    for part in 0..<Self.parts {
      let ended = try checkout.run(command, ["JOB_COMPLETION_INDEX": "\(part)", "JOB_COMPLETIONS": "\(Self.parts)", "REPORTS": "reports"])
      #expect(ended.status == 0, "\(ended.errors)")
    }
    let merged = try checkout.run("sgxbench merge reports/part-*.json --format pretty --format json:report.json", [:])
    try Self.judge(merged, try checkout.read("report.json"), checkout)
  }

  @Test func gitlab() throws {
    let checkout = try Checkout()
    #expect(try Repository.text(of: "Docs/sharding/gitlab-ci.yml").contains("  parallel: \(Self.parts)\n"))
    let scripts = try Self.blocks("script: |", of: "gitlab-ci.yml")
    try #require(scripts.count == 3)
    for part in 1...Self.parts {
      let ended = try checkout.run(scripts[1], ["CI_NODE_INDEX": "\(part)", "CI_NODE_TOTAL": "\(Self.parts)"])
      #expect(ended.status == 0, "\(ended.errors)")
    }
    try Self.judge(try checkout.run(scripts[2], [:]), try checkout.read("report.json"), checkout)
  }

  @Test func githubActions() throws {
    let checkout = try Checkout()
    #expect(try Repository.text(of: "Docs/sharding/github-actions.yml").contains("        part: [1, 2, 3, \(Self.parts)]\n"))
    let scripts = try Self.blocks("- run: |", of: "github-actions.yml")
    try #require(scripts.count == 3)
    for part in 1...Self.parts {
      // What Actions does with an expression before the shell sees the script. The program itself is a link here and not to be changed.
      let script = scripts[1].replacingOccurrences(of: "${{ matrix.part }}", with: "\(part)").replacingOccurrences(of: "chmod +x sgxbench\n", with: "")
      #expect(!script.contains("{{"))
      let ended = try checkout.run(script, [:])
      #expect(ended.status == 0, "\(ended.errors)")
    }
    let merged = try checkout.run(scripts[2].replacingOccurrences(of: "chmod +x sgxbench\n", with: ""), [:])
    try Self.judge(merged, try checkout.read("report.json"), checkout)
  }

  /// What builds the program, and what a part is told by variables, stays as the test above supposes.
  @Test(arguments: ["github-actions.yml", "gitlab-ci.yml"]) func aBuildLeavesTheProgram(_ file: String) throws {
    let text = try Repository.text(of: "Docs/sharding/" + file)
    #expect(text.contains("Scripts/sgxbench --version\n") && text.contains("cp .build/release/sgxbench .\n"))
  }
}
