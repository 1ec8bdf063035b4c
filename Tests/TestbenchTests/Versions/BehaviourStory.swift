import SGXDriver

@testable import Testbench

/// The shortest story in which a behaviour can be seen, and how it ends without and with it.
///
/// - BehaviourStory+Loading.swift, +Initialising.swift, +Paging.swift: the stories, as the rows of DriverBehaviour are
struct BehaviourStory {
  let without: String
  let with: String
  let tell: (DriverVersion) -> String

  init(_ without: String, _ with: String, _ tell: @escaping (DriverVersion) -> String) {
    (self.without, self.with, self.tell) = (without, with, tell)
  }

  /// By the behaviour's name.
  static var all: [String: BehaviourStory] {
    loading.merging(initialising) { first, _ in first }.merging(paging) { first, _ in first }
  }

  /// Outcome in a word.
  static func word(_ outcome: CallOutcome?) -> String {
    switch outcome {
    case .success?: "0"
    case .failure(let errno)?: errno.name
    case .leafResult(let result)?: "0x" + String(result.encoded, radix: 16)
    case .uninitialised?: "uninitialised"
    case .killed?, .restart?, nil: "?"
    case .stopped(let finding)?: "\(finding)"
    }
  }

  static func word(_ answer: Answer) -> String { word(answer.outcome) + (answer.pages.map { " \($0) pages" } ?? "") }
}
