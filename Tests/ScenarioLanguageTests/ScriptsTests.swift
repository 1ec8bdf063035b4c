import Foundation
import Testing

@testable import ScenarioLanguage

/// Scripts/ are tests too: each passes on its own, through the runner that the command uses.
@Suite("Scripts") struct ScriptsTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Beneath Scripts/, outside the folders of helpers, in byte order of the path.
  static let files: [String] = {
    let helpers: Set = ["lib", "meta", "dev", "loaders"]
    let names = FileManager.default.enumerator(atPath: root + "/Scripts")?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      name.hasSuffix(".lua") && name.split(separator: "/").dropLast().allSatisfy { !helpers.contains(String($0)) }
    }.map { "Scripts/" + $0 }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }()

  @Test func thereAreScripts() {
    #expect(Self.files.contains("Scripts/tutorial/first_load.lua"))
    #expect(Self.files.count >= 8)
  }

  @Test(arguments: files) func passes(_ file: String) throws {
    let source = Array(try Data(contentsOf: URL(fileURLWithPath: "\(Self.root)/\(file)")))
    let folder = "\(Self.root)/\(file)".split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let result = ScenarioRunner(options: RunOptions()).run(source: source, name: file) { name in
      let relative = name.split(separator: ".").joined(separator: "/") + ".lua"
      for candidate in ["\(folder)/\(relative)", "\(folder)/lib/\(relative)"] {
        if let module = FileManager.default.contents(atPath: candidate) { return (candidate, Array(module)) }
      }
      return nil
    }
    #expect(result.error == nil, "\(result.error?.text ?? "")")
    #expect(!result.tests.isEmpty)
    for test in result.tests {
      #expect(
        test.status == .passed || test.status == .failedAsExpected || test.status == .pending,
        "\(test.path.joined(separator: ", ")): \(test.failures.map { "\($0.file):\($0.line): \($0.message)" })")
      #expect(test.checks > 0 || test.status == .pending, "\(test.path.joined(separator: ", ")) checks nothing")
    }
  }
}
