import Foundation
import Testing

/// Rules of the readers' source: nothing in it can trap on what an image says.
@Suite("Source of the readers") struct SourceRulesTests {
  private static let folder = Repository.root + "/Sources/EnclaveImage/"

  private static let files: [String] = {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".swift") }.sorted()
  }()

  /// Lines of code, without comments and without what stands in quotation marks.
  private func code(_ file: String) throws -> [(number: Int, text: String)] {
    try String(contentsOfFile: Self.folder + file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .map { (number: $0 + 1, text: Self.stripped(String($1))) }
  }

  private static func stripped(_ line: String) -> String {
    var text = ""
    var isQuoted = false
    var previous: Character = " "
    for character in line {
      if character == "\"", previous != "\\" { isQuoted.toggle() } else if !isQuoted { text.append(character) }
      previous = character
    }
    return text.range(of: "//").map { String(text[..<$0.lowerBound]) } ?? text
  }

  @Test func thereAreFiles() {
    #expect(Self.files.count > 30)
  }

  @Test func nothingIsForced() throws {
    for file in Self.files {
      for line in try code(file) {
        let words = line.text
        for forbidden in ["try!", "fatalError", "as!", "unowned(unsafe)", "Unchecked", "import Foundation"] {
          let isAllowed = forbidden == "Unchecked" && words.contains("@unchecked")
          #expect(!words.contains(forbidden) || isAllowed, "\(file):\(line.number): \(forbidden)")
        }
        #expect(words.firstMatch(of: /[A-Za-z0-9_)\]]![^=]/) == nil || file.hasPrefix("Bytes/ImageFile"), "\(file):\(line.number): a forced value")
      }
    }
  }

  /// Numbers of an image are computed with in `Saturating.swift` and the wrapping operators only.
  @Test func noOperatorTraps() throws {
    for file in Self.files where file.hasPrefix("Formats/") || file.hasPrefix("Plan/") {
      for line in try code(file) {
        let operators = line.text.matches(of: #/ (\+|-|\*|\+=|-=|\*=) /#)
        #expect(operators.isEmpty, "\(file):\(line.number):\(line.text)")
      }
    }
  }
}
