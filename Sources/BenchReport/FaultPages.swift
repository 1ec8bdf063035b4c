import ScenarioLanguage
import Simulation
import Testbench

/// `sgxbench explain sites`: where injections strike.
package enum SitesPage {
  package static var text: String {
    var text = "| site | faults that strike there |\n|---|---|\n"
    for site in Site.all {
      let faults = FaultText.faults.filter { FaultText.canStrike($0, at: site) }.map { "`\($0.word)`" }
      text += "| `\(site.name)` | \(faults.joined(separator: ", ")) |\n"
    }
    return text
  }
}

/// `sgxbench explain faults`: what can be injected.
package enum FaultsPage {
  package static var text: String {
    var text = "| fault | with `--inject` | what happens | strikes at |\n|---|---|---|---|\n"
    for fault in FaultText.faults {
      var families: [String] = []
      for site in Site.all where FaultText.canStrike(fault, at: site) {
        let family = String(site.name.prefix { $0 != ":" })
        if !families.contains(family) { families.append(family) }
      }
      let written = fault.example.map { "`\($0)@SITE`" } ?? "–"
      text += "| `\(fault.word)` | \(written) | \(fault.sentence) | \(families.map { "`\($0)`" }.joined(separator: ", ")) |\n"
    }
    return text
  }
}

/// `sgxbench explain laws`: what is checked.
package enum LawsPage {
  package static var text: String {
    var text = "| law | whose bug a breach is | |\n|---|---|---|\n"
    for law in Invariant.allCases { text += "| `\(law.rawValue)` | \(law.kind == .bench ? "sgxbench's" : "the driver's") | \(law.sentence) |\n" }
    return text
  }
}
