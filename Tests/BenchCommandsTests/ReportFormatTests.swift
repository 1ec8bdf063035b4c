import Foundation
import Testing

/// `--format`: each format is read by a parser that is not ours, and is the same whoever makes it.
@Suite("Formats of reports") struct ReportFormatTests {
  /// One of each outcome, and whatever could be taken for a part of a format.
  static let hostile = ##"""
    local sgx = require "sgx"
    print("]]> <script>alert(1)</script> \27[31m # Subtest: x \0 not ok 1 \xff")
    describe('a "quoted" <b> & \'heading\' # SKIP', function()
      it("passes # SKIP not really", function() print("1..99\nok 1 - x\nBail out!\n  KTAP version 1") expect(1):equals(1) end)
      it("fails\nin two lines # TO\68O \\# x", function() print("]]>\1\u{fffe}\u{2028}x") expect("<\u{301}\"\u{301} onclick=x>"):equals("]]>") expect(1):equals(2) end)
      pending("later # TO\68O")
      it('a "quoted" <b> & \'heading\' # SKIP', function() expect(1):equals(1) end)
      describe("", function() it("{{name}} {{{css}}} {{>page}}", function() error("{{#files}} \\u0000") end) end)
    end)
    it("says so", { fails_on = { "6.1.192", reason = "no\nreason # SKIP \u{301}" } }, function()
      sgx.machine { epc = "256 KiB" }
      expect(1):equals(2)
    end)
    it("is for another", { only_on = { "v39", reason = "# TO\68O]]>" } }, function() end)
    """##

  static let formats = ["pretty", "tap", "ktap", "junit", "json", "html"]

  /// Runs the hostile script in a folder of its own and gives the report.
  static func report(_ format: String, _ arguments: [String] = [], script: String = hostile) throws -> Ended {
    try Sgxbench.run(script: script, ["--format", format] + arguments)
  }

  @Test(arguments: formats) func everyFormatIsTheSameInEveryProcess(_ format: String) throws {
    let scratch = try Scratch()
    for name in ["a.lua", "b.lua", "c.lua"] { try scratch.write(Self.hostile, to: name) }
    let arguments = ["run", ".", "--repeat", "2", "--driver", "6.1.192,v39", "--format", format]
    let first = try Sgxbench.run(arguments + ["--jobs", "1"], in: scratch.path)
    #expect(first.status == 2, "\(first.errors)")
    #expect(first.errors.isEmpty)
    let second = try Sgxbench.run(
      arguments + ["--jobs", "2"], in: scratch.path, environment: ["LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo", "NO_COLOR": "1"])
    #expect(second.bytes == first.bytes)
    #expect(first.output.contains("driver v39") || first.output.contains("v39"))
    #expect(!first.bytes.contains(0x1b))
    #expect(!first.bytes.contains(0))
  }

  /// `print` writes a tab between values, which is no control character to a reader; a merged report has it as the parts have.
  @Test func tabsOfPrintStayTabs() throws {
    let script = #"print("out", 1) it("a", function() print("in", 2, "\27[31m") expect(1):equals(1) end)"#
    let pretty = try Self.report("pretty", script: script).output
    #expect(pretty.contains("  | out\t1\n"))
    #expect(pretty.contains("    | in\t2\t\\x1b[31m\n"))
    for format in ["json", "html", "junit"] { #expect(try Self.report(format, script: script).output.contains(format == "json" ? "in\\t2" : "in\t2"), "\(format)") }
    for format in ["tap", "ktap"] { #expect(try Self.report(format, script: script).output.contains("in\\x092"), "\(format)") }
    let scratch = try Scratch()
    try scratch.write(script, to: "a.lua")
    #expect(try Sgxbench.run(["run", "a.lua", "--format", "json:a.json"], in: scratch.path).status == 0)
    #expect(try Sgxbench.run(["merge", "a.json"], in: scratch.path).output == pretty)
  }

  @Test func tapIsReadByProve() throws {
    let scratch = try Scratch()
    let report = try Self.report("tap")
    try scratch.write(Array(report.bytes), to: "a.tap")
    let read = try Tool.run("prove --nocolor --exec cat -v a.tap", in: scratch.path)
    #expect(read.status != 0)
    #expect(read.output.contains("Failed 2/7 subtests"), "\(read.output)")
    #expect(read.output.contains("(less 2 skipped subtests: 3 okay)"), "\(read.output)")
    #expect(!read.output.contains("Parse errors"), "\(read.output)\n\(report.output)")
    #expect(report.output.hasPrefix("TAP version 13\n1..7\n# sgxbench 0.1.0, seed 1, driver 6.1.192\n"))
    #expect(report.output.contains("\nok 1 - a.lua: a \"quoted\" <b> & 'heading' \\# SKIP, passes \\# SKIP not really\n"))
  }

  @Test func tapOfPassingTestsPasses() throws {
    let scratch = try Scratch()
    try scratch.write(try Self.report("tap", script: #"it("a", function() print("not ok 1") expect(1):equals(1) end)"#).output, to: "a.tap")
    let read = try Tool.run("prove --nocolor --exec cat a.tap", in: scratch.path)
    #expect(read.status == 0, "\(read.output)")
    #expect(read.output.contains("Tests=1"))
  }

  @Test func ktapIsWhatTheKernelsParserTakes() throws {
    let report = try Self.report("ktap").output
    let parsed = try KTAPReader.read(report)
    #expect(parsed.problems.isEmpty, "\(parsed.problems)\n\(report)")
    #expect(parsed.counts == ["ok": 3, "not ok": 2, "skip": 2])
    #expect(report.contains("ok 2 says so # XFAIL "))
    #expect(report.contains("\nnot ok 1 a.lua\n"))
    #expect(!report.contains("\nok 1"), "subtests are indented")
  }

  @Test func ktapOfSeveralDriversHasASubtestForEach() throws {
    let report = try Self.report("ktap", ["--driver", "6.1.192,v39"]).output
    #expect(try KTAPReader.read(report).problems.isEmpty)
    #expect(report.hasPrefix("KTAP version 1\n1..2\n"))
    #expect(report.contains("\nnot ok 1 a.lua (driver 6.1.192)\n"))
    #expect(report.contains("\nnot ok 2 a.lua (driver v39)\n"))
  }

  @Test func junitIsWellFormedXML() throws {
    let scratch = try Scratch()
    let report = try Self.report("junit", ["--driver", "6.1.192,v39", "--inject", "power@leaf:EADD"])
    try scratch.write(Array(report.bytes), to: "a.xml")
    let program = """
      import sys, xml.etree.ElementTree as E
      root = E.parse(sys.argv[1]).getroot()
      cases = root.findall("testsuite/testcase")
      assert root.tag == "testsuites" and len(root) == 2, root
      assert int(root.get("tests")) == len(cases) == 14, len(cases)
      for kind, tag in ("failures", "failure"), ("errors", "error"), ("skipped", "skipped"):
        assert int(root.get(kind)) == len(root.findall("testsuite/testcase/" + tag)), kind
        assert int(root.get(kind)) == sum(int(s.get(kind)) for s in root), kind
      assert len({(c.get("classname"), c.get("name")) for c in cases}) == 14, "names are distinct"
      first = root[0]
      properties = {p.get("name"): p.get("value") for p in first.find("properties")}
      assert properties["driver"] == "6.1.192" and properties["seed"] == "1" and properties["inject"] == "power@leaf:EADD", properties
      failure = first.findall("testcase/failure")
      assert len(failure) == 1 and "]]>" in failure[0].text and "replay: sgxbench run a.lua" in failure[0].text, failure[0].text
      assert "<script>" in first.find("system-out").text
      assert not any(k in e.attrib for e in root.iter() for k in ("timestamp", "hostname"))
      assert all(e.get("time") in (None, "0") for e in root.iter())
      print("good")
      """
    try scratch.write(program, to: "read.py")
    let read = try Tool.run("python3 read.py a.xml", in: scratch.path)
    #expect(read.output == "good\n", "\(read.output)")
  }

  @Test func jsonIsReadBack() throws {
    let scratch = try Scratch()
    try scratch.write(Array(try Self.report("json", ["--stories"]).bytes), to: "a.json")
    let program = """
      import json, sys
      report = json.load(open(sys.argv[1]))
      tests = report["files"][0]["tests"]
      assert [t["status"] for t in tests] == ["passed", "failed", "pending", "passed", "error", "failed-as-expected", "other-driver"], tests
      assert tests[5]["stories"][0]["pages"] == 64 and tests[5]["stories"][0]["map"]["place"] == "a.lua:12", tests[5]
      print("good")
      """
    try scratch.write(program, to: "read.py")
    let read = try Tool.run("python3 read.py a.json", in: scratch.path)
    #expect(read.output == "good\n", "\(read.output)")
    #expect(!(try Self.report("json").output.contains("stories")), "only where they are asked for")
  }

  @Test(arguments: formats) func aRunThatEndedEarlyIsMarked(_ format: String) throws {
    let script = #"""
      it("fails", function() expect(1):equals(2) end)
      it("never runs", function() end)
      """#
    let report = try Self.report(format, ["--fail-fast"], script: script)
    #expect(report.status == 1)
    let mark =
      switch format {
      case "tap": "\nBail out! the first failure ended the run (--fail-fast)\n"
      case "ktap": "\nnot ok 2 the run is complete # ERROR the first failure ended the run (--fail-fast)\n"
      case "junit": #"<error message="the first failure ended the run (--fail-fast)" type="incomplete">"#
      case "json": #""complete" : false"#
      case "html": #"<p class="incomplete" role="alert"><strong>Incomplete:</strong> the first failure ended the run (--fail-fast)</p>"#
      default: "\nINCOMPLETE: the first failure ended the run (--fail-fast)\n"
      }
    #expect(report.output.contains(mark), "\(report.output)")
  }

  @Test(arguments: formats) func aScriptThatCannotRunIsAnError(_ format: String) throws {
    let report = try Self.report(format, script: "it('x', function() end) error('broken <b> # SKIP')")
    #expect(report.status == 2)
    #expect(report.output.contains("broken"), "\(report.output)")
    let mark =
      switch format {
      case "tap": "\nnot ok 1 - a.lua\n"
      case "ktap": "\nnot ok 1 a.lua # ERROR "
      case "junit": #"type="script""#
      case "json": #""isLimit" : false"#
      case "html": "<span class=\"badge error\">error</span>"
      default: "ERROR"
      }
    #expect(report.output.contains(mark), "\(report.output)")
  }

  @Test func severalFormatsAtOnce() throws {
    let scratch = try Scratch()
    try scratch.write(Self.hostile, to: "a.lua")
    let files = Self.formats.map { "--format=\($0):report.\($0)" }
    let ended = try Sgxbench.run(["run", "a.lua"] + files, in: scratch.path)
    #expect(ended.errors.isEmpty)
    for format in Self.formats where format != "pretty" {
      // Only html needs the stories; json beside it has them as well.
      let alone = try Sgxbench.run(["run", "a.lua", "--format", format] + (format == "json" ? ["--stories"] : []), in: scratch.path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/report." + format)) == alone.bytes)
    }
  }

  @Test func partsOfARunMakeTheReportsOfTheWhole() throws {
    let scratch = try Scratch()
    try scratch.write(Self.hostile, to: "a.lua")
    try scratch.write(try ReportPageTests.scenario(), to: "b.lua")
    let run = ["run", "a.lua", "b.lua"]
    for part in 1...2 {
      let ended = try Sgxbench.run(run + ["--shard", "\(part)/2", "--stories", "--format", "json:\(part).json"], in: scratch.path)
      #expect(ended.errors.isEmpty, "\(ended.errors)")
    }
    for format in Self.formats where format != "json" {
      let whole = try Sgxbench.run(run + ["--format", format], in: scratch.path)
      let merged = try Sgxbench.run(["merge", "2.json", "1.json", "--format", format], in: scratch.path)
      #expect(merged.bytes == whole.bytes, "\(format)")
    }
  }
}
