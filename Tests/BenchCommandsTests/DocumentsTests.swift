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
    /// A second word of the fence that names a script: a file that the commands below it find.
    let name: String?
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
        let words = line.dropFirst(3).split(separator: " ").map(String.init)
        let name = words.dropFirst().first { $0.hasSuffix(".lua") }
        let language = name == nil ? words.joined(separator: " ") : words[0]
        open = open == nil ? Block(file: file, line: index + 2, language: language, name: name, lines: []) : nil
      } else {
        open?.lines.append(line)
      }
    }
    return blocks
  }

  private static let scenarios = blocks.filter { block in
    block.language == "lua" && block.name == nil && block.lines.contains { $0.contains("describe(") || $0.contains(#"require "sgx""#) }
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
  struct Command: CustomStringConvertible {
    let place: String
    let words: [String]
    let output: String
    /// What `echo $?` shows below it; 0 or 1 where nobody asks.
    let status: String?
    /// Files that the page has made before it: blocks with a name, and changes to them.
    let files: [String: String]
    var description: String { "\(place): \(words.joined(separator: " "))" }
  }

  private static let prompt = "$ Scripts/sgxbench "
  private static let statusPrompt = "$ echo $?"

  private static let commands: [Command] = {
    var files: [String: String] = [:]
    var page = ""
    return blocks.flatMap { block -> [Command] in
      if block.file != page { (page, files) = (block.file, [:]) }
      if let name = block.name { files[name] = block.language == "diff" ? changed(files[name] ?? "", by: block) : block.text(of: block.lines) }
      return block.language == "console" ? commands(of: block, files) : []
    }
  }()

  private static func commands(of block: Block, _ files: [String: String]) -> [Command] {
    let starts = block.lines.indices.filter { block.lines[$0].hasPrefix("$ ") } + [block.lines.endIndex]
    let shown = zip(starts, starts.dropFirst()).map { (line: block.lines[$0], output: Array(block.lines[($0 + 1)..<$1]), start: $0) }
    return shown.enumerated().compactMap { number, command in
      guard command.line.hasPrefix(prompt) else { return nil }
      let next = shown.dropFirst(number + 1).first
      return Command(
        place: "\(block.file):\(block.line + command.start)",
        words: command.line.dropFirst(prompt.count).split(separator: " ").map(String.init),
        output: block.text(of: command.output),
        status: next?.line == statusPrompt ? next?.output.joined() : nil, files: files)
    }
  }

  /// The lines with - stand in the text once; those with + take their place.
  private static func changed(_ text: String, by block: Block) -> String {
    func lines(_ mark: String) -> String { block.text(of: block.lines.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst()) }) }
    let parts = text.components(separatedBy: lines("-"))
    return parts.count == 2 ? parts.joined(separator: lines("+")) : "what \(block.testDescription) takes away is not there once"
  }

  /// The commands of a page run one after the other in a folder that looks like the repository's and has the page's files in it.
  @Test(arguments: documents) func aCommandInADocumentSaysWhatIsShown(_ page: String) throws {
    let commands = Self.commands.filter { $0.place.hasPrefix(page + ":") }
    if commands.isEmpty { return }
    let folder = try Scratch()
    for entry in try FileManager.default.contentsOfDirectory(atPath: Repository.root) where !entry.hasPrefix(".") {
      try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(entry)", withDestinationPath: "\(Repository.root)/\(entry)")
    }
    for command in commands {
      for (name, text) in command.files { try folder.write(text, to: name) }
      let ended = try Sgxbench.run(command.words, in: folder.path)
      // On a terminal the two are one, and what is said to the user comes last.
      // Which tree the program is of changes with every edit; pages show one of old.
      let said = (ended.output + ended.errors).replacing(#/# tree [0-9a-f]{12}/#, with: "# tree 0123456789ab")
      #expect(said == command.output, "\(command): Scripts/dev/examples.py writes it anew")
      if let status = command.status {
        #expect(String(ended.status) == status, "\(command)")
      } else {
        #expect([0, 1].contains(ended.status), "\(command)")
      }
    }
  }

  @Test func everyCommandIsOneThatIsRun() {
    for block in Self.blocks where block.language == "console" {
      for line in block.lines where line.hasPrefix("$ ") {
        #expect(line.hasPrefix(Self.prompt) || line == Self.statusPrompt, "\(block.testDescription): \(line)")
      }
    }
  }

  @Test func everyFileOfAPageIsUsedByIt() {
    for block in Self.blocks {
      guard let name = block.name else { continue }
      #expect(Self.commands.contains { $0.place.hasPrefix(block.file + ":") && $0.words.contains(name) }, "\(block.testDescription)")
    }
  }

  @Test(.enabled(if: documents.contains("README.md"))) func theReadmeShowsARun() {
    #expect(Self.commands.contains { $0.place.hasPrefix("README.md:") })
    #expect(Self.scenarios.contains { $0.file == "README.md" })
  }

  @Test func theReadmeShowsAScriptAsItIs() throws {
    let shown = try #require(Self.scenarios.first { $0.file == "README.md" })
    #expect(try shown.lines.joined(separator: "\n") + "\n" == Repository.text(of: "Scripts/tutorial/ten_lines.lua"))
    #expect(shown.lines.count == 11, "ten lines and an end")
  }

  @Test func everyFenceIsClosed() throws {
    for file in Self.documents {
      let fences = try Repository.text(of: file).split(separator: "\n").count { $0.hasPrefix("```") }
      #expect(fences.isMultiple(of: 2), "\(file)")
    }
  }
}

extension DocumentsTests.Block {
  fileprivate func text(of lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}
