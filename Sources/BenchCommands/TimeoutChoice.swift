import ArgumentParser

/// How long a script may take, for commands that run one without making reports.
struct TimeoutChoice: ParsableArguments {
  @Option(help: ArgumentHelp("Seconds that a script may take; 0: as long as it wants.", valueName: "seconds"))
  var timeout = 600

  /// From here on no script takes longer.
  func apply() throws {
    guard Self.range.contains(timeout) else { throw ValidationError("limits: --timeout 0 to \(Self.range.upperBound)") }
    Deadline.set(timeout == 0 ? nil : timeout)
  }

  static let range = 0...31_536_000
}
