import SGXDriver
import Testbench

/// The answer of every ioctl in every state, as tables.
public enum IoctlPage {
  public static var text: String {
    var text = ""
    for argument in IoctlTable.Argument.allCases {
      text += "With \(argument.rawValue):\n\n| ioctl |"
      for state in IoctlTable.State.allCases { text += " \(state.rawValue) |" }
      text += "\n|---|" + String(repeating: "---|", count: IoctlTable.State.allCases.count) + "\n"
      for command in IoctlTable.Command.allCases {
        text += "| \(command.text) |"
        for state in IoctlTable.State.allCases { text += " \(cell(command, argument, state)) |" }
        text += "\n"
      }
      text += "\n"
    }
    return text
  }

  /// One answer where all versions that have the state agree; otherwise each with its versions.
  private static func cell(_ command: IoctlTable.Command, _ argument: IoctlTable.Argument, _ state: IoctlTable.State) -> String {
    let versions = DriverVersion.all
    var answers: [(text: String, places: [Int])] = []
    for (place, version) in versions.enumerated() {
      guard let answer = IoctlTable.answer(to: command, with: argument, in: state, of: version) else { continue }
      if let index = answers.firstIndex(where: { $0.text == answer }) {
        answers[index].places.append(place)
      } else {
        answers.append((answer, [place]))
      }
    }
    guard let first = answers.first else { return "–" }
    if answers.count == 1, first.places.count == versions.count { return first.text }
    return answers.map { "\($0.text) (\(versions.names(at: $0.places)))" }.joined(separator: ", ")
  }
}
