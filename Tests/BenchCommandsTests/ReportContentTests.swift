import Foundation
import Testing

/// What the HTML report says of a machine is what the JSON report of the same run knows: a browser sees that there is a picture, and not
/// whether it is of this run.
@Suite("What the HTML report says") struct ReportContentTests {
  private struct Run: Decodable {
    struct File: Decodable { let tests: [Test] }
    struct Test: Decodable {
      struct Failure: Decodable { let message: String, file: String, line: Int, lastEvents: [String] }
      let status: String, output: [String], failures: [Failure], replay: String?, stories: [Story]?
    }
    struct Story: Decodable {
      struct Call: Decodable { let name: String, detail: String, answer: String, begin: Int, end: Int }
      struct Mark: Decodable { let event: Int, text: String, kind: String }
      struct Occupancy: Decodable { let event: Int, used: Int, leaked: Int }
      struct Line: Decodable { let tick: Int, text: String }
      struct Run: Decodable { let first: Int, count: Int, owner: String, enclave: Int?, isInvalid: Bool }
      struct Map: Decodable { let free: Int, leaked: Int, runs: [Run], place: String? }
      struct Enclave: Decodable { let id: Int, state: String, slots: Int, evicted: Int }
      let pages: Int, calls: [Call], marks: [Mark], occupancy: [Occupancy], log: [Line], map: Map, enclaves: [Enclave]
    }
    let files: [File]
  }

  private static let reports = Result { () throws -> (html: String, run: Run) in
    let scratch = try Scratch()
    try scratch.write(ReportPageTests.scenario(), to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua", "--format", "html:a.html", "--format", "json:a.json"], in: scratch.path)
    #expect(ended.status == 1)
    return (
      try String(contentsOfFile: scratch.path + "/a.html", encoding: .utf8),
      try JSONDecoder().decode(Run.self, from: Data(contentsOf: URL(fileURLWithPath: scratch.path + "/a.json")))
    )
  }

  /// The part of the page about the failed test, and what is known of it.
  private static func failed() throws -> (page: String, test: Run.Test, story: Run.Story) {
    let (html, run) = try reports.get()
    let start = try #require(html.range(of: #"id="test-1""#)).lowerBound
    let end = try #require(html.range(of: #"id="test-2""#)).lowerBound
    let test = try #require(run.files.first?.tests.first)
    return (String(html[start..<end]), test, try #require(test.stories?.first))
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;").replacing("'", with: "&apos;")
  }

  /// The rows of the table with this class, as the texts of their cells.
  private static func cells(_ page: String, of kind: String = "[a-z]+") throws -> [[String]] {
    let row = try Regex("<tr class=\"\(kind)\">(.*)</tr>")
    return page.matches(of: row).map { match in
      String(match.output[1].substring ?? "").matches(of: #/<td[^>]*>(.*?)</td>/#).map { String($0.1) }
    }
  }

  @Test func reasonsReplayAndEventsAreThere() throws {
    let (page, test, _) = try Self.failed()
    #expect(test.failures.count > 2)
    for failure in test.failures {
      #expect(page.contains(Self.escaped(failure.message)), "\(failure.message)")
      if failure.line > 0 { #expect(page.contains("\(failure.file):\(failure.line)")) }
    }
    #expect(page.contains(Self.escaped(try #require(test.replay))))
    for line in test.output { #expect(page.contains(Self.escaped(line))) }
    let events = try #require(test.failures.first { !$0.lastEvents.isEmpty }).lastEvents
    #expect(page.contains(Self.escaped(events.joined(separator: "\n"))))
  }

  @Test func theTableHasEveryCallAndFaultInOrder() throws {
    let (page, _, story) = try Self.failed()
    #expect(story.calls.count > 6 && story.marks.count > 3)
    let rows = try Self.cells(page)
    for call in story.calls {
      let what = call.detail.isEmpty ? call.name : "\(call.name) (\(call.detail))"
      #expect(rows.contains { $0.count == 4 && $0[2] == Self.escaped(what) && $0[3] == Self.escaped(call.answer) }, "\(what)")
    }
    let marks = try Self.cells(page, of: "mark")
    #expect(marks.map { $0[2] } == story.marks.map { Self.escaped($0.text) })
    #expect(marks.map { $0[1] } == story.marks.map(\.kind))
    let numbers = rows.compactMap { $0.first?.prefix { $0.isNumber } }.compactMap { Int($0) }
    #expect(numbers == numbers.sorted())
    #expect(try Self.cells(page, of: "moment").count == 1)
  }

  @Test func theCurveHasTheOccupancy() throws {
    let (page, _, story) = try Self.failed()
    let most = story.occupancy.map(\.used).max() ?? 0
    let last = try #require(story.occupancy.last)
    #expect(page.contains("at most \(most) of \(story.pages) pages, in the end \(last.used) in use and \(last.leaked) leaked"))
    #expect(last.leaked == 1 && most == story.pages)
  }

  @Test func theMapHasEveryPageOnceWithItsOwner() throws {
    let (page, _, story) = try Self.failed()
    // A title of the drawing: `pages 2 to 11: REG of enclave 1`.
    var owners: [Int: String] = [:]
    for match in page.matches(of: #/<title>pages? (\d+)(?: to (\d+))?: ([^<]*)</title>/#) {
      let first = try #require(Int(match.1)), last = try match.2.map { try #require(Int($0)) } ?? first
      for number in first...last {
        #expect(owners[number] == nil, "page \(number) is drawn twice")
        owners[number] = String(match.3)
      }
    }
    var expected: [Int: String] = [:]
    for run in story.map.runs {
      let owner = run.owner.uppercased() + (run.enclave.map { " of enclave \($0)" } ?? "")
      for number in run.first..<(run.first + run.count) { expected[number] = owner }
    }
    for number in 0..<story.pages where expected[number] == nil { expected[number] = "free" }
    #expect(owners == expected)
    #expect(Set(expected.values).count > 4)
    #expect(page.matches(of: #/<path class="void"/#).count >= story.map.runs.filter(\.isInvalid).reduce(0) { $0 + $1.count })
    #expect(page.contains("at the first failure, \(try #require(story.map.place))"))
    #expect(page.contains("\(story.map.free) of \(story.pages) pages free, \(story.map.leaked) leaked"))
    for enclave in story.enclaves { #expect(page.contains("<tr><td>\(enclave.id)</td><td>\(enclave.state)</td>")) }
  }

  @Test func theKernelLogIsThere() throws {
    let (page, _, story) = try Self.failed()
    #expect(story.log.count == 2)
    for line in story.log { #expect(page.contains("[visit \(line.tick)] \(Self.escaped(line.text))")) }
    #expect(!page.contains("The kernel said nothing."))
  }
}
