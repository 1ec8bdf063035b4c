import Foundation
import LuaHost
import ScenarioLanguage
import Testing

@testable import BenchCommands

/// What the Tab key offers.
@Suite("repl: completion") struct ReplCompletionTests {
  /// What may stand at the end of each text, in one session.
  private func candidates(_ typed: [String]) throws -> [[String]] {
    try onBigStack {
      Result<[[String]], ScenarioError> { () throws(ScenarioError) in
        let session = try InteractiveSession(
          options: RunOptions(), stopSwitch: StopSwitch(), output: { _ in }, module: { _ in nil }, image: { _ in nil })
        let completion = ReplCompletion(session)
        return typed.map { text in
          let (word, candidates) = completion.candidates(for: text)
          return candidates.filter { $0.hasPrefix(word) }
        }
      }
    }.get()
  }

  @Test func namesComeFromWhatIsThere() throws {
    let found = try candidates([
      "mach", "sgx.PAGE", "machine:proc", "machine.lo", "machine.epc.fre", "string.fo", "(\"x\"):re", "whi", "enclave.ba", "nobody:", "",
      "process:m",
    ])
    let expected: [[String]] = [
      ["machine"], ["PAGE_SIZE"], ["process"], ["log"], ["free"], ["format"], [], ["while"], ["base"], [], [],
      ["map", "mmap", "mprotect", "munmap"],
    ]
    #expect(found == expected)
  }

  @Test func fieldsOfOptionTables() throws {
    let found = try candidates([
      "enclave:create { si", "enclave:create({ size = 1, ba", "sgx.machine { dr", "machine:inject { at = { ", "x = { si", "enclave:close { ",
      "machine:power_cycle { ", "print(machine:process { ", "process:sigaction(\"SIGALRM\", { ha", "f(1, 2, { ",
    ])
    let expected: [[String]] = [["size = "], ["base = "], ["driver = "], [], [], [], [], ["groups = ", "node = ", "nofile = ", "user = "], ["handler = "], []]
    #expect(found == expected)
  }

  @Test func valuesOfStrings() throws {
    let found = try candidates([#"sgx.machine { driver = "v"#, #"at = { site = "leaf:EEXT"#, #"x = "mach"#, #"driver = "v39", "#])
    let expected: [[String]] = [["v39"], ["leaf:EEXTEND"], [], []]
    #expect(found == expected)
  }

  /// Asking does nothing, and every function of the table that takes options is asked for them.
  @Test func askingChangesNothing() throws {
    // There is no provisioning device and no image at the prompt's beginning.
    let takers = API().kinds.filter { ![.image, .provision].contains($0.name) }.flatMap { kind in
      kind.functions.filter { $0.options != nil }.map { (kind.owner(of: $0.name), $0.options!.map(\.name).sorted()) }
    }
    #expect(takers.count > 15)
    let found = try onBigStack {
      Result<(looks: [String?], fields: [[String]]), ScenarioError> { () throws(ScenarioError) in
        let session = try InteractiveSession(
          options: RunOptions(), stopSwitch: StopSwitch(), output: { _ in }, module: { _ in nil }, image: { _ in nil })
        let look = Array("enclave.state, enclave.descriptor, machine.clock, #machine:trace(), process.alive".utf8)
        let before = session.evaluate(look, line: 1).values
        let fields = takers.map { session.completions(of: $0.0, "{") }
        return ([before, session.evaluate(look, line: 2).values], fields)
      }
    }.get()
    for (taker, fields) in zip(takers, found.fields) { #expect(fields == taker.1, "\(taker.0)") }
    let before = try #require(found.looks[0])
    #expect(before.hasPrefix("\"empty\""))
    #expect(found.looks[1] == before)
  }
}
