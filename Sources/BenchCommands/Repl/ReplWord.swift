import BenchReport
import ScenarioLanguage

/// What is a word of the prompt, and no Lua: `help`, `help enclave:create`, `exit`, `quit`.
enum ReplWord: Equatable {
  case help(String)
  case exit

  init?(_ line: [UInt8]) {
    let words = String(decoding: line, as: UTF8.self).split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    switch words.first {
    case "exit", "quit", "exit()", "quit()":
      guard words.count == 1 else { return nil }
      self = .exit
    case "help", "help()":
      // `help = 1` is Lua.
      guard words.count <= 2, words.count == 1 || words[1] != "=" else { return nil }
      self = .help(words.count == 1 ? Self.text : Self.text(of: words[1]))
    default: return nil
    }
  }

  private static func text(of name: String) -> String {
    APIPage.text(of: name) ?? "scenarios have no \(shown(name))\(APIPage.suggestion(for: name))\n"
  }

  private static let text = """
    Lines are Lua; the values of an expression are shown, and what the kernel warned of and laws that broke.
    There are machine, process, enclave (open, not created) and sgx; your own names stay.
      enclave:create { size = 0x10000 }           a call, with what it came to
      machine.epc                                 what can be seen of a machine
      help enclave:create                         what a function takes, with defaults and ranges
      help machine                                everything that a machine has
      exit                                        or Ctrl-D

    """
}
