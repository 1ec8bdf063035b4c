import Testbench

/// The timeline of a machine: a lane for its EPC, one a process, one a kind of mark. Each lane is a picture 1000 units wide and has no text in
/// it, so that it may be stretched; the words stand beside it.
struct StoryDrawing {
  private let story: MachineStory
  private let first: UInt64
  private let length: Double

  init(_ story: MachineStory) {
    self.story = story
    first = story.firstEvent
    length = Double(max(story.events - min(story.firstEvent, story.events), 1))
  }

  /// Processes that have a lane of their own.
  private static let processesMax = 8

  var lanes: [[String: Any]] {
    var lanes = [epcLane]
    let processes = Set(story.calls.map(\.process)).sorted()
    for process in processes.prefix(Self.processesMax) { lanes.append(lane(of: process)) }
    for kind in MachineStory.MarkKind.allCases {
      if let lane = lane(of: kind) { lanes.append(lane) }
    }
    return lanes
  }

  /// What the signs mean, as far as they are there.
  var legend: [[String: Any]] {
    var items: [[String: Any]] = [["drawing": #"<rect class="area" y="4" width="16" height="12"/>"#, "words": "pages in use"]]
    if story.occupancy.contains(where: { $0.leaked > 0 }) {
      items.append(["drawing": #"<rect class="area leaked" y="4" width="16" height="12"/>"#, "words": "leaked pages"])
    }
    if story.calls.contains(where: { $0.kind == .done }) {
      items.append(["drawing": #"<rect class="call done" y="6" width="16" height="6"/>"#, "words": "call"])
    }
    if story.calls.contains(where: { $0.kind != .done }) {
      items.append(["drawing": #"<rect class="call refused" y="1" width="16" height="14"/>"#, "words": "call that was refused or cut short (taller)"])
    }
    if story.marks.contains(where: { $0.kind == .power }) {
      items.append(["drawing": #"<path class="line power" d="M8 0V16"/>"#, "words": "power cycle (dashed)"])
    }
    if let place = story.map.place {
      items.append(["drawing": #"<path class="line moment" d="M8 0V16"/>"#, "words": "first failure, \(ReportText.line(place))"])
    }
    return items
  }

  // MARK: Lanes

  private var epcLane: [String: Any] {
    let height = 100.0
    let total = Double(max(story.pages, 1))
    // Reports are read from files too, so no sum of theirs may overflow.
    func y(_ pages: Double) -> String { Self.number(max(height - pages / total * height, 0)) }
    var top = "M\(x(first)) \(Self.number(height))"
    var bottom = top
    for (index, point) in story.occupancy.enumerated() {
      let from = index == 0 ? first : story.occupancy[index - 1].event
      // A level holds from the change before it to its own.
      let (start, end) = (x(from), x(point.event))
      let (all, leaked) = (y(Double(point.used) + Double(point.leaked)), y(Double(point.leaked)))
      top += "L\(start) \(all)L\(end) \(all)"
      bottom += "L\(start) \(leaked)L\(end) \(leaked)"
    }
    let close = "L\(x(story.events)) \(Self.number(height))Z"
    var drawing = #"<path class="area" d="\#(top)\#(close)"/>"#
    if story.occupancy.contains(where: { $0.leaked > 0 }) { drawing += #"<path class="area leaked" d="\#(bottom)\#(close)"/>"# }
    drawing += lines(height: height)
    let highest = story.occupancy.map { $0.used &+ $0.leaked }.max() ?? 0
    let last = story.occupancy.last
    let alt = "EPC in use over time: at most \(highest) of \(story.pages) pages, in the end \(last?.used ?? 0) in use and \(last?.leaked ?? 0) leaked"
    return ["class": "epc", "label": "EPC", "scale": ["top": HTMLReport.counted(Int(story.pages), "page")], "alt": alt, "height": 100, "drawing": drawing]
  }

  private func lane(of process: UInt32) -> [String: Any] {
    let calls = story.calls.filter { $0.process == process }
    var drawing = ""
    for call in calls {
      let (start, width) = (position(call.begin), max(position(call.end) - position(call.begin) - 0.8, 1.6))
      let (top, height) = call.kind == .done ? (6, 8) : (1, 18)
      let words = Markup.escaped(ReportText.line("\(call.name)\(call.count > 1 ? " × \(call.count)" : ""): \(call.answer)"))
      let frame = #"x="\#(Self.number(start))" y="\#(top)" width="\#(Self.number(width))" height="\#(height)""#
      drawing += #"<rect class="call \#(call.kind.rawValue)" \#(frame)><title>\#(words)</title></rect>"#
    }
    let refused = calls.count { $0.kind != .done }
    let who = HTMLReport.who(process)
    return [
      "class": "calls", "label": who, "height": 20, "drawing": drawing + lines(height: 20),
      "alt": "Calls of \(who): \(calls.count), of which \(refused) refused or cut short; the table below has them",
    ]
  }

  private func lane(of kind: MachineStory.MarkKind) -> [String: Any]? {
    let marks = story.marks.filter { $0.kind == kind }
    guard !marks.isEmpty else { return nil }
    let drawing = marks.map { mark in
      let place = x(mark.event)
      return #"<path class="tick" d="M\#(place) 3V17"><title>\#(Markup.escaped(ReportText.line(mark.text)))</title></path>"#
    }.joined()
    let words = marks.prefix(5).map { "\($0.text), event \($0.event)" }.joined(separator: "; ")
    return [
      "class": "marks", "label": kind.words, "height": 20, "drawing": drawing,
      "alt": "\(kind.words): \(words)\(marks.count > 5 ? "; and more" : "")",
    ]
  }

  /// Lines across a lane: where the EPC was lost, and where the test first failed.
  private func lines(height: Double) -> String {
    var drawing = ""
    for mark in story.marks where mark.kind == .power { drawing += #"<path class="line power" d="M\#(x(mark.event)) 0V\#(Self.number(height))"/>"# }
    if story.map.place != nil { drawing += #"<path class="line moment" d="M\#(x(story.map.event)) 0V\#(Self.number(height))"/>"# }
    return drawing
  }

  // MARK: Numbers

  private func position(_ event: UInt64) -> Double { min(Double(event < first ? 0 : event - first) / length, 1) * 1000 }

  private func x(_ event: UInt64) -> String { Self.number(position(event)) }

  /// With one digit behind the point, in whole numbers: the same text everywhere.
  static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

extension MachineStory.MarkKind {
  var words: String {
    switch self {
    case .fault: "fault struck"
    case .power: "EPC lost"
    case .leaf: "leaf refused"
    case .memory: "no memory"
    case .leak: "page leaked"
    case .warning: "kernel warns"
    case .signal: "signal"
    case .restart: "called again"
    }
  }
}
