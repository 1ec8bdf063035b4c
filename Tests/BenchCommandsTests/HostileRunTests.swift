import Foundation
import Testing

/// Every attack of Tests/Hostile through the real program: it ends by itself, with a status and a message, never by a signal.
@Suite("Hostile scripts through the program") struct HostileRunTests {
  private static let folder = Repository.root + "/Tests/Hostile"
  private static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".lua") }.sorted()

  @Test func thereAreEnoughAttacks() { #expect(Self.files.count >= 60) }

  /// None has a test: it is stopped (1 for a limit, 2 for a script that is wrong), or it ends and is told that it has none.
  @Test(arguments: files) func endsWithAMessage(_ file: String) throws {
    let ended = try Sgxbench.run(["run", file], in: Self.folder)
    #expect(!ended.wasSignalled, "\(file) ended by signal \(ended.status)")
    #expect([1, 2].contains(ended.status))
    #expect(ended.output.contains("  ERROR \(file):") || ended.output.contains("  ERROR "), "\(ended.output.prefix(300))")
    #expect(ended.output.contains("1 in error"))
    #expect(ended.output.utf8.count <= 3 << 20)
    expectNothingButThisScript(ended)
  }

  /// The same as the body of a test, where a machine is at hand and another test follows.
  @Test(arguments: files) func endsWithAMessageInsideATest(_ file: String) throws {
    let attack = Array(try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(file)")))
    let scratch = try Scratch()
    let before = "describe('attack', function() it('one', function() require('sgx').machine():process():open()\n"
    let after = "\nend) end)\nit('two', function() expect(1):equals(1) end)"
    try scratch.write(Array(before.utf8) + attack + Array(after.utf8), to: file)
    let ended = try Sgxbench.run(["run", file], in: scratch.path)
    #expect(!ended.wasSignalled, "\(file) ended by signal \(ended.status)")
    #expect([0, 1, 2].contains(ended.status))
    #expect(ended.output.contains("1 file: "))
    // Where the file as a whole was understood, the second test ran untouched by the first.
    if ended.output.contains("attack\n") {
      #expect(ended.output.contains("  ok    two\n"), "\(ended.output.suffix(400))")
      #expect(ended.errors.isEmpty)
    } else {
      expectNothingButThisScript(ended)
    }
  }

  /// Standard error repeats why the script could not be run, with a hint at most, and holds nothing else.
  private func expectNothingButThisScript(_ ended: Ended) {
    var lines = ended.errors.split(separator: "\n")
    if let last = lines.last, last.hasPrefix("hint: ") { lines.removeLast() }
    #expect(lines.count == 1, "\(ended.errors)")
    for line in lines { #expect(line.hasPrefix("sgxbench: ") && ended.output.contains("  ERROR \(line.dropFirst(10))\n"), "\(line)") }
  }

  private static let modelFolder = folder + "/model"
  private static let modelFiles = ((try? FileManager.default.contentsOfDirectory(atPath: modelFolder)) ?? [])
    .filter { $0.hasSuffix(".lua") }.sorted()

  /// Attacks by way of the machine: what the host is to keep, what the model is to do. Their first lines say with which flags, and what comes
  /// of it.
  @Test(arguments: modelFiles) func endsInTheModel(_ file: String) throws {
    let lines = try Repository.text(of: "Tests/Hostile/model/\(file)").split(separator: "\n").prefix(2)
    func said(_ word: String) -> String? { lines.first { $0.hasPrefix("-- \(word): ") }.map { String($0.dropFirst(word.utf8.count + 5)) } }
    let flags = said("flags")?.split(separator: " ").map(String.init) ?? []
    let started = DispatchTime.now()
    let ended = try Sgxbench.run(["run", file] + flags, in: Self.modelFolder, seconds: 60, shell: #"ulimit -v 6000000; exec "$@""#)
    #expect(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds < 60_000_000_000)
    #expect(!ended.wasSignalled, "\(file) ended by signal \(ended.status)")
    if let expected = said("expect") {
      #expect(ended.status == 1, "\(ended.output.suffix(500))")
      #expect(ended.output.contains(expected), "\(ended.output.suffix(500))")
    } else {
      #expect(ended.status == 0, "\(ended.output.suffix(500))")
    }
    #expect(ended.output.contains("1 file: "))
  }
}
