import Foundation
import Testing

/// What the documents point to is there: links, files, targets, commands and flags.
@Suite("References of the documents") struct PagesTests {
  private static let pages: [String] = ["README.md"]
    + ((try? FileManager.default.contentsOfDirectory(atPath: Repository.root + "/Docs")) ?? [])
    .filter { $0.hasSuffix(".md") }.sorted().map { "Docs/" + $0 }

  private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(Repository.root)/\(path)") }

  /// Text outside fenced blocks.
  private static func prose(of page: String) throws -> String {
    var isFenced = false
    return try Repository.text(of: page).split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      if line.hasPrefix("```") { isFenced.toggle() }
      return !isFenced
    }.joined(separator: "\n")
  }

  /// What stands between backticks on one line.
  private static func codeSpans(of page: String) throws -> [String] {
    try prose(of: page).split(separator: "\n").flatMap { line in
      line.split(separator: "`", omittingEmptySubsequences: false).enumerated().compactMap { $0 % 2 == 1 ? String($1) : nil }
    }
  }

  @Test(arguments: pages) func everyLinkLeadsSomewhere(_ page: String) throws {
    let folder = page.hasPrefix("Docs/") ? "Docs/" : ""
    for part in try Self.prose(of: page).components(separatedBy: "](").dropFirst() {
      let target = String(part.prefix { $0 != ")" && $0 != "#" })
      if target.isEmpty || target.hasPrefix("https://") { continue }
      #expect(Self.exists(folder + target), "\(target)")
    }
  }

  @Test(arguments: pages) func everyFileThatIsNamedIsThere(_ page: String) throws {
    for span in try Self.codeSpans(of: page) {
      for word in span.split(separator: " ") where ["Sources/", "Tests/", "Scripts/", "Docs/"].contains(where: { word.hasPrefix($0) }) {
        let path = String(word.prefix { $0 != ":" && $0 != "*" })
        #expect(Self.exists(path), "\(word)")
      }
    }
  }

  @Test func everyTargetIsInTheArchitecture() throws {
    let architecture = try Repository.text(of: "Docs/Architecture.md")
    let words = Set(architecture.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
    let manifest = try Repository.text(of: "Package.swift")
    let targets = manifest.components(separatedBy: "arget(").dropFirst() + manifest.components(separatedBy: "systemLibrary(").dropFirst()
    let names = targets.compactMap { text -> String? in
      let parts = text.drop { $0.isWhitespace }.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
      return parts.count > 1 && parts[0] == "name: " ? String(parts[1]) : nil
    }
    #expect(names.count > 20)
    for name in names { #expect(words.contains(name), "\(name)") }
  }

  @Test func everyPageIsReachedFromTheReadme() throws {
    var reached: Set<String> = []
    var waiting = ["README.md"]
    while let page = waiting.popLast() {
      guard reached.insert(page).inserted else { continue }
      let folder = page.hasPrefix("Docs/") ? "Docs/" : ""
      for part in try Self.prose(of: page).components(separatedBy: "](").dropFirst() {
        let target = String(part.prefix { $0 != ")" && $0 != "#" })
        if target.hasSuffix(".md"), !target.hasPrefix("https://") { waiting.append(target.hasPrefix("../") ? String(target.dropFirst(3)) : folder + target) }
      }
    }
    for page in Self.pages { #expect(reached.contains(page), "\(page)") }
  }

  /// A blank line within a table ends it, and the rows below would be shown as text.
  @Test(arguments: pages) func everyTableHasItsHead(_ page: String) throws {
    let lines = try Self.prose(of: page).split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where line.hasPrefix("|") && (index == 0 || !lines[index - 1].hasPrefix("|")) {
      let next = index + 1 < lines.count ? lines[index + 1] : ""
      #expect(next.hasPrefix("|-") || next.hasPrefix("| -") || next.hasPrefix("|:"), "line \(index + 1) of the text: \(line)")
    }
  }

  /// `sgxbench WORD …` in the text: there is such a command, and it has these options.
  @Test(arguments: pages) func everyCommandInTheTextExists(_ page: String) throws {
    for span in try Self.codeSpans(of: page) {
      let words = span.split(separator: " ").map(String.init)
      guard let start = words.firstIndex(where: { $0 == "sgxbench" || $0 == "Scripts/sgxbench" }), start == 0, words.count > 1 else { continue }
      let commands = words[1...].prefix { $0.allSatisfy { $0.isLowercase && $0.isLetter } }
      guard let command = commands.first else { continue }
      // The commands of sigstruct have options of their own.
      let help = try Sgxbench.run(Array(command == "sigstruct" ? commands.prefix(2) : [command]) + ["--help"])
      #expect(help.status == 0, "\(span)")
      #expect(help.output.contains("USAGE: sgxbench \(command)"), "\(span)")
      // What stands behind -- is for scripts.
      for option in words.prefix(while: { $0 != "--" }) where option.hasPrefix("--") {
        #expect(help.output.contains(option.prefix { $0 != "=" }), "\(span): \(option)")
      }
    }
  }
}
