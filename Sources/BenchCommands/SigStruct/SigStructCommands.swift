import ArgumentParser

/// `sgxbench sigstruct …`
struct SigStructCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sigstruct",
    abstract: "Shows, verifies and signs SIGSTRUCTs, the 1808 bytes that an enclave is signed with.",
    discussion: """
      Ends with 0 where all went well, 1 where a SIGSTRUCT did not verify, 2 where a file is wrong or missing, 74 where something could \
      not be written. No command replaces a file that it has read, or one that is no file of the kind it writes, without --force.
      """,
    subcommands: [
      SigStructView.self, SigStructVerify.self, SigStructSign.self, SigStructGenData.self, SigStructCatSig.self, SigStructExtract.self,
      SigStructMRSigner.self,
    ])
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
