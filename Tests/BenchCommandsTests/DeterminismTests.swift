import Foundation
import Testing

/// Same script, same seed: the same bytes, wherever and however the process was started.
@Suite("The same bytes everywhere") struct DeterminismTests {
  /// Another folder that shows the same Scripts, other languages and clocks, other stacks.
  private static let surroundings: [(environment: [String: String], shell: String)] = [
    (["LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"], #"ulimit -s 512; exec "$@""#),
    (["LC_ALL": "C", "TZ": "America/St_Johns", "LANG": "de_DE.UTF-8"], #"ulimit -s unlimited 2>/dev/null; exec "$@""#),
  ]

  @Test(arguments: Repository.scenarios, [[], ["--trace"]])
  func aScriptReportsTheSameInEveryProcess(_ script: String, _ flags: [String]) throws {
    let elsewhere = try Scratch()
    try FileManager.default.createSymbolicLink(
      atPath: elsewhere.path + "/Scripts", withDestinationPath: Repository.root + "/Scripts")
    let first = try Sgxbench.run(["run", script] + flags)
    #expect(first.status == 0)
    #expect(first.errors.isEmpty)
    for (environment, shell) in Self.surroundings {
      let other = try Sgxbench.run(["run", script] + flags, in: elsewhere.path, environment: environment, shell: shell)
      #expect(other.status == 0)
      #expect(other.bytes == first.bytes, "\(script) differs under \(environment), \(shell)")
    }
  }

  private static func determinism(_ arguments: [String]) throws -> Ended {
    let script = Repository.root + "/Scripts/dev/determinism"
    return try Sgxbench.run(arguments, seconds: 120, shell: "shift; exec '\(script)' --quick --binary \"$@\"")
  }

  /// Every format, in three of the ten environments that the script knows.
  @Test func allReportsAreTheSameInThreeEnvironments() throws {
    let ended = try Self.determinism([Sgxbench.path])
    #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
    #expect(ended.errors.isEmpty)
    let digests = ended.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
    #expect(digests.count == 3)
    #expect(Set(digests).count == 1 && digests.allSatisfy { $0.utf8.count == 64 })
  }

  @Test func theScriptSeesADifference() throws {
    let folder = try Scratch()
    try folder.write("#!/bin/bash\n\(Sgxbench.path) \"$@\"; status=$?; echo \"$PWD\"; exit $status\n", to: "liar")
    #expect(chmod(folder.path + "/liar", 0o755) == 0)
    let ended = try Self.determinism([folder.path + "/liar", "Scripts/tutorial/first_load.lua"])
    #expect(ended.status == 1)
    #expect(ended.errors == "determinism: the reports differ\n")
    #expect(Set(ended.output.split(separator: "\n").map { $0.prefix { $0 != " " } }).count == 2)
  }

  @Test func theFirstLineNamesTheSeed() throws {
    for seed in ["1", "77"] {
      let ended = try Sgxbench.run(["run", "Scripts/power/one_load.lua", "--seed", seed])
      #expect(ended.output.split(separator: "\n").first?.hasSuffix(", seed \(seed), driver 6.1.192") == true)
    }
  }

  @Test func theSeedDecidesChanceAndSchedule() throws {
    let script = Script.test(
      """
      print(sgx.random(1000000))
      local source = process:map { pages = 4 }
      local other = process:open()
      other:create { size = 0x8000 }
      for _, to in ipairs { enclave, other } do
        machine:task(function() return to:add_pages { source = source, offset = 0, pages = 4, secinfo = { permissions = "r" } } end)
      end
      print(table.concat(machine:run(), " "))
      """)
    let outputs = try ["1", "1", "2"].map { try Sgxbench.run(script: script, ["--seed", $0]).output.split(separator: "\n") }
    #expect(outputs[0] == outputs[1])
    #expect(outputs[0][3] != outputs[2][3], "what sgx.random drew")
    #expect(outputs[0][4] != outputs[2][4], "the schedule")
  }

  @Test func theTraceShowsEveryEvent() throws {
    let ended = try Sgxbench.run(["run", "Scripts/power/one_load.lua", "--trace"])
    #expect(ended.output.contains("trace of machine 1, "))
    #expect(ended.output.contains("EEXTEND page 2, 16 chunks: done"))
  }
}
