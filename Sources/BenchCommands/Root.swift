import ArgumentParser
import BenchReport
#if canImport(Glibc)
  import Glibc
#endif

/// `sgxbench`
struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sgxbench",
    abstract: "A test bench for enclaves: an SGX machine with its driver, driven by Lua scenarios, without SGX hardware.",
    version: Bench.version,
    subcommands: [
      Run.self, Merge.self, Sweep.self, Measure.self, SigStructCommands.self, Explain.self, New.self, Check.self, Bundle.self, Init.self,
      Mutants.self,
    ])
}

/// The program.
public enum Program {
  /// Reads the command line, runs the command, and ends the process with its status.
  public static func main() -> Never {
    // A closed pipe is an error of a write, not the end of the process without a word.
    signal(SIGPIPE, SIG_IGN)
    if let files = plainRun() { exit(RunRequest(paths: files).perform().rawValue) }
    var words = Array(CommandLine.arguments.dropFirst())
    if let files = ScriptArguments.helpRequest(words) { exit(ScriptArguments.help(files).rawValue) }
    // What stands behind -- is for the scripts, and `Run` reads it itself.
    if words.first == "run" { words = Array(words.prefix { $0 != "--" }) }
    Root.main(words)
    exit(ExitStatus.passed.rawValue)
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

  private static func argument(_ index: Int) -> String {
    CommandLine.unsafeArgv[index].map { String(cString: $0) } ?? ""
  }
}
