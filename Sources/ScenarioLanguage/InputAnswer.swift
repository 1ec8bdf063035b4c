import Testbench

/// What an input of an interactive session came to.
package struct InputAnswer: Sendable {
  /// The values it returned, as text; nil where it returned none.
  package internal(set) var values: String?
  package internal(set) var notes: [Note] = []
  /// It only lacks its end; nothing ran. What is wrong with it as it stands.
  package internal(set) var incomplete: TestFailure?
  /// It is not Lua; nothing ran.
  package internal(set) var failedToCompile = false

  package init() {}

  package mutating func add(_ note: Note) { notes.append(note) }

  package var isIncomplete: Bool { incomplete != nil }

  /// Something to say at once.
  package enum Note: Sendable {
    case checksHold(UInt64)
    case failedCheck(TestFailure)
    /// The input ended in an error, or in a limit.
    case error(TestFailure, isLimit: Bool)
    /// By the machine's number, where there are several.
    case kernelWarned(String, machine: Int?)
    case lawBroken(Breach, machine: Int?)
    case found(String, String, machine: Int?)
    /// The bench saw a law of its own broken: a bug of ours.
    case benchBroken(String, machine: Int?)
    /// It declared tests, which are not run here.
    case testsDeclared(Int)
    /// A local variable of an input ends with it.
    case localIsGone
  }

  /// The note in a line, and below it the functions through which an error came where there are several.
  package static func text(of note: Note) -> String {
    switch note {
    case .checksHold(let count): return count == 1 ? "ok" : "ok, \(count) checks"
    case .failedCheck(let failure): return "FAIL \(place(of: failure))\(failure.message)"
    case .error(let failure, _):
      let frames = failure.traceback.split(separator: "\n")
      let shown = frames.count > 1 ? frames.map { "\n  \($0.drop { $0 == " " })" }.joined() : ""
      return "error: \(place(of: failure))\(failure.message)\(shown)"
    case .kernelWarned(let text, let machine): return "kernel\(named(machine)): \(text)"
    case .lawBroken(let breach, let machine):
      let owner = breach.invariant.kind == .bench ? "BUG: the bench broke its law" : "law broken\(named(machine)):"
      return "\(owner) '\(breach.invariant.rawValue)': \(breach.invariant.sentence) Found: \(breach.detail)"
    case .found(let name, let text, let machine): return "finding\(named(machine)): '\(name)': \(text)"
    case .benchBroken(let text, let machine): return "BUG: finding\(named(machine)): 'bench': \(text)"
    case .testsDeclared(let count):
      return "\(count == 1 ? "1 test" : "\(count) tests") declared and not run; sgxbench run does that"
    case .localIsGone: return "note: a local variable ends with its input; leave the word 'local' out to keep it"
    }
  }

  private static func named(_ machine: Int?) -> String { machine.map { " of machine \($0)" } ?? "" }

  private static func place(of failure: TestFailure) -> String { failure.line > 0 ? "\(failure.file):\(failure.line): " : "" }
}
