import BenchReport
import Simulation
import Testbench
import Testing

@testable import BenchCommands

/// `explain api`, `results`, `sites`, `faults` and `laws`; `help` and `exit` at the prompt; `run --quiet`.
@Suite("What the program explains") struct ExplainPagesTests {
  @Test(arguments: [
    ("api", "# Functions of scenarios\n"), ("results", "# Results\n"), ("sites", "| site | faults that strike there |\n"),
    ("faults", "| fault | with `--inject` | what happens | strikes at |\n"), ("laws", "| law | whose bug a breach is | |\n"),
  ]) func aPageBeginsWithItsHead(_ topic: String, _ head: String) throws {
    let ended = try Sgxbench.run(["explain", topic])
    #expect(ended.status == 0)
    #expect(ended.output.hasPrefix(head))
  }

  @Test func everySiteFaultAndLawIsThere() {
    for site in Site.all { #expect(SitesPage.text.contains("| `\(site.name)` |"), "\(site.name)") }
    for fault in NamesFile.faults { #expect(FaultsPage.text.contains("| `\(fault)` |"), "\(fault)") }
    for law in Invariant.allCases { #expect(LawsPage.text.contains("| `\(law.rawValue)` |"), "\(law.rawValue)") }
    #expect(SitesPage.text.contains("| `allocation:phys_page` | `nomem` |"))
    #expect(FaultsPage.text.contains("| `efault` | `efault@SITE` |"))
  }

  @Test func oneFunction() throws {
    let ended = try Sgxbench.run(["explain", "api", "machine:ksgxd"])
    #expect(ended.status == 0)
    #expect(ended.output.contains("  batches: number, 1 to 4096. Of sixteen pages, at most. 64 where nothing is said.\n"), "\(ended.output)")
    let unknown = try Sgxbench.run(["explain", "api", "machine:ksgx"])
    #expect(unknown.status == 64)
    #expect(unknown.errors.contains("did you mean 'machine:ksgxd'?"))
  }

  @Test func wordsOfThePrompt() {
    #expect(ReplWord(Array("exit".utf8)) == .exit)
    #expect(ReplWord(Array(" quit ".utf8)) == .exit)
    #expect(ReplWord(Array("exit = 1".utf8)) == nil)
    #expect(ReplWord(Array("help = 1".utf8)) == nil)
    #expect(ReplWord(Array("print(help)".utf8)) == nil)
    guard case .help(let all)? = ReplWord(Array("help".utf8)), case .help(let one)? = ReplWord(Array("help enclave:crate".utf8)) else {
      Issue.record("help is a word")
      return
    }
    #expect(all.contains("help enclave:create"))
    #expect(one.contains("did you mean 'enclave:create'?"))
  }

  @Test func quietSaysWhatFailedAndTheClosingListSaysItAgain() throws {
    let scratch = try Scratch()
    try scratch.write("it('holds', function() expect(1):equals(1) end)\n", to: "a.lua")
    try scratch.write("it('holds too', function() expect(1):equals(1) end)\nit('does not', function() expect(1):equals(2) end)\n", to: "b.lua")
    let ended = try Sgxbench.run(["run", "--quiet", scratch.path])
    #expect(ended.status == 1)
    #expect(!ended.output.contains("holds"))
    #expect(ended.output.contains("FAIL  does not"))
    #expect(ended.output.contains("failed:\n  \(scratch.path)/b.lua:2: does not\n2 files: 2 passed, 1 failed; "), "\(ended.output)")
  }

  @Test func aReplayLineIsExactWhereANameIsInAnothers() throws {
    let scratch = try Scratch()
    try scratch.write("it('adds', function() expect(1):equals(2) end)\nit('adds two', function() expect(1):equals(2) end)\n", to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua"], in: scratch.path)
    #expect(ended.output.contains("--filter =adds  # tree "), "\(ended.output)")
    #expect(ended.output.contains("--filter 'adds two'  # tree "), "\(ended.output)")
    let again = try Sgxbench.run(["run", "a.lua", "--filter", "=adds"], in: scratch.path)
    #expect(again.output.contains("1 file: 0 passed, 1 failed"), "\(again.output)")
  }
}
