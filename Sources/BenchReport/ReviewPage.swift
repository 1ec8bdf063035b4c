import LinuxKernel
import ScenarioLanguage
import SGXDriver
import Testbench

/// `Docs/Review.md`: the demands of the review, which scenario tests each and where it fails, and who can cause which warning.
public struct ReviewPage {
  private let runs: ScriptRuns

  public init(_ runs: ScriptRuns) { self.runs = runs }

  private var tested: [ReviewDemand] { ReviewDemand.all.filter { $0.metBy == nil } }

  public var text: String {
    var text = """
      # Review

      In October 2020 D. Hansen reviewed version 39 of the series that became the Linux driver. Here are the demands of that review and
      of the replies, in plain words, and what became of them. Made by `Scripts/sgxbench explain review Scripts`, which runs every
      scenario on every driver; a test compares this page with what it says.

      ## Demands that scenarios test

      A scenario names its demand by `-- covers: R13` above the test. Where a test fails it says on which versions and why; the driver
      `reviewed` passes them all.

      | demand | in plain words | tested by | fails on |
      |---|---|---|---|

      """
    for demand in tested {
      let scripts = runs.scripts { $0.claims.contains(demand.id) && $0.status != .otherDriver }
      text += "| \(demand.id) | \(demand.sentence) | \(scripts.isEmpty ? "**not yet**" : scripts.joined(separator: ", ")) "
      text += "| \(failures(of: demand.id).joined(separator: "; ")) |\n"
    }
    text += """

      ## Demands about names, comments and documents

      | demand | in plain words | file | what meets it |
      |---|---|---|---|

      """
    for demand in ReviewDemand.all {
      guard let (file, how) = demand.metBy else { continue }
      text += "| \(demand.id) | \(demand.sentence) | `\(file)` | \(how) |\n"
    }
    text += """

      ## Warnings

      Each place in the driver that warns does so once a boot. The last three columns name the first test in which it did: with nothing
      done but what user space can do, after the EPC was lost, or where a leaf was made to answer what the processor would not.

      | site | can user input cause it | seen by input alone | seen after a lost EPC | seen with a leaf made to lie |
      |---|---|---|---|---|

      """
    for site in WarningSite.allCases {
      let (byUserInput, explanation) = site.cause
      text += "| `\(site.name)` | \(byUserInput ? "yes" : "no"): \(explanation)"
      for cause in SeenWarning.Cause.allCases { text += " | \(test(seeing: SeenWarning(site: site, cause: cause)) ?? "–")" }
      text += " |\n"
    }
    return text
  }

  private func test(seeing warning: SeenWarning) -> String? { runs.firstTest { $0.observed.warnings.contains(warning) } }

  /// Reasons for failing, each with the versions it is given for.
  private func failures(of id: String) -> [String] {
    var reasons: [(text: String, places: [Int])] = []
    for results in runs.files {
      for (column, result) in results.enumerated() {
        for test in result.tests where test.claims.contains(id) && test.status == .failedAsExpected {
          let reason = test.reason ?? ""
          if let index = reasons.firstIndex(where: { $0.text == reason }) {
            if !reasons[index].places.contains(column) { reasons[index].places.append(column) }
          } else {
            reasons.append((reason, [column]))
          }
        }
      }
    }
    return reasons.map { "\(runs.names($0.places.sorted())): \($0.text)" }
  }

  /// Demands that a scenario could test and none does.
  public var untested: [String] {
    tested.filter { demand in runs.scripts { $0.claims.contains(demand.id) }.isEmpty }.map(\.id)
  }

  /// What the tables say and the runs do not bear out.
  public var contradictions: [String] {
    var found: [String] = []
    for site in WarningSite.allCases {
      let seen = test(seeing: SeenWarning(site: site, cause: .userInput))
      if let seen, !site.cause.byUserInput { found.append("\(site.name) was caused by input alone: \(seen)") }
    }
    for (column, driver) in runs.drivers.enumerated() where driver == DriverVersion.reviewed {
      for results in runs.files {
        for test in results[column].tests where test.status == .failedAsExpected && test.claims.contains(where: { $0.hasPrefix("R") }) {
          found.append("reviewed fails \(test.path.joined(separator: ", ")) of \(results[column].name)")
        }
      }
    }
    return found
  }
}
