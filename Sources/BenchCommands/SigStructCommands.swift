import ArgumentParser
import LuaHost
import SGXArchitecture

/// `sgxbench sigstruct …`
struct SigStructCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sigstruct",
    abstract: "Shows, verifies and signs SIGSTRUCTs, the 1808 bytes that an enclave is signed with.",
    discussion: """
      Ends with 0 where all went well, 1 where a SIGSTRUCT did not verify, 2 where a file is wrong or missing, 74 where something could \
      not be written.
      """,
    subcommands: [SigStructView.self, SigStructVerify.self, SigStructSign.self])
}

/// Reads a SIGSTRUCT from a file that holds nothing else.
enum SigStructFile {
  private static let limit = 1 << 20

  static func read(_ path: String) throws(ScriptFile.Problem) -> SigStruct {
    let bytes = try ScriptFile.read(path, limit: limit, folderAdvice: "")
    do throws(SigStruct.WrongSize) { return try SigStruct(bytes: bytes) } catch {
      throw ScriptFile.Problem(text: "\(escapeForDisplay(Array(path.utf8))): \(text(of: error))")
    }
  }

  private static func text(of problem: SigStruct.WrongSize) -> String {
    guard let field = problem.field else { return "\(problem.found) bytes; a SIGSTRUCT has \(SigStruct.size)" }
    let range = field.range
    return "ends at offset \(problem.found), in \(field.name) (\(range.lowerBound) to \(range.upperBound - 1)); "
      + "a SIGSTRUCT has \(SigStruct.size) bytes"
  }
}

extension ParsableCommand {
  /// Writes a report to standard output, and ends with `status` unless that failed.
  func end(_ status: ExitStatus, printing text: String) -> ExitCode {
    var output = Output(descriptor: 1)
    output.write(text)
    output.complain()
    return ExitCode((output.error == 0 ? status : status.or(.output)).rawValue)
  }
}
