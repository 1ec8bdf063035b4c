/// Parts that several reports have: reasons of failures, tracebacks, traces, what scripts printed.
struct ReportLines {
  var text = ""

  /// Every reason; what the machine did before the first one stands once behind them.
  mutating func addFailures(_ failures: [TestReport.Failure], indent: String) {
    for failure in failures {
      let place = failure.line > 0 ? "\(failure.file):\(failure.line): " : ""
      text += "\(indent)\(place)\(failure.message)\n"
      if let source = failure.source { text += "\(indent)  > \(source)\n" }
      addTraceback(failure.traceback, indent: indent + "  ")
    }
    guard let events = failures.first(where: { !$0.lastEvents.isEmpty })?.lastEvents else { return }
    text += "\(indent)last events:\n"
    for event in events { text += "\(indent)  \(event)\n" }
  }

  mutating func addTraceback(_ traceback: [String], indent: String) {
    for line in traceback { text += "\(indent)\(line)\n" }
  }

  mutating func addOutput(_ output: [String], indent: String) {
    for line in output { text += line.isEmpty ? "\(indent)|\n" : "\(indent)| \(line)\n" }
  }

  mutating func addTraces(_ traces: [[String]], indent: String) {
    for (number, events) in traces.enumerated() {
      text += "\(indent)trace of machine \(number + 1), \(events.count) events:\n"
      for event in events { text += "\(indent)  \(event)\n" }
    }
  }
}
