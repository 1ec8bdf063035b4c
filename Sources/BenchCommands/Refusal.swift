import ArgumentParser

/// Why a command does not do what it was asked: a file that cannot be read or written, or is no such file. There is one kind of error for all
/// commands, so that each of them says it in the same way and ends with the status that belongs to it.
struct Refusal: Error {
  let text: String
  let status: ExitStatus
  /// What may help.
  var hint: String?

  init(_ text: String, status: ExitStatus = .badInput) {
    self.text = text
    self.status = status
  }

  /// Says it, and gives the status to end with.
  func told() -> ExitCode {
    Message.write(text, hint: hint)
    return ExitCode(status.rawValue)
  }
}
