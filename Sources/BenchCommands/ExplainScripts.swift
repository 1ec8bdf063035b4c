import ArgumentParser
import BenchReport
import ScenarioLanguage
import SGXDriver

/// Scripts of which a page is made: each runs on every driver.
struct ScriptChoice: ParsableArguments {
  @Argument(help: ArgumentHelp("Scripts, or folders of scripts.", valueName: "path"), completion: CompletionWords.scripts)
  var paths: [String]

  @OptionGroup var time: TimeoutChoice

  /// Runs the scripts on every driver, with their evidence.
  static func runs(of paths: [String]) throws(Refusal) -> ScriptRuns {
    var files: [String] = []
    for path in paths { files += try ScriptFolder.scripts(beneath: path) }
    var options = RunOptions()
    options.collectsEvidence = true
    var results: [[FileResult]] = []
    for file in files {
      results.append(try Deadline.watch(shown(file)) { () throws(Refusal) in try RunRequest.run(file, options, on: DriverVersion.all) })
    }
    return ScriptRuns(drivers: DriverVersion.all, files: results)
  }

  /// Writes the page that `make` makes of the runs, and says on standard error what keeps it from being right.
  func write(_ make: (ScriptRuns) -> (text: String, problems: [String])) throws {
    try time.apply()
    let runs: ScriptRuns
    do throws(Refusal) { runs = try Self.runs(of: paths) } catch { throw error.told() }
    let (text, problems) = make(runs)
    var output = Output(descriptor: 1)
    output.write(text)
    output.complain()
    for problem in problems { Message.write(problem) }
    if output.error != 0 { throw ExitCode(ExitStatus.output.rawValue) }
    if !problems.isEmpty { throw ExitCode(ExitStatus.failed.rawValue) }
  }
}

/// `sgxbench explain coverage DIR…`
struct ExplainCoverage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage", abstract: "Runs scenarios on every driver and says which injection points and answers they meet.",
    discussion: "Only tests that end as they say count. Ends with 1 where a point that can be met is not.")

  @OptionGroup var scripts: ScriptChoice

  mutating func run() throws {
    try scripts.write { runs in
      let page = CoveragePage(runs)
      return (page.text, page.contradictions + page.uncovered.map { "nothing meets \($0)" })
    }
  }
}

/// `sgxbench explain review DIR…`
struct ExplainReview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: "Runs scenarios on every driver and says which demands of the review they test.",
    discussion: "Ends with 1 where a test of a demand fails on some driver and does not say so, or a demand that can be tested is not.")

  @OptionGroup var scripts: ScriptChoice

  mutating func run() throws {
    try scripts.write { runs in
      let page = ReviewPage(runs)
      return (page.text, page.contradictions + runs.failures(of: "R") + page.untested.map { "nothing tests \($0)" })
    }
  }
}
