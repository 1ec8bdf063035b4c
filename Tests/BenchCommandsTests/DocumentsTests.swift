import Foundation
import ScenarioLanguage
import Testing

/// What the documents show is what happens.
@Suite("Examples of the documents") struct DocumentsTests {
  /// A fenced block of a Markdown file.
  struct Block: CustomTestStringConvertible {
    let file: String
    /// Line of its first line of content.
    let line: Int
    let language: String
    var lines: [String]
    var testDescription: String { "\(file):\(line)" }
  }

  private static let documents: [String] = {
    let pages = ((try? FileManager.default.contentsOfDirectory(atPath: Repository.root + "/Docs")) ?? [])
      .filter { $0.hasSuffix(".md") }.sorted().map { "Docs/" + $0 }
    let readme = FileManager.default.fileExists(atPath: Repository.root + "/README.md") ? ["README.md"] : []
    return readme + pages
  }()

  private static let blocks: [Block] = documents.flatMap { file -> [Block] in
    var blocks: [Block] = []
    var open: Block?
    let lines = ((try? Repository.text(of: file)) ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") {
        if let block = open { blocks.append(block) }
        open = open == nil ? Block(file: file, line: index + 2, language: String(line.dropFirst(3)), lines: []) : nil
      } else {
        open?.lines.append(line)
      }
    }
    return blocks
  }

  private static let scenarios = blocks.filter { block in
    block.language == "lua" && block.lines.contains { $0.contains("describe(") || $0.contains(#"require "sgx""#) }
  }

  @Test(arguments: scenarios) func aScenarioInADocumentPasses(_ block: Block) {
    let source = Array(block.lines.joined(separator: "\n").utf8)
    let result = ScenarioRunner(options: RunOptions()).run(source: source, name: block.testDescription)
    #expect(result.error == nil)
    #expect(!result.tests.isEmpty)
    for test in result.tests {
      #expect(test.status == .passed || test.status == .failedAsExpected, "\(test.path): \(test.failures.map(\.message))")
      #expect(test.checks > 0)
    }
  }

  /// A command of a console block and the lines shown below it.
  struct Command: CustomTestStringConvertible {
    let place: String
    let words: [String]
    let output: String
    var testDescription: String { "\(place): \(words.joined(separator: " "))" }
  }

  private static let prompt = "$ Scripts/sgxbench "

  private static let commands: [Command] = blocks.filter { $0.language == "console" }.flatMap { block -> [Command] in
    let starts = block.lines.indices.filter { block.lines[$0].hasPrefix("$ ") }
    return starts.enumerated().compactMap { number, start in
      guard block.lines[start].hasPrefix(prompt) else { return nil }
      let end = number + 1 < starts.count ? starts[number + 1] : block.lines.endIndex
      return Command(
        place: "\(block.file):\(block.line + start)",
        words: block.lines[start].dropFirst(prompt.count).split(separator: " ").map(String.init),
        output: block.lines[(start + 1)..<end].map { $0 + "\n" }.joined())
    }
  }

  @Test(arguments: commands) func aCommandInADocumentSaysWhatIsShown(_ command: Command) throws {
    let ended = try Sgxbench.run(command.words)
    #expect(ended.output == command.output)
    #expect(ended.errors.isEmpty)
    #expect([0, 1].contains(ended.status))
  }

  @Test(.enabled(if: documents.contains("README.md"))) func theReadmeShowsARun() {
    #expect(Self.commands.contains { $0.place.hasPrefix("README.md:") })
    #expect(Self.scenarios.contains { $0.file == "README.md" })
  }

  @Test func everyFenceIsClosed() throws {
    for file in Self.documents {
      let fences = try Repository.text(of: file).split(separator: "\n").count { $0.hasPrefix("```") }
      #expect(fences.isMultiple(of: 2), "\(file)")
    }
  }
}
