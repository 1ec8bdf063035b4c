import SGXArchitecture
import Testing

/// `Docs/Glossary.md` explains every name that the other pages and the sources take for known.
@Suite("Glossary") struct GlossaryTests {
  /// What the rows explain: the words of their first cells.
  private static func words() throws -> [String] {
    try DocumentationTests.page("Glossary.md").split(separator: "\n").filter { $0.hasPrefix("| ") }.flatMap { row in
      let cell = row.dropFirst(2).prefix { $0 != "|" }
      return cell.split(separator: ",").map { String($0.filter { $0 != "`" }.drop { $0 == " " }).trimmedEnd }
    }
  }

  @Test(arguments: LeafName.allCases) func everyLeafIsExplained(_ leaf: LeafName) throws {
    #expect(try Self.words().contains(leaf.name))
  }

  @Test func everyPageTypeIsExplained() throws {
    let page = try DocumentationTests.page("Glossary.md")
    let row = page.split(separator: "\n").first { $0.hasPrefix("| page type |") } ?? ""
    for type in PageType.allCases { #expect(row.contains("`\(type.name)`"), "\(type.name)") }
  }

  /// The table of names in Architecture.md says which words this house has for what.
  @Test func everyNameOfTheArchitectureIsExplained() throws {
    let rows = DocumentationTests.rows(of: try DocumentationTests.page("Architecture.md"), under: "Names")
    let names = rows.compactMap(\.first).flatMap { $0.split(separator: ",") }.map { String($0.filter { $0 != "`" && $0 != " " }) }
    #expect(names.count >= 20)
    let words = try Self.words()
    for name in names { #expect(words.contains(name), "\(name)") }
  }

  @Test func nothingIsExplainedTwice() throws {
    var seen: Set<String> = []
    for word in try Self.words() where word != "word" && word != "leaf" { #expect(seen.insert(word).inserted, "\(word)") }
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
