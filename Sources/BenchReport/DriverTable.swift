import SGXDriver

/// The table of driver versions: behaviours down, versions across.
public enum DriverTable {
  /// For a terminal: `x` where the version does it, `.` where it does not, `?` behind what the sources do not say.
  public static var text: String {
    let releases = DriverRelease.allCases
    let width = DriverBehaviour.all.reduce(0) { max($0, $1.name.utf8.count) }
    var lines = [pad("", width) + releases.map { "  " + $0.name }.joined()]
    for behaviour in DriverBehaviour.all {
      let cells = releases.map { release in "  " + pad(cell(behaviour, release), release.name.utf8.count) }
      lines.append(trimmed(pad(behaviour.name, width) + cells.joined()))
    }
    lines.append("")
    lines.append("x: does it   .: does not   ?: the sources do not say; this is the likeliest")
    for behaviour in DriverBehaviour.all {
      lines.append("")
      lines.append(behaviour.name + (behaviour.bug.map { " (\($0))" } ?? ""))
      lines.append("  " + behaviour.sentence)
      lines.append("  " + behaviour.source)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// For `Docs/DriverVersions.md`: one table of values, one of sentences and sources.
  public static var markdown: String {
    let releases = DriverRelease.allCases
    var lines = ["| behaviour | " + releases.map(\.name).joined(separator: " | ") + " |"]
    lines.append("|---|" + releases.map { _ in ":-:" }.joined(separator: "|") + "|")
    for behaviour in DriverBehaviour.all {
      lines.append("| `\(behaviour.name)` | " + releases.map { cell(behaviour, $0) == "." ? "" : cell(behaviour, $0) }.joined(separator: " | ") + " |")
    }
    lines.append("")
    lines.append("| behaviour | what the driver does | known from | bug |")
    lines.append("|---|---|---|---|")
    for behaviour in DriverBehaviour.all {
      lines.append("| `\(behaviour.name)` | \(behaviour.sentence) | \(behaviour.source) | \(behaviour.bug ?? "") |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Versions, behaviours, and a value and whether it is known for each pair.
  public static var json: String {
    let releases = DriverRelease.allCases
    let names = releases.map { quoted($0.name) }.joined(separator: ", ")
    let rows = DriverBehaviour.all.map { behaviour -> String in
      let values = releases.map { "\(quoted($0.name)): \(behaviour.value(in: $0))" }.joined(separator: ", ")
      let unknown = releases.filter { !behaviour.isKnown(in: $0) }.map { quoted($0.name) }.joined(separator: ", ")
      let bug = behaviour.bug.map(quoted) ?? "null"
      return """
            {"name": \(quoted(behaviour.name)), "sentence": \(quoted(behaviour.sentence)), "source": \(quoted(behaviour.source)), \
        "bug": \(bug), "values": {\(values)}, "not_known": [\(unknown)]}
        """
    }
    return "{\n  \"versions\": [\(names)],\n  \"behaviours\": [\n\(rows.joined(separator: ",\n"))\n  ]\n}\n"
  }

  private static func cell(_ behaviour: DriverBehaviour, _ release: DriverRelease) -> String {
    (behaviour.value(in: release) ? "x" : ".") + (behaviour.isKnown(in: release) ? "" : "?")
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }

  /// A JSON string; the table holds no control characters, which a test says too.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      if character == "\"" || character == "\\" { result.append("\\") }
      result.append(character)
    }
    return result + "\""
  }
}
