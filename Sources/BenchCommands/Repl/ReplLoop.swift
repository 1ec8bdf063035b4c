import LuaHost
import ScenarioLanguage
import Testbench

/// Where lines come from.
protocol ReplLines {
  /// The next line, without its end. A first line and one that goes on may have different prompts.
  mutating func next(isFirst: Bool) -> ReplLine
}

enum ReplLine: Equatable {
  case line([UInt8])
  /// Ctrl-C: what was typed of this input is to be forgotten.
  case interrupted
  case end
  /// Why no line could be read.
  case failed(String)
}

/// Reads inputs, runs them, writes what they come to.
struct ReplLoop {
  let session: InteractiveSession
  let printer: ReplPrinter
  let completion: ReplCompletion
  /// The worst that an input came to.
  private(set) var status = ExitStatus.passed

  init(session: InteractiveSession, printer: ReplPrinter, completion: ReplCompletion) {
    self.session = session
    self.printer = printer
    self.completion = completion
  }

  mutating func run(file source: [UInt8], name: String) { take(Deadline.watch(shown(name)) { session.run(file: source, name: name) }) }

  /// Until the lines end or nobody reads what is written.
  mutating func run(_ source: some ReplLines) {
    var source = source
    var input: [UInt8] = []
    var (first, next) = (1, 1)
    var unfinished: TestFailure?
    while !printer.isBroken {
      completion.begun = input
      switch source.next(isFirst: unfinished == nil) {
      case .line(let line):
        if unfinished == nil { (input, first) = ([], next) } else { input.append(UInt8(ascii: "\n")) }
        next += 1
        // The first line of a script that is its own program.
        if first == 1, input.isEmpty, line.starts(with: "#!".utf8) { continue }
        if input.isEmpty, let word = ReplWord(line) {
          guard case .help(let text) = word else { return }
          printer.write(text)
          continue
        }
        input += line
        let answer = Deadline.watch("this input") { session.evaluate(input, line: first) }
        unfinished = answer.incomplete
        if !answer.isIncomplete {
          input = []
          take(answer)
        }
      case .interrupted: (input, unfinished) = ([], nil)
      case .failed(let reason):
        Message.write("cannot read standard input: \(reason)")
        status = status.or(.badInput)
        return
      case .end:
        if let unfinished {
          var answer = InputAnswer()
          answer.add(.error(unfinished, isLimit: false))
          take(answer)
        }
        return
      }
    }
  }

  private mutating func take(_ answer: InputAnswer) {
    if let values = answer.values { printer.write(values + "\n") }
    for note in answer.notes {
      printer.write(InputAnswer.text(of: note) + "\n")
      status = status.or(note.status)
    }
  }
}

extension InputAnswer.Note {
  /// What this means for a session whose lines are not typed.
  fileprivate var status: ExitStatus {
    switch self {
    case .checksHold, .kernelWarned, .testsDeclared, .localIsGone: .passed
    case .failedCheck, .found: .failed
    case .benchBroken: .benchBroken
    case .error(_, let isLimit): isLimit ? .failed : .badInput
    case .lawBroken(let breach, _): breach.invariant.kind == .bench ? .benchBroken : .failed
    }
  }
}

/// Standard output of a session: what inputs print and what they come to, in the order in which it happens.
final class ReplPrinter {
  private var output = Output(descriptor: 1)
  /// Nothing arrives any more.
  var isBroken: Bool { output.error != 0 }

  func write(_ text: String) { output.write(text) }

  /// What a script prints can hold anything; nothing in it may steer a terminal.
  func write(output bytes: [UInt8]) { output.write(escapeForDisplay(bytes, keepingLines: true)) }

  func finish(_ status: ExitStatus, onTerminal: Bool) -> ExitStatus {
    output.complain()
    if output.error != 0 { return status.or(.output) }
    // Somebody who tries things out makes mistakes; a broken law of the bench is none of theirs.
    return onTerminal && status != .benchBroken ? .passed : status
  }
}
