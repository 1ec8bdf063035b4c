import Foundation
import Testing

/// The HTML report as a real browser shows it, on a desk and on a telephone, by day and by night.
@Suite("The HTML report in a browser", .enabled(if: Browser.isExpected, "no chromium here: install it to have the report looked at"), .serialized)
struct BrowserTests {
  private static func page(_ script: String, _ arguments: [String] = []) throws -> String {
    try Sgxbench.run(script: script, ["--format", "html"] + arguments).output
  }

  @Test(arguments: [1280, 390], Browser.Scheme.allCases) func aReportOfAFailureCanBeRead(_ width: Int, _ scheme: Browser.Scheme) throws {
    let found = try Browser.measure(Self.page(ReportPageTests.scenario()), width: width, scheme: scheme)
    #expect(found.scheme == "\(scheme)")
    #expect(found.width <= width)
    #expect(found.scrollWidth <= found.width, "the page is wider than its window: \(found.overflowing)")
    #expect(found.overflowing.isEmpty)
    #expect(found.contrasts.isEmpty, "too little contrast: \(found.contrasts)")
    #expect(found.visibleFailures == 6)
    #expect(found.openTests == 1, "passed tests are folded")
    #expect(found.pictures >= 5)
    #expect(found.emptyPictures == 0)
    #expect(found.largeSigns == 0, "signs of a legend are small")
    #expect(found.requests.isEmpty)
    #expect(found.filtered == "0 of 3 tests", "the filter works")
    #expect(found.headings.first == "H1")
  }

  /// It has no test that could have failed, and is a failure all the same.
  @Test func aFileThatCouldNotBeRunIsFoundLikeAFailure() throws {
    let folder = try Scratch()
    try folder.write("it('a', function() expect(1):equals(1) end)", to: "a.lua")
    try folder.write("it('b', function()\n  local t = { 1\n  x = 2 }\nend)", to: "b.lua")
    let html = try Sgxbench.run(["run", "a.lua", "b.lua", "--format", "html"], in: folder.path).output
    #expect(html.contains("<li><a href=\"#file-2\">b.lua</a><span class=\"why\">b.lua:3: "))
    #expect(html.contains("<span class=\"tally\">could not be run</span>"))
    #expect(html.contains("<p>hint: a comma may be missing at the end of line 2</p>"))
    #expect(try Browser.measure(html, width: 390, scheme: .light).filesWithFailures == 1)
  }

  @Test func whatScriptsPrintStaysText() throws {
    let html = try Self.page(ReportFormatTests.hostile, ["--driver", "6.1.192,v39"])
    for pattern in ["http:", "https:", "src=", "url(", "@import", "<link"] { #expect(!html.contains(pattern), "\(pattern)") }
    #expect(html.contains("default-src 'none'"))
    let found = try Browser.measure(html, width: 390, scheme: .light)
    #expect(found.scripts == 1)
    #expect(found.elementsWithHandlers == 0)
    #expect(found.scrollWidth <= found.width, "\(found.overflowing)")
    #expect(found.contrasts.isEmpty, "\(found.contrasts)")
    #expect(found.requests.isEmpty)
  }

  @Test func aLargeReportStaysUsable() throws {
    let script = """
      local sgx = require "sgx"
      for number = 1, 600 do
        it("test " .. number, function()
          local machine = sgx.machine { epc = "256 KiB" }
          local enclave = machine:process():open()
          expect(enclave:create { size = 0x8000 }.errno):equals(number % 100 == 0 and "EIO" or nil)
        end)
      end
      """
    let html = try Self.page(script)
    #expect(html.utf8.count < 4 << 20, "\(html.utf8.count) bytes")
    #expect(html.contains("left out here, since this report has many tests"))
    let found = try Browser.measure(html, width: 390, scheme: .dark)
    #expect(found.openTests == 6)
    #expect(found.scrollWidth <= found.width, "\(found.overflowing)")
    #expect(found.filtered == "0 of 600 tests")
  }

  @Test func aPictureCanBeTaken() throws {
    let picture = try Browser.screenshot(Self.page(ReportPageTests.scenario()), width: 1280, height: 1000, scheme: .light)
    #expect(picture.prefix(8) == Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    #expect(picture.count > 20_000, "an empty page is smaller")
    if let folder = ProcessInfo.processInfo.environment["REPORT_PICTURES"] { try picture.write(to: URL(fileURLWithPath: folder + "/report.png")) }
  }
}
