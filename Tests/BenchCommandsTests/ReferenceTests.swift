import Foundation
import Testing

/// `Docs/ScenarioReference.md` has every word that the bundled modules give to scripts.
@Suite("Scenario reference") struct ReferenceTests {
  private static let modules = ((try? FileManager.default.contentsOfDirectory(atPath: Repository.root + "/Sources/ScenarioLanguage/Prelude")) ?? [])
    .filter { $0.hasSuffix(".lua") }.map { String($0.dropLast(4)) }.sorted()

  private static func source(_ module: String) throws -> String {
    try Repository.text(of: "Sources/ScenarioLanguage/Prelude/\(module).lua")
  }

  private static func words() throws -> Set<String> {
    let page = try Repository.text(of: "Docs/ScenarioReference.md") + Repository.text(of: "Docs/Functions.md") + Repository.text(of: "Docs/Results.md")
    return Set(page.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
  }

  /// `function machine:inject(` and `function sgx.machine(`, and the checks, `define("equals", …`. What the runner calls, and what the parts
  /// of the prelude share, is no word of scripts.
  private static func functions(of source: String) -> [String] {
    source.split(separator: "\n").compactMap { line in
      if line.hasPrefix("define(\"") { return String(line.dropFirst(8).prefix { $0 != "\"" }) }
      guard line.hasPrefix("function "), !line.hasPrefix("function exports."), !line.hasPrefix("function prelude."),
        let mark = line.firstIndex(where: { ".:".contains($0) })
      else { return nil }
      return String(line[line.index(after: mark)...].prefix { $0 != "(" })
    }
  }

  /// Names that a table of fields allows, `name = true`, and those of properties, `name = host.…`.
  private static func fields(of source: String) -> [String] {
    let tables = source.components(separatedBy: "_fields = {").dropFirst().map { String($0.prefix { $0 != "}" }) }
    let properties = source.components(separatedBy: "\nproperties(").dropFirst().map { $0.components(separatedBy: "\n})")[0] }
    return tables.flatMap { words(before: " = true", in: $0) } + properties.flatMap { words(before: " = host.", in: $0) }
  }

  private static func words(before mark: String, in text: String) -> [String] {
    text.components(separatedBy: mark).dropLast().map { part in
      String(part.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
    }.filter { !$0.isEmpty }
  }

  @Test(arguments: modules) func everyFunctionIsThere(_ module: String) throws {
    let words = try Self.words()
    for name in Self.functions(of: try Self.source(module)) where !words.contains(name) { Issue.record("\(name) is not there") }
  }

  @Test(arguments: modules) func everyFieldIsThere(_ module: String) throws {
    let words = try Self.words()
    for name in Self.fields(of: try Self.source(module)) where !words.contains(name) { Issue.record("\(name) is not there") }
  }

  /// The scan above finds what it is meant to find.
  @Test func theScanSeesThem() throws {
    #expect(Self.functions(of: try Self.source("tasks")).contains("task"))
    #expect(Self.fields(of: try Self.source("loaders")).contains("retry"))
    #expect(Self.functions(of: try Self.source("checks")).contains("has_length"))
  }
}
