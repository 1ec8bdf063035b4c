import ScenarioLanguage
import Testbench

/// `Docs/Coverage.md`: which scenario meets which injection point, and which has seen which errno.
public struct CoveragePage {
  private let runs: ScriptRuns

  public init(_ runs: ScriptRuns) { self.runs = runs }

  public var text: String {
    var text = """
      # Coverage

      Made by `Scripts/sgxbench explain coverage Scripts`; a test compares this page with what that command says. It runs every scenario
      on every driver.

      A comment `-- covers: A17` directly above an `it(` claims that the test meets that point. The runner holds each claim against the
      events of the run: the rule of A17 wants an ADD_PAGES that said EIO after an EEXTEND ended in a page fault, and the test fails
      where there was none. What a rule wants is the text `evidence` of the point in `Sources/Testbench/Coverage/`.


      """
    for (title, points) in InjectionPoint.tables {
      text += "## \(title)\n\n| id | what strikes | answer | met by |\n|---|---|---|---|\n"
      for point in points {
        text += "| \(point.id) | \(point.sentence) | \(point.answer) | \(cell(scripts(covering: point.id), excuse: point.excuse)) |\n"
      }
      text += "\n"
    }
    text += """
      ## Answers

      Every errno that the sources name for these calls, and the first test that has seen it. `restart` is a call that was made again.

      | call | answer | why | seen by |
      |---|---|---|---|

      """
    for row in CallErrno.all {
      text += "| \(row.call.text) | \(row.errno) | \(row.cause) | \(cell(test(seeing: row).map { [$0] } ?? [], excuse: row.excuse)) |\n"
    }
    return text
  }

  private func cell(_ places: [String], excuse: String?) -> String {
    places.isEmpty ? excuse.map { "not covered, because \($0)" } ?? "**not yet**" : places.joined(separator: ", ")
  }

  private func scripts(covering id: String) -> [String] { runs.scripts { $0.covered.contains(id) } }

  private func test(seeing row: CallErrno) -> String? {
    runs.firstTest { $0.observed.answers.contains(SeenAnswer(call: row.call, answer: row.errno)) }
  }

  /// Points and answers that no scenario meets and no reason excuses.
  public var uncovered: [String] {
    InjectionPoint.all.filter { $0.excuse == nil && scripts(covering: $0.id).isEmpty }.map(\.id)
      + CallErrno.all.filter { $0.excuse == nil && test(seeing: $0) == nil }.map { "\($0.call.text) \($0.errno)" }
  }

  /// What the tables say and the runs do not bear out: reasons that are none any more, answers that no source names.
  public var contradictions: [String] {
    var found: [String] = []
    for point in InjectionPoint.all where point.excuse != nil && !scripts(covering: point.id).isEmpty {
      found.append("\(point.id) is met, and a reason says why it cannot be")
    }
    for row in CallErrno.all where row.excuse != nil && test(seeing: row) != nil {
      found.append("\(row.call.text) says \(row.errno), and a reason says why it cannot be seen")
    }
    let plain = ["0", "killed", "stopped"]
    for results in runs.files {
      for answer in Observation.merged(results.flatMap { $0.tests.map(\.observed) }).answers
      where !plain.contains(answer.answer) && !CallErrno.all.contains(where: { $0.call == answer.call && $0.errno == answer.answer }) {
        found.append("\(answer.call.text) says \(answer.answer) in \(results[0].name), which no source names")
      }
    }
    return found
  }
}
