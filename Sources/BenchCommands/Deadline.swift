import Synchronization
#if canImport(Glibc)
  import Glibc
#endif

/// Ends a command whose script takes longer than it may (`--timeout`), for commands that have no results worth keeping of one that does not
/// end; `run` has its own end, with a report (`WorkQueue`).
///
/// A thread of its own looks at the clock: the script may be at work in the model, where no switch of the interpreter is looked at.
enum Deadline {
  private struct State {
    var seconds: Int?
    /// When what runs now has to have ended, and what it is.
    var due: (time: UInt64, what: String)?
    var isWatching = false
  }
  private static let state = Mutex(State())

  /// From now on each script may take so long; nil: as long as it wants.
  static func set(_ seconds: Int?) { state.withLock { $0.seconds = seconds } }

  /// Does work of a script, which `what` names, and ends the process with 124 where it takes too long.
  static func watch<Value, Problem: Error>(_ what: String, _ body: () throws(Problem) -> Value) throws(Problem) -> Value {
    let starts = state.withLock { state in
      guard let seconds = state.seconds else { return false }
      state.due = (monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000, what)
      defer { state.isWatching = true }
      return !state.isWatching
    }
    if starts { startThread() }
    defer { state.withLock { $0.due = nil } }
    return try body()
  }

  private static func startThread() {
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // A thread has the mask of the one that makes it, and Ctrl-C is for the thread that reads from the terminal: taken by this one, it
    // would end no read. What a breakdown raises goes to the thread that breaks down.
    var (held, before) = (sigset_t(), sigset_t())
    sigfillset(&held)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] { sigdelset(&held, signal) }
    pthread_sigmask(SIG_BLOCK, &held, &before)
    let failure = pthread_create(&thread, &attributes, { _ in
      Deadline.look()
      return nil
    }, nil)
    pthread_sigmask(SIG_SETMASK, &before, nil)
    pthread_attr_destroy(&attributes)
    guard failure == 0 else {
      Message.write("the system gives no thread: \(String(cString: strerror(failure)))")
      exit(ExitStatus.setUp.rawValue)
    }
  }

  private static func look() {
    while true {
      let now = monotonicNanoseconds()
      let (late, wait): (String?, UInt64) = state.withLock { state in
        guard let due = state.due else { return (nil, 100_000_000) }
        guard due.time <= now else { return (nil, min(due.time - now, 100_000_000)) }
        return ("\(due.what) took longer than \(state.seconds ?? 0) s (--timeout)", 0)
      }
      if let late {
        Message.write(late)
        _exit(ExitStatus.timeout.rawValue)
      }
      var time = timespec(tv_sec: 0, tv_nsec: Int(wait))
      nanosleep(&time, nil)
    }
  }
}
