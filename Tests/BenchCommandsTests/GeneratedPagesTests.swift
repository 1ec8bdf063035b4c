import BenchReport
import Foundation
import Testing

@testable import BenchCommands

/// Pages and parts of pages that the program makes are what it would make now; `Scripts/dev/pages.sh` makes them anew.
@Suite("Generated pages") struct GeneratedPagesTests {
  /// Every script on every driver, once for all tests; names as the command shows them.
  private static let runs: Result<ScriptRuns, any Error> = Result {
    _ = FileManager.default.changeCurrentDirectoryPath(Repository.root)
    return try ScriptChoice.runs(of: ["Scripts"])
  }

  @Test func coverageIsAsThePageSays() throws {
    let page = CoveragePage(try Self.runs.get())
    #expect(page.text == (try Repository.text(of: "Docs/Coverage.md")), "run Scripts/dev/pages.sh")
    #expect(page.contradictions.isEmpty)
  }

  @Test func everythingIsMetOrExcused() throws {
    #expect(CoveragePage(try Self.runs.get()).uncovered.isEmpty)
  }

  @Test func theReviewIsAsThePageSays() throws {
    let page = ReviewPage(try Self.runs.get())
    #expect(page.text == (try Repository.text(of: "Docs/Review.md")), "run Scripts/dev/pages.sh")
    #expect(page.contradictions.isEmpty)
  }

  @Test func everyDemandIsTestedOrMetByAFile() throws {
    #expect(ReviewPage(try Self.runs.get()).untested.isEmpty)
  }

  @Test func everyScriptEndsAsItSaysOnEveryDriver() throws {
    let failures = try Self.runs.get().failures()
    #expect(failures.isEmpty, "\(failures)")
  }

  @Test(
    arguments: [
      ("states", "StateMachines", StatesPage.text), ("ioctls", "StateMachines", IoctlPage.text), ("steps", "Steps", StepsPage.text),
    ])
  func tablesAreAsThePageSays(_ topic: String, _ page: String, _ text: String) throws {
    let page = try Repository.text(of: "Docs/\(page).md")
    #expect(page.contains("<!-- explain \(topic) -->\n\(text)<!-- end -->"), "run Scripts/dev/pages.sh")
  }

  @Test(arguments: [("Functions", APIPage.text()), ("Results", ResultsPage.text)])
  func whatScenariosSayIsAsThePageSays(_ page: String, _ text: String) throws {
    #expect(try Repository.text(of: "Docs/\(page).md") == text, "run Scripts/dev/pages.sh")
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 400)
  }

  @Test func theProgramPrintsThem() throws {
    let states = try Sgxbench.run(["explain", "states"])
    #expect(states.status == 0)
    #expect(states.output == StatesPage.text)
    let missing = try Sgxbench.run(["explain", "coverage", "nowhere"])
    #expect(missing.status == 2)
    #expect(missing.errors.contains("cannot open nowhere"))
  }

  @Test func aFileThatMeetsADemandIsThere() throws {
    let page = try Repository.text(of: "Docs/Review.md")
    for row in page.split(separator: "\n") where row.hasPrefix("| R") && row.contains("| `S") {
      for part in row.split(separator: "`") where part.hasPrefix("Sources/") || part.hasPrefix("Scripts/") {
        #expect(FileManager.default.fileExists(atPath: "\(Repository.root)/\(part)"), "\(part)")
      }
    }
  }
}
