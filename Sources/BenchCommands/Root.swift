import ArgumentParser
import BenchReport
import LuaHost
#if canImport(Glibc)
  import Glibc
#endif

/// `sgxbench`
struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sgxbench",
    abstract: "A test bench for enclaves: an SGX machine with its driver, driven by Lua scenarios, without SGX hardware.",
    version: VersionText.text,
    subcommands: [
      Run.self, Merge.self, Repl.self, Sweep.self, Measure.self, SigStructCommands.self, Explain.self, New.self, Check.self, Bundle.self,
      Init.self, Mutants.self,
    ])
}

/// The program.
public enum Program {
  /// Reads the command line, runs the command, and ends the process with its status.
  public static func main() -> Never {
    // A closed pipe is an error of a write, not the end of the process without a word.
    signal(SIGPIPE, SIG_IGN)
    // So is a file that has grown to what `ulimit -f` allows.
    signal(SIGXFSZ, SIG_IGN)
    Breakdowns.watch()
    // A standard descriptor that was closed must not become the next file that is opened: writing to it stays an error.
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", O_RDONLY) }
    refuseBadArguments()
    if let files = plainRun() { exit(RunRequest(paths: files).perform().rawValue) }
    var words = Array(CommandLine.arguments.dropFirst())
    if let files = ScriptArguments.helpRequest(words) { exit(ScriptArguments.help(files).rawValue) }
    // What stands behind -- is for the scripts, and `Run` reads it itself.
    if words.first == "run" { words = Array(words.prefix { $0 != "--" }) }
    do {
      var command = try Root.parseAsRoot(words)
      try command.run()
    } catch {
      exit(end(with: error, of: words))
    }
    exit(ExitStatus.passed.rawValue)
  }

  /// Writes what an error says: help and the like to standard output, where it must arrive, anything else to standard error.
  private static func end(with error: any Error, of words: [String]) -> Int32 {
    let status = Root.exitCode(for: error).rawValue
    var text = Root.fullMessage(for: error)
    if status == 0, let script = CompletionScript.complete(text, for: words) { text = script }
    guard !text.isEmpty else { return status }
    var output = Output(descriptor: status == 0 ? 1 : 2)
    if status != 0 { text = Message.shown(text) }
    output.write(text.utf8.last == UInt8(ascii: "\n") ? text : text + "\n")
    guard status == 0 else { return status }
    output.complain()
    return output.error == 0 ? status : ExitStatus.output.rawValue
  }

  /// The files of a plain `run FILE…`, which does not go through the argument parser: its first use takes longer than a small
  /// scenario, and so does the first use of `CommandLine.arguments`. Nil for anything with an option in it.
  private static func plainRun() -> [String]? {
    let count = Int(CommandLine.argc)
    guard count > 2, argument(1) == "run" else { return nil }
    var files: [String] = []
    for index in 2..<count {
      let file = argument(index)
      if file.utf8.first == UInt8(ascii: "-") { return nil }
      files.append(file)
    }
    return files
  }

  /// What is no UTF-8 would become other text, and other text names another file.
  private static func refuseBadArguments() {
    for index in 1..<max(Int(CommandLine.argc), 1) {
      guard let word = CommandLine.unsafeArgv[index], String(validatingCString: word) == nil else { continue }
      let bytes = UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) }
      Message.write("argument \(index), \(escapeForDisplay(bytes)), is not UTF-8", hint: "the name is not UTF-8; rename the file")
      exit(ExitStatus.badInput.rawValue)
    }
  }

  private static func argument(_ index: Int) -> String {
    CommandLine.unsafeArgv[index].map { String(cString: $0) } ?? ""
  }
}
