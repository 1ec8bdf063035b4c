/// Something that can go wrong at a place of a call, by the number that `-- covers:` names, and how the events of a run show it.
public struct InjectionPoint: Sendable {
  /// `A17`: the letter of the table, the number in it.
  public let id: String
  /// What strikes, or what is wrong, in plain words.
  public let sentence: String
  /// What the caller is told.
  public let answer: String
  /// What must have happened in a test that claims this point.
  public let evidence: String
  /// True where a call of the test is that evidence.
  public let isShown: @Sendable (CallEvidence) -> Bool
  /// Why no scenario meets it, where none can.
  public let excuse: String?

  init(
    _ id: String, _ sentence: String, _ answer: String, evidence: String, excuse: String? = nil,
    _ isShown: @escaping @Sendable (CallEvidence) -> Bool
  ) {
    self.id = id
    self.sentence = sentence
    self.answer = answer
    self.evidence = evidence
    self.excuse = excuse
    self.isShown = isShown
  }

  /// Tables in the order of the page, a title with each.
  public static let tables: [(title: String, points: [InjectionPoint])] = [
    ("Any ioctl, open and mmap", dispatcher), ("CREATE", create), ("ADD_PAGES", addPages), ("INIT", initialize),
  ]

  /// Every point, in the order of the page.
  public static let all: [InjectionPoint] = tables.flatMap(\.points)

  public static func named(_ id: some StringProtocol) -> InjectionPoint? { all.first { $0.id == id } }

  /// nil where a call of the machines shows the point; otherwise what was looked for, and what was there.
  public func missing(in machines: [Machine]) -> String? {
    let calls = machines.flatMap(CallEvidence.all(of:))
    if calls.contains(where: isShown) { return nil }
    var seen: [String] = []
    for evidence in calls {
      let text = "\(evidence.call.operation.name.text) \(evidence.call.answer)"
      if !seen.contains(text) { seen.append(text) }
    }
    return "claims \(id) (\(sentence)), which needs \(evidence); calls of the test: \(seen.isEmpty ? "none" : seen.joined(separator: ", "))"
  }
}
