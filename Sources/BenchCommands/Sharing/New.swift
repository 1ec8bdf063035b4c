import ArgumentParser
import LuaHost
#if canImport(Glibc)
  import Glibc
#endif

/// `sgxbench new FILE`
struct New: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a scenario to begin with.",
    discussion: "Ends with 2 where the file is there already, and with 74 where it could not be written.")

  @Argument(help: ArgumentHelp("The file to write.", valueName: "file"), completion: CompletionWords.scripts)
  var file: String

  @Flag(help: "Replaces a file that is there.")
  var force = false

  mutating func run() throws {
    let shown = shown(file)
    var status = stat()
    if lstat(file, &status) == 0 {
      guard status.st_mode & S_IFMT != S_IFDIR else { throw failure("\(shown) is a directory", .badInput) }
      guard force else { throw failure("\(shown) is there already; --force replaces it", .badInput) }
    }
    do throws(Refusal) { try WholeFile(file).write(PackageResources.template_lua) } catch { throw error.told() }
    var output = Output(descriptor: 1)
    output.write("wrote \(shown); run it with: sgxbench run \(file.hasPrefix("-") ? "./" : "")\(shown)\n")
    output.complain()
    if output.error != 0 { throw ExitCode(ExitStatus.output.rawValue) }
  }
}

/// A name as messages show it.
func shown(_ path: String) -> String { escapeForDisplay(Array(path.utf8)) }

/// Says what is wrong and gives the status to end with.
func failure(_ text: String, _ status: ExitStatus) -> ExitCode {
  Message.write(text)
  return ExitCode(status.rawValue)
}
