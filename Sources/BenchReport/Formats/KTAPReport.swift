import ScenarioLanguage

/// The Kernel Test Anything Protocol, version 1 (Documentation/dev-tools/ktap.rst): a subtest a file, in it one for each describe.
///
/// KTAP has no escape, so a `#` in a name is written as `_`.
public struct KTAPReport {
  private var text = ""

  /// The whole of a run.
  public static func text(of report: RunReport) -> String {
    var ktap = KTAPReport()
    var nodes = report.shownFiles.map { Node($0, title: report.title(of: $0)) }
    if let reason = report.incompleteness {
      nodes.append(Node(name: "the run is complete", outcome: .failed(directive: "ERROR \(reason)"), diagnostics: []))
    }
    ktap.text = "KTAP version 1\n1..\(nodes.count)\n# \(report.heading)\n"
    for (index, node) in nodes.enumerated() { ktap.add(node, number: index + 1, indent: "") }
    return ktap.text
  }

  private mutating func add(_ node: Node, number: Int, indent: String) {
    if !node.children.isEmpty {
      let inner = indent + "  "
      text += "\(inner)KTAP version 1\n\(inner)# Subtest: \(node.name)\n\(inner)1..\(node.children.count)\n"
      for (index, child) in node.children.enumerated() { add(child, number: index + 1, indent: inner) }
    }
    for line in node.diagnostics { text += "\(indent)# \(ReportText.line(line))\n" }
    let (word, directive) = node.outcome.words
    text += "\(indent)\(word) \(number) \(node.name)\(directive.map { " # " + Node.cleaned($0) } ?? "")\n"
  }

  /// A result and what it is made of.
  private struct Node {
    let name: String
    var outcome: Outcome
    var diagnostics: [String]
    var children: [Node] = []

    init(name: String, outcome: Outcome, diagnostics: [String]) {
      self.name = Self.cleaned(name)
      self.outcome = outcome
      self.diagnostics = diagnostics
    }

    init(_ file: FileReport, title: String) {
      self.init(name: title, outcome: .skipped(""), diagnostics: file.output.map { "| " + $0 })
      children = Self.tree(of: file.tests[...], depth: 0, parent: name)
      outcome = Self.outcome(of: children)
      if let error = file.error {
        diagnostics += [error.text] + (error.hint.map { ["hint: \($0)"] } ?? []) + error.traceback.map { "  " + $0 }
        outcome = .failed(directive: "ERROR \(error.text)")
      }
      if let reason = file.stopped { diagnostics.append("stopped: \(reason)") }
    }

    /// Tests of one describe after another; those that follow one another beneath the same heading belong together.
    private static func tree(of tests: ArraySlice<TestReport>, depth: Int, parent: String) -> [Node] {
      var nodes: [Node] = []
      var rest = tests
      while let test = rest.first {
        if test.path.count - depth <= 1 {
          nodes.append(Node(test, parent: parent))
          rest = rest.dropFirst()
          continue
        }
        let heading = test.path[depth]
        let below = rest.prefix { $0.path.count - depth > 1 && $0.path[depth] == heading }
        var node = Node(name: distinct(heading, from: parent), outcome: .passed(directive: nil), diagnostics: [])
        node.children = tree(of: below, depth: depth + 1, parent: node.name)
        node.outcome = outcome(of: node.children)
        nodes.append(node)
        rest = rest.dropFirst(below.count)
      }
      return nodes
    }

    private init(_ test: TestReport, parent: String) {
      self.init(name: Self.distinct(test.path.last ?? "", from: parent), outcome: .passed(directive: nil), diagnostics: test.output.map { "| " + $0 })
      switch test.status {
      case .passed: break
      case .failedAsExpected: outcome = .passed(directive: "XFAIL \(test.why)")
      case .pending, .otherDriver: outcome = .skipped(test.why)
      case .failed: outcome = .failed(directive: nil)
      case .error, .benchBroken: outcome = .failed(directive: "ERROR \(test.failures.first?.message ?? test.status.words)")
      }
      if test.status.isFailure {
        for failure in test.failures {
          diagnostics.append(failure.text)
          if let source = failure.source { diagnostics.append("  > " + source) }
          diagnostics += failure.traceback.map { "  " + $0 }
        }
        if let events = test.failures.first(where: { !$0.lastEvents.isEmpty })?.lastEvents {
          diagnostics += ["last events:"] + events.map { "  " + $0 }
        }
        if let replay = test.replay { diagnostics.append("replay: \(replay)") }
      }
      for (number, events) in test.traces.enumerated() {
        diagnostics += ["trace of machine \(number + 1), \(events.count) events:"] + events.map { "  " + $0 }
      }
    }

    /// A parent fails with its children, and is skipped where all of them are.
    private static func outcome(of children: [Node]) -> Outcome {
      if children.contains(where: { $0.outcome.isFailure }) { return .failed(directive: nil) }
      return children.allSatisfy { $0.outcome.isSkip } ? .skipped("") : .passed(directive: nil)
    }

    /// The kernel's parser takes a result that is named as its parent for the parent's.
    private static func distinct(_ name: String, from parent: String) -> String { cleaned(name) == parent ? name + " (test)" : name }

    /// One line without `#` and without blanks at its ends.
    static func cleaned(_ text: String) -> String {
      let line = ReportText.replacing(["#": "_"], in: ReportText.line(text))
      let words = line.drop { $0 == " " }
      let trimmed = words.reversed().drop { $0 == " " }.reversed()
      return trimmed.isEmpty ? "(no name)" : String(trimmed)
    }
  }

  private enum Outcome {
    case passed(directive: String?)
    case failed(directive: String?)
    case skipped(String)

    var isFailure: Bool { if case .failed = self { true } else { false } }
    var isSkip: Bool { if case .skipped = self { true } else { false } }

    var words: (String, String?) {
      switch self {
      case .passed(let directive): ("ok", directive)
      case .failed(let directive): ("not ok", directive)
      case .skipped(let reason): ("ok", reason.isEmpty ? "SKIP" : "SKIP \(reason)")
      }
    }
  }
}
