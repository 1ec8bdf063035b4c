import Simulation

extension SignalNumber {
  public static let kill = SignalNumber(9)!
  public static let stop = SignalNumber(19)!

  var bit: UInt64 { 1 << UInt64(rawValue - 1) }

  enum DefaultAction { case terminate, ignore, stop }

  /// What happens without a disposition (signal(7), "Standard signals"; x86 numbers).
  var defaultAction: DefaultAction {
    switch name {
    case "SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT": .ignore
    case "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU": .stop
    default: .terminate
    }
  }

  /// Names of signals 1 to 31 on x86.
  private static let names = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
    "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
    "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
  ]

  /// Every name, for suggestions.
  public static let allNames = names

  /// `SIGALRM` and the like; numbers from 32 on are real-time signals.
  public var name: String { rawValue <= 31 ? Self.names[Int(rawValue) - 1] : "SIGRTMIN+\(rawValue - 32)" }

  /// The signal spelled so.
  public init?(name: String) {
    guard let index = Self.names.firstIndex(of: name) else { return nil }
    self.init(index + 1)
  }
}
