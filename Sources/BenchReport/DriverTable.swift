import SGXDriver

/// The table of drivers: behaviours down, releases across; behind it what is known and asked for by nothing yet.
public enum DriverTable {
  private static let releases = DriverRelease.known
  private static var facts: [DriverFact] { DriverBehaviour.all.map(\.fact) }

  /// For a terminal: `x` where the release does it, `.` where it does not, `?` behind what the sources do not say.
  public static var text: String {
    let width = (facts + DriverFact.unread).reduce(0) { max($0, $1.name.utf8.count) }
    var lines = rows(of: facts, width: width)
    lines.append("")
    lines.append("x: does it   .: does not   ?: the sources do not say; this is the likeliest")
    lines.append("Any other release of Linux answers as its number says. Behind a name stand switches: --driver 6.1.192+capsAddPages-reclaims")
    lines += facts.flatMap(paragraph)
    lines.append("")
    lines.append("Known, but nothing asks for it yet, so it cannot be switched:")
    lines.append("")
    lines += rows(of: DriverFact.unread, width: width)
    lines += DriverFact.unread.flatMap(paragraph)
    return lines.joined(separator: "\n") + "\n"
  }

  /// For `Docs/DriverVersions.md`: a table of values, one of sentences and sources, and both again for what nothing asks for.
  public static var markdown: String {
    tables(of: facts) + "\n### Known, but asked for by nothing yet\n\nThese have no switch.\n\n" + tables(of: DriverFact.unread)
  }

  /// Releases, behaviours, and a value and whether it is known for each pair.
  public static var json: String {
    JSONText.object([
      ("versions", .array(releases.map { .string($0.name) })),
      ("behaviours", .array(facts.map(json(of:)))),
      ("not_asked_for", .array(DriverFact.unread.map(json(of:)))),
    ]).text
  }

  // Text

  private static func rows(of facts: [DriverFact], width: Int) -> [String] {
    let head = pad("", width) + releases.map { "  " + $0.name }.joined()
    return [head]
      + facts.map { fact in
        let cells = releases.map { release in "  " + pad(cell(fact, release), release.name.utf8.count) }
        return trimmed(pad(fact.name, width) + cells.joined())
      }
  }

  private static func paragraph(_ fact: DriverFact) -> [String] {
    let span = fact.span
    return ["", fact.name + (fact.bug.map { " (\($0))" } ?? ""), "  " + fact.sentence, "  " + fact.source]
      + (span.isEmpty ? [] : ["  Linux: \(span)"])
  }

  // Markdown

  private static func tables(of facts: [DriverFact]) -> String {
    var lines = ["| behaviour | " + releases.map(\.name).joined(separator: " | ") + " |"]
    lines.append("|---|" + releases.map { _ in ":-:" }.joined(separator: "|") + "|")
    for fact in facts {
      let cells = releases.map { cell(fact, $0) == "." ? "" : cell(fact, $0) }
      lines.append("| `\(fact.name)` | \(cells.joined(separator: " | ")) |")
    }
    lines.append("")
    lines.append("| behaviour | what the driver does | Linux | known from | bug |")
    lines.append("|---|---|---|---|---|")
    for fact in facts {
      lines.append("| `\(fact.name)` | \(fact.sentence) | \(fact.span) | \(fact.source) | \(fact.bug ?? "") |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // JSON

  private static func json(of fact: DriverFact) -> JSONText {
    .object([
      ("name", .string(fact.name)), ("sentence", .string(fact.sentence)), ("source", .string(fact.source)),
      ("bug", fact.bug.map { .string($0) } ?? .null), ("since", json(of: fact.since)), ("until", json(of: fact.until)),
      ("values", .object(releases.map { ($0.name, .bool(fact.value(in: $0))) })),
      ("not_known", .array(releases.filter { !fact.isKnown(in: $0) }.map { .string($0.name) })),
    ])
  }

  /// Mainline first, then the stable releases that took it over.
  private static func json(of change: KernelChange?) -> JSONText {
    guard let change else { return .null }
    return .array(([change.mainline] + change.backPorts).map { .string($0.text) })
  }

  // All

  private static func cell(_ fact: DriverFact, _ release: DriverRelease) -> String {
    (fact.value(in: release) ? "x" : ".") + (fact.isKnown(in: release) ? "" : "?")
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
