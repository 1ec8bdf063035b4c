import Testbench

/// The map of pages by owner: a field of 32 columns, where one cell is a page or, in a large EPC, several. Stretches bear the name of their owner.
struct MapDrawing {
  private let story: MachineStory
  private static let columns = 32
  private static let rowsMax = 24
  private static let width = 20
  private static let height = 22

  init(_ story: MachineStory) { self.story = story }

  /// Nil where every page is free.
  var values: [String: Any]? {
    guard !cells.isEmpty else { return nil }
    let shown = cells.count * pagesPerCell
    let rows = (cells.count + Self.columns - 1) / Self.columns
    let each = pagesPerCell == 1 ? "one cell is a page" : "one cell is \(pagesPerCell) pages, in the colour of the owner of most of those in use"
    let label = "Pages 0 to \(min(shown, Int(story.pages)) - 1), \(each)"
    return [
      "label": label, "width": Self.columns * Self.width, "height": rows * Self.height, "drawing": drawing, "legend": legend,
      "alt": "\(label): \(totals.map { "\($0.value) of \($0.key.words)" }.joined(separator: ", "))",
    ]
  }

  /// What is in a cell; nil: free.
  private struct Content: Equatable {
    let owner: PageMap.Owner
    let enclave: UInt32?
    let isInvalid: Bool
  }

  private var lastPage: Int { story.map.runs.last.map { Int($0.first) + Int($0.count) } ?? 0 }

  private var pagesPerCell: Int { max(1, (lastPage + Self.columns * Self.rowsMax - 1) / (Self.columns * Self.rowsMax)) }

  /// Cells up to the end of the last row that has a page in use.
  private var cells: [Content?] {
    guard lastPage > 0 else { return [] }
    let each = pagesPerCell
    let used = (lastPage + each - 1) / each
    let rows = (used + Self.columns - 1) / Self.columns
    let all = (Int(story.pages) + each - 1) / each
    var cells = [Content?](repeating: nil, count: min(rows * Self.columns, max(all, used)))
    var most = [Int](repeating: 0, count: cells.count)
    for run in story.map.runs where run.count > 0 {
      let range = Int(run.first)..<Int(run.first) + Int(run.count)
      for cell in range.lowerBound / each...(range.upperBound - 1) / each where cell < cells.count {
        let pages = range.clamped(to: cell * each..<(cell + 1) * each).count
        guard pages > most[cell] else { continue }
        most[cell] = pages
        cells[cell] = Content(owner: run.owner, enclave: run.enclave, isInvalid: run.isInvalid)
      }
    }
    return cells
  }

  private var drawing: String {
    let cells = self.cells
    var drawing = ""
    var index = 0
    while index < cells.count {
      let row = index / Self.columns
      let end = min((row + 1) * Self.columns, cells.count)
      let length = cells[index..<end].prefix { $0 == cells[index] }.count
      drawing += stretch(cells[index], from: index, length: length)
      index += length
    }
    for column in 1..<Self.columns {
      drawing += #"<path class="gridline" d="M\#(column * Self.width) 0V\#((cells.count + Self.columns - 1) / Self.columns * Self.height)"/>"#
    }
    return drawing
  }

  private func stretch(_ content: Content?, from index: Int, length: Int) -> String {
    let (x, y) = (index % Self.columns * Self.width, index / Self.columns * Self.height)
    let width = length * Self.width
    let frame = #"x="\#(x)" y="\#(y + 1)" width="\#(width)" height="\#(Self.height - 2)""#
    let pages = index * pagesPerCell...(index + length) * pagesPerCell - 1
    let place = pages.count == 1 ? "page \(pages.lowerBound)" : "pages \(pages.lowerBound) to \(pages.upperBound)"
    guard let content else { return #"<rect class="free" \#(frame)><title>\#(place): free</title></rect>"# }
    let enclave = content.enclave.map { " of enclave \($0)" } ?? ""
    let name = content.enclave.map { "\(content.owner.words) \($0)" } ?? content.owner.words
    let short = content.enclave.map { content.owner.letter + ($0 < 10 ? "\($0)" : "") } ?? content.owner.letter
    let label = name.count * 7 <= width ? name : short
    var drawing = #"<rect class="\#(content.owner.rawValue)" \#(frame)><title>\#(place): \#(content.owner.words)\#(enclave)</title></rect>"#
    if content.isInvalid {
      for cell in 0..<length { drawing += #"<path class="void" d="M\#(x + cell * Self.width + 2) \#(y + Self.height - 3)l\#(Self.width - 4) -4"/>"# }
    }
    drawing += #"<text x="\#(x + width / 2)" y="\#(y + Self.height / 2 + 3)">\#(label)</text>"#
    return drawing
  }

  private var totals: [(key: PageMap.Owner, value: Int)] {
    PageMap.Owner.allCases.compactMap { owner in
      let pages = story.map.runs.lazy.filter { $0.owner == owner }.reduce(0) { $0 + Int($1.count) }
      return pages > 0 ? (owner, pages) : nil
    }
  }

  private var legend: [[String: Any]] {
    totals.map { owner, pages in
      ["class": owner.rawValue, "letter": owner.letter, "words": "\(owner.words): \(HTMLReport.counted(pages, "page"))"]
    } + [["class": "free", "letter": "", "words": "free"]]
  }
}

extension PageMap.Owner {
  var words: String {
    switch self {
    case .secs: "SECS"
    case .va: "VA"
    case .reg: "REG"
    case .tcs: "TCS"
    case .other: "other"
    case .inFlight: "in flight"
    case .leaked: "leaked"
    }
  }

  /// For a cell.
  var letter: String {
    switch self {
    case .secs: "S"
    case .va: "V"
    case .reg: "R"
    case .tcs: "T"
    case .other: "O"
    case .inFlight: "F"
    case .leaked: "L"
    }
  }
}
