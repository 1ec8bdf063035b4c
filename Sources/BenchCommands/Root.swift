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
    version: Bench.version, subcommands: [Run.self, Sweep.self])
}

/// The program.
public enum Program {
  /// Reads the command line, runs the command, and ends the process with its status.
  public static func main() -> Never {
    // A closed pipe is an error of a write, not the end of the process without a word.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    // The plain `run FILE…` does not go through the argument parser, whose first use takes longer than a small scenario.
    if arguments.count > 1, arguments[0] == "run", arguments.dropFirst().allSatisfy({ !$0.hasPrefix("-") }) {
      exit(RunRequest(files: Array(arguments.dropFirst())).perform().rawValue)
    }
    Root.main(arguments)
    exit(ExitStatus.passed.rawValue)
  }
}
