import Foundation
import SGXArchitecture
import Simulation
import Testbench
import Testing

/// Pages of `Docs` that say again what the code says are compared with it, so that they cannot drift apart.
@Suite("Documentation") struct DocumentationTests {
  static func page(_ name: String) throws -> String {
    let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Docs")
    return try String(contentsOf: docs.appendingPathComponent(name), encoding: .utf8)
  }

  /// Cells of the table rows under a heading. A row that counts begins with a cell in code type.
  static func rows(of page: String, under heading: String) -> [[String]] {
    var isInside = false
    var rows: [[String]] = []
    for line in page.split(separator: "\n") {
      if line.hasPrefix("#") { isInside = line.hasPrefix("## ") && line.dropFirst(3) == heading }
      guard isInside, line.hasPrefix("| `") else { continue }
      rows.append(line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) })
    }
    return rows
  }

  @Test func everyLawIsOnItsPageAsTheCodeHasIt() throws {
    let rows = Self.rows(of: try Self.page("Invariants.md"), under: "Laws")
    let laws = Invariant.allCases.map { ["`\($0.rawValue)`", $0.kind.rawValue, $0.sentence] }
    #expect(rows == laws, "in the order of the code, and no others")
  }

  @Test func everyRefusalThatChangesStateIsOnThePageAsTheCodeHasIt() throws {
    let rows = Self.rows(of: try Self.page("Invariants.md"), under: "Refusals that change state")
    let exceptions = RefusalException.allCases.map { ["`\($0.rawValue)`", $0.sentence] }
    #expect(rows == exceptions, "in the order of the code, and no others")
  }

  @Test func noOtherTableOfThatPageHasIds() throws {
    let lines = try Self.page("Invariants.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
    let rules = Self.rows(of: try Self.page("Invariants.md"), under: "What still ends the process")
    #expect(lines.count == Invariant.allCases.count + BenchLaw.allCases.count + RefusalException.allCases.count + rules.count)
  }

  @Test func everyLawSeenFromInsideIsOnThatPageAsTheCodeHasIt() throws {
    let rows = Self.rows(of: try Self.page("Invariants.md"), under: "Laws seen from inside")
    #expect(rows == BenchLaw.allCases.map { ["`\($0.id)`", $0.sentence] }, "in the order of the code, and no others")
  }

  /// Whatever can end the process has a name and its row; nothing does so without.
  @Test func whatStillEndsTheProcessIsOnThatPage() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Sources")
    var found: [String: Set<String>] = [:]
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" && !file.path.contains("/sgxbench-bench/") {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        let ends = line.contains(#/\b(precondition|preconditionFailure|fatalError|assert|assertionFailure)\(|\btry!|\bas!/#)
        guard ends else { continue }
        let rule = line.firstMatch(of: #/(?:precondition|preconditionFailure)\(.*"([a-z0-9-]+): /#)
        let name = file.deletingPathExtension().lastPathComponent
        guard let rule else {
          // Its sentence may stand on the next line; none does today.
          Issue.record("\(name): a trap without a name: \(line)")
          continue
        }
        found[String(rule.1), default: []].insert(name)
      }
    }
    let rows = Self.rows(of: try Self.page("Invariants.md"), under: "What still ends the process")
    var listed: [String: Set<String>] = [:]
    for row in rows { listed[String(row[0].dropFirst().dropLast())] = Set(row[1].components(separatedBy: ", ")) }
    #expect(listed == found)
    #expect(listed.count == rows.count)
  }

  @Test func everySiteAndFamilyIsInTheFaultModel() throws {
    let page = try Self.page("FaultModel.md")
    for site in Site.all { #expect(page.contains("`\(site.name)`"), "\(site.name)") }
    for family in Self.families + ["any"] { #expect(page.contains("`\(family)`"), "\(family)") }
  }

  @Test func everyInjectionIsInTheFaultModelWithTheSitesWhereItCanStrike() throws {
    let rows = Self.rows(of: try Self.page("FaultModel.md"), under: "Injections").map { Array($0.prefix(2)) }
    let injections = Self.injections.map { injection -> [String] in
      let families = Self.families.filter { SiteSet(name: $0)?.restricted(to: injection.sites) != nil }
      return ["`\(Self.name(of: injection))`", families.map { "`\($0)`" }.joined(separator: ", ")]
    }
    #expect(rows == injections, "in the order of the code, and no others")
  }

  @Test func excusedAnswersAreTheSameInPageAndTest() throws {
    let rows = Self.rows(of: try Self.page("Fidelity.md"), under: "Excused recorded answers")
    let excused = KernelAnswersTests.excused.keys.sorted().map { "`\($0)`" }
    #expect(rows.compactMap(\.first) == excused)
  }

  /// Families of sites, in order of number.
  private static let families = Site.all.reduce(into: [String]()) { families, site in
    let family = String(site.name.prefix { $0 != ":" })
    if families.last != family { families.append(family) }
  }

  /// One of each kind, in the order of the code.
  private static let injections: [Injection] = [
    .powerCycle(.s3), .leafError(.SGX_CHILD_PRESENT), .leafFault(.pageFault), .noMemory, .badAddress,
    .signal(SignalNumber(14)!), .unmap(UserAddress(0), ByteCount(pageSize)), .runAnotherTask,
  ]

  /// Without a `default`, so that a new kind does not compile before it is here, and above, and on the page.
  private static func name(of injection: Injection) -> String {
    switch injection {
    case .powerCycle: "powerCycle"
    case .leafError: "leafError"
    case .leafFault: "leafFault"
    case .noMemory: "noMemory"
    case .badAddress: "badAddress"
    case .signal: "signal"
    case .unmap: "unmap"
    case .runAnotherTask: "runAnotherTask"
    }
  }
}
