import Foundation
import Testing

@testable import ScenarioLanguage

/// Tests/API1/ are the project's own scripts as they were when the words had the version 1: each still runs, or is refused with a reason
/// that is written here.
@Suite("Scripts of API 1") struct API1Tests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  private static let files: [String] = {
    let names = FileManager.default.enumerator(atPath: root + "/Tests/API1")?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".lua") && !$0.contains("lib/") }.map { "Tests/API1/" + $0 }.sorted()
  }()

  /// What refuses a test of one of them, by its file, and what it says.
  private static let refusals: KeyValuePairs = [
    // It names the drivers that were known; 5.17 is one of them now.
    "Tests/API1/refuse/versions.lua": #"expected "EINVAL", got "EIO""#,
    "Tests/API1/refuse/versions.lua": "expected nil, got 24576",
    "Tests/API1/refuse/versions.lua": #"expected "ENODEV", got "ENOTTY""#,
    "Tests/API1/refuse/versions.lua": #"expected "EINVAL", got "ENOTTY""#,
    // What was switched stands behind the name.
    "Tests/API1/refuse/versions.lua": #"got "6.1.192+lowersChildCountAfterFailedExtend""#,
    // No driver reclaims without version arrays.
    "Tests/API1/refuse/versions.lua": "'reclaims' cannot be on where 'hasVersionArrays' is off",
    // A release is itself, not the nearest older one of a list.
    "Tests/API1/refuse/versions.lua": #"(as 5.11)", got "5.12""#,
    "Tests/API1/refuse/versions.lua": #"(as 5.13)", got "5.19""#,
    "Tests/API1/refuse/versions.lua": #"(as 6.1)", got "6.1.5""#,
    "Tests/API1/refuse/versions.lua": #"(as 6.2)", got "6.5""#,
    "Tests/API1/refuse/versions.lua": #"(as 6.17)", got "6.18""#,
  ]

  @Test func theyAreThere() {
    #expect(Self.files.count > 35)
    for (file, _) in Self.refusals { #expect(Self.files.contains(file), "\(file)") }
  }

  @Test(arguments: files) func runsOrSaysWhyNot(_ file: String) throws {
    let source = Array(try Data(contentsOf: URL(fileURLWithPath: "\(Self.root)/\(file)")))
    let folder = "\(Self.root)/\(file)".split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let result = ScenarioRunner(options: RunOptions()).run(source: source, name: file) { name in
      let relative = name.split(separator: ".").joined(separator: "/") + ".lua"
      for candidate in ["\(folder)/\(relative)", "\(folder)/lib/\(relative)"] {
        if let module = FileManager.default.contents(atPath: candidate) { return (candidate, Array(module)) }
      }
      return nil
    }
    let reasons = Self.refusals.filter { $0.key == file }.map(\.value)
    #expect(result.error == nil, "\(result.error?.text ?? "")")
    #expect(!result.tests.isEmpty)
    for failure in result.tests.filter({ $0.status.isFailure }).flatMap(\.failures) {
      #expect(reasons.contains { failure.message.contains($0) }, "\(failure.file):\(failure.line): \(failure.message)")
    }
    for reason in reasons {
      #expect(result.tests.flatMap(\.failures).contains { $0.message.contains(reason) }, "nothing says '\(reason)' any more")
    }
  }
}
