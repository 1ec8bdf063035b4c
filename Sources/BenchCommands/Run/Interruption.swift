import CBreakdown
#if canImport(Glibc)
  import Glibc
#endif
import Synchronization

/// What a signal of the user or of the system asked for, and the descriptor that wakes whoever waits for it.
enum Interruption {
  /// The signal that came first; 0 before.
  private static let first = Atomic<Int32>(0)
  private static let wakeDescriptor = Atomic<Int32>(-1)
  private static let isWatching = Atomic<Bool>(false)

  /// Signals that end a run early, with its report written so far.
  static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// From now on the first of these signals is noted, and wakes `wake`; a second one ends the process at once.
  ///
  /// - Parameter wake: the writing end of a pipe that does not block.
  static func watch(waking wake: Int32) {
    wakeDescriptor.store(wake, ordering: .releasing)
    watch()
  }

  /// The same without anybody to wake, for the time before the run.
  static func watch() {
    guard !isWatching.exchange(true, ordering: .relaxed) else { return }
    // A handler must not be the first to touch them: that may take a lock.
    _ = first.load(ordering: .acquiring)
    // Whoever started the program may have held them back, as threads of a pool do; a run must be one that can be ended.
    var held = sigset_t()
    sigemptyset(&held)
    for number in signals { sigaddset(&held, number) }
    for number in signals {
      var action = sigaction()
      // Somebody who started the program with SIGHUP ignored (nohup) means it.
      sigaction(number, nil, &action)
      if number == SIGHUP, isIgnored(action) { continue }
      action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        let saved = errno
        if Interruption.first.exchange(number, ordering: .acquiringAndReleasing) != 0 {
          if let path = breakdown_unfinished() { unlink(path) }
          _exit(128 + number)
        }
        breakdown_ending()
        _ = write(Interruption.wakeDescriptor.load(ordering: .acquiring), "!", 1)
        errno = saved
      }
      sigaction(number, &action, nil)
    }
    pthread_sigmask(SIG_UNBLOCK, &held, nil)
  }

  /// Says which file a process that ends at once is to remove.
  static func holdsUnfinished(_ path: String?) {
    // The old name is kept: a handler on another thread may be reading it, and some bytes a report are no loss.
    breakdown_hold_unfinished(path.map { UnsafePointer(strdup($0)) } ?? nil)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  /// The signal that came, if one did.
  static var signal: Int32? {
    let number = first.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  static func name(of signal: Int32) -> String {
    switch signal {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: "signal \(signal)"
    }
  }
}
