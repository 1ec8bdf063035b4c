import SGXDriver

/// Every call with its steps: what each holds, takes and does.
public enum StepsPage {
  public static var text: String {
    var text = ""
    for section in StepTable.sections {
      text += "## \(section.title) (\(section.source))\n\n"
      text += "| Step | Held when it begins | Does | Takes | May sleep |\n|---|---|---|---|---|\n"
      for point in section.points {
        text += "| \(point.name) | \(list(point.held)) | \(point.does) | \(list(point.takes)) | \(point.maySleep ? "yes" : "") |\n"
      }
      text += "\n"
    }
    return text
  }

  private static func list(_ locks: [StepLock]) -> String { locks.map { "`\($0.rawValue)`" }.joined(separator: ", ") }
}
