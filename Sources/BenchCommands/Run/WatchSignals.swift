import Synchronization
#if canImport(Glibc)
  import Glibc
#endif

/// Signals while scripts are watched: they end the run that is under way, which writes its report, and then the watching.
enum WatchSignals {
  private static let first = Atomic<Int32>(0)
  /// The process of the run; 0 between runs.
  private static let child = Atomic<pid_t>(0)

  /// The signal that came, if one did.
  static var signal: Int32? {
    let number = first.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  /// From now on signals go to the child too, unless the terminal has sent them to both. A second one ends this process at once.
  static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      action.sa_flags = SA_SIGINFO
      action.__sigaction_handler.sa_sigaction = { number, information, _ in
        let saved = errno
        let child = WatchSignals.child.load(ordering: .acquiring)
        // Codes of zero and below are those of processes; the terminal's own has another (sigaction(2), SI_KERNEL).
        if child > 0, let information, information.pointee.si_code <= 0 { kill(child, number) }
        if WatchSignals.first.exchange(number, ordering: .acquiringAndReleasing) != 0 { _exit(128 + number) }
        errno = saved
      }
      sigaction(number, &action, nil)
    }
  }

  /// Notes the process that signals go to. One that came just before goes to it now.
  static func began(_ process: pid_t) {
    child.store(process, ordering: .releasing)
    if let signal { kill(process, signal) }
  }

  static func ended() { child.store(0, ordering: .releasing) }
}
