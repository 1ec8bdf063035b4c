import LuaHost
import ScenarioLanguage
import Simulation
import Testbench

/// Parts that several reports have: reasons of failures, tracebacks, traces, what scripts printed.
struct ReportLines {
  var text = ""

  /// Every reason; what the machine did before the first one stands once behind them.
  mutating func addFailures(_ failures: [TestFailure], indent: String) {
    for failure in failures {
      let place = failure.line > 0 ? "\(escapeForDisplay(Array(failure.file.utf8))):\(failure.line): " : ""
      text += "\(indent)\(place)\(failure.message)\n"
      addTraceback(failure.traceback, indent: indent + "  ")
    }
    guard let events = failures.first(where: { !$0.lastEvents.isEmpty })?.lastEvents else { return }
    text += "\(indent)last events:\n"
    for event in events { text += "\(indent)  \(event.text)\n" }
  }

  mutating func addTraceback(_ traceback: String, indent: String) {
    for line in traceback.split(separator: "\n") { text += "\(indent)\(line.drop { $0 == " " })\n" }
  }

  mutating func addOutput(_ output: [UInt8], indent: String) {
    for line in output.split(separator: UInt8(ascii: "\n")) { text += "\(indent)| \(escapeForDisplay(Array(line)))\n" }
  }

  mutating func addTraces(_ traces: [[Event]], indent: String) {
    for (number, events) in traces.enumerated() {
      text += "\(indent)trace of machine \(number + 1), \(events.count) events:\n"
      for event in events { text += "\(indent)  \(event.text)\n" }
    }
  }
}
