import SGXDriver
import SGXProcessor
import Simulation

/// The four state machines, as diagrams and tables.
public enum StatesPage {
  public static var text: String {
    section("Enclave", file: "Sources/SGXDriver/Enclave+State.swift", EnclaveState.transitions, \.rawValue, \.rawValue)
      + section("Slot", file: "Sources/SGXDriver/VirtSlot+State.swift", VirtSlotBacking.transitions, \.rawValue, \.rawValue)
      + section(
        "Page of EPC, driver's side", file: "Sources/SGXDriver/PhysPage+State.swift", PhysPage.Role.transitions,
        { String(describing: $0) }, \.rawValue)
      + section(
        "EPCM entry, processor's side", file: "Sources/SGXProcessor/EPCMEntry+State.swift", EPCMEntryState.transitions, \.rawValue,
        \.rawValue)
  }

  private static func section<State, Event>(
    _ title: String, file: String, _ transitions: [StateTransition<State, Event>], _ state: (State) -> String, _ event: (Event) -> String
  ) -> String {
    var text = "## \(title) (`\(file)`)\n\n```mermaid\nstateDiagram-v2\n"
    var table = "| state | event | outcome |\n|---|---|---|\n"
    var breaches: [(event: String, law: BenchLaw)] = []
    for row in transitions {
      switch row.outcome {
      case .becomes(let next):
        if next != row.state { text += "  \(id(state(row.state))) --> \(id(state(next))): \(event(row.event))\n" }
        table += "| `\(state(row.state))` | \(event(row.event)) | \(next == row.state ? "goes on, same state" : "`\(state(next))`") |\n"
      case .refused(let answer):
        table += "| `\(state(row.state))` | \(event(row.event)) | refused: \(answer) |\n"
      case .breaks(let law):
        if !breaches.contains(where: { $0.event == event(row.event) }) { breaches.append((event(row.event), law)) }
      }
    }
    text += "```\n\n\(table)\nIn every other state an event cannot come: it breaks a law of the bench, and the state stays:"
    return text + breaches.map { " \($0.event) (`\($0.law.id)`)" }.joined(separator: ",") + ".\n\n"
  }

  /// Names in a diagram have no spaces.
  private static func id(_ name: String) -> String { name.split(separator: " ").joined(separator: "_") }
}
