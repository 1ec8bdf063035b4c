import Testbench

extension HTMLReport {
  /// What one machine did, in pictures and in words.
  func machine(_ story: MachineStory, number: Int, of count: Int, isOpen: Bool) -> [String: Any] {
    let drawing = StoryDrawing(story)
    let name = count > 1 ? "Machine \(number)" : "The machine"
    let size = "\(Self.counted(Int(story.pages), "page")) of EPC, \(Self.counted(Int(clamping: story.events), "event"))"
    var values: [String: Any] = [
      "title": "\(name): driver \(ReportText.line(story.driver)), \(size)",
      "lanes": drawing.lanes, "first": "\(story.firstEvent)", "last": "\(story.events)", "legend": drawing.legend, "isOpen": isOpen,
      "rows": Self.rows(of: story), "mapTitle": Self.mapTitle(of: story), "mapNote": Self.mapNote(of: story),
    ]
    values["map"] = MapDrawing(story).values
    if let cut = Self.cut(of: story) { values["cut"] = [cut] }
    if !story.enclaves.isEmpty {
      values["enclaves"] = [
        "rows": story.enclaves.prefix(64).map { enclave -> [String: Any] in
          [
            "id": Int(enclave.id), "state": ReportText.line(enclave.state), "secs": enclave.hasSECS ? "in EPC" : "none", "slots": "\(enclave.slots)",
            "evicted": "\(enclave.evicted)", "arrays": "\(enclave.versionArrays)",
          ]
        }
      ]
    }
    if !story.log.isEmpty {
      values["log"] = [story.log.map { line in
        "[visit \(line.tick)] \(ReportText.line(line.text))" + (line.occurrences > 1 ? " (\(line.occurrences) times; it warns once a boot)" : "")
      }.joined(separator: "\n")]
    }
    return values
  }

  /// Calls and marks in the order in which they began, with the moment of the failure between them.
  private static func rows(of story: MachineStory) -> [[String: Any]] {
    var rows: [(event: UInt64, order: Int, values: [String: Any])] = []
    for call in story.calls {
      let times = call.count > 1 ? " × \(call.count)" : ""
      let detail = call.detail.isEmpty ? "" : " (\(call.detail))"
      let values: [String: Any] = [
        "kind": call.kind.rawValue, "event": range(call.begin, call.end), "who": who(call.process),
        "what": ReportText.line("\(call.name)\(detail)\(times)"), "answer": ReportText.line(call.answer),
      ]
      rows.append((call.begin, 1, values))
    }
    for mark in story.marks {
      let times = mark.count > 1 ? " × \(mark.count)" : ""
      let what = ReportText.line(mark.text + times)
      rows.append((mark.event, 2, ["kind": "mark", "event": "\(mark.event)", "who": mark.kind.rawValue, "what": what, "answer": ""]))
    }
    if let place = story.map.place {
      let words = "first failure, at \(ReportText.line(place))"
      rows.append((story.map.event, 0, ["kind": "moment", "event": "\(story.map.event)", "who": "the test", "what": words, "answer": ""]))
    }
    let sorted = rows.enumerated().sorted {
      ($0.element.event, $0.element.order, $0.offset) < ($1.element.event, $1.element.order, $1.offset)
    }
    return sorted.map(\.element.values)
  }

  private static func range(_ begin: UInt64, _ end: UInt64) -> String { end > begin &+ 1 ? "\(begin)–\(end - 1)" : "\(begin)" }

  static func who(_ process: UInt32) -> String { process == .max ? "kernel" : "process \(process)" }

  private static func cut(of story: MachineStory) -> String? {
    var parts: [String] = []
    if story.callsLeftOut > 0 { parts.append("\(story.callsLeftOut) calls") }
    if story.marksLeftOut > 0 { parts.append("\(story.marksLeftOut) faults and warnings") }
    if story.firstEvent > 0 { parts.append("the events before number \(story.firstEvent)") }
    return parts.isEmpty ? nil : "Left out, since there were too many: \(parts.joined(separator: ", "))."
  }

  private static func mapTitle(of story: MachineStory) -> String {
    let moment = story.map.place.map { "at the first failure, \(ReportText.line($0))" } ?? "at the end of the test"
    return "Pages of EPC by owner, \(moment)"
  }

  private static func mapNote(of story: MachineStory) -> String {
    let map = story.map
    let evicted = story.enclaves.reduce(0) { $0 &+ $1.evicted }
    var note = "\(map.free) of \(story.pages) pages free, \(map.leaked) leaked, \(evicted) evicted."
    if map.runs.contains(where: \.isInvalid) { note += " A stroke across a page: the processor holds nothing in it." }
    if map.pagesLooked < story.pages { note += " Only the first \(map.pagesLooked) pages in use were looked at." }
    if map.runsLeftOut > 0 { note += " \(map.runsLeftOut) stretches of pages are left out: too many." }
    return note
  }
}
