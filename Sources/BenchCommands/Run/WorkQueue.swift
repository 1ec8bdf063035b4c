import LuaHost
import ScenarioLanguage
import Synchronization
#if canImport(Glibc)
  import Glibc
#endif

/// Runs units of work on threads of their own and hands their results over in the order of the units, whatever order they end in.
///
/// The thread that calls `run` does no work itself: it waits for results, for signals and for time, so that a unit that hangs cannot
/// keep the report from being written.
final class WorkQueue<Result: Sendable>: Sendable {
  // Arrays: the first use of a dictionary would be a fifth of the start of a small script.
  private struct State {
    var next = 0
    /// By unit, until they are taken.
    var results: [Result?]
    var running: [Running] = []
    var isClosed = false

    mutating func take(_ unit: Int) -> Result? { unit < results.count ? results[unit].take() : nil }
  }

  /// A unit that runs: when it began, and what stops it.
  private struct Running {
    let unit: Int
    let since: UInt64
    let stop: RunStop
  }

  /// Why a run ends before its last unit.
  enum Ending: Equatable {
    case signal(Int32)
    /// A unit took longer than it may.
    case timeout(unit: Int)
    /// `consume` wanted no more.
    case enough
  }

  private let count: Int
  private let body: @Sendable (Int, RunStop) -> Result
  private let state: Mutex<State>
  /// A pipe into which whoever has news for the waiting thread writes a byte.
  private let news: (read: Int32, write: Int32)

  /// - Parameter body: does a unit's work on a big stack; it ends early once its stop is requested.
  init(count: Int, body: @escaping @Sendable (Int, RunStop) -> Result) {
    self.count = count
    self.body = body
    state = Mutex(State(results: [Result?](repeating: nil, count: count)))
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      Message.write("the system gives no pipe: \(String(cString: strerror(errno)))")
      exit(ExitStatus.setUp.rawValue)
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    news = (ends[0], ends[1])
  }

  /// Works through all units.
  ///
  /// - Parameters:
  ///   - jobs: threads.
  ///   - timeout: nanoseconds that a unit may take; nil: for ever.
  ///   - reason: what a unit that took too long is told.
  ///   - progress: called from time to time with the number of units that have ended.
  ///   - unanswered: what there is of a unit that has not ended in time after it was asked to, for the reason given.
  ///   - consume: gets the results in order; false ends the run.
  /// - Returns: why it ended early, if it did. A unit that was stopped still has its result consumed, if it comes within two seconds;
  ///   0.6 after a signal, whose sender waits.
  func run(jobs: Int, timeout: UInt64?, reason: String, progress: (Int) -> Void, unanswered: (Int, String) -> Result,
    consume: (Int, Result) -> Bool
  ) -> Ending? {
    Interruption.watch(waking: news.write)
    for _ in 0..<max(1, min(jobs, count)) {
      guard startOnBigStack({ [self] in Breakdowns.guarded { work() } }) else {
        Message.write("the system gives no thread with a stack of 256 MiB")
        exit(ExitStatus.setUp.rawValue)
      }
    }
    var consumed = 0
    while consumed < count {
      while let result = state.withLock({ $0.take(consumed) }) {
        consumed += 1
        if !consume(consumed - 1, result) {
          stopAll("no more is wanted")
          return .enough
        }
      }
      if consumed == count { break }
      if let signal = Interruption.signal {
        let reason = "stopped by \(Interruption.name(of: signal))"
        stopAll(reason)
        drain(&consumed, nanoseconds: 600_000_000, consume) { unanswered($0, reason) }
        return .signal(signal)
      }
      let oldest = state.withLock { $0.running.min { ($0.since, $0.unit) < ($1.since, $1.unit) } }
      let now = monotonicNanoseconds()
      if let timeout, let oldest, now - oldest.since >= timeout {
        oldest.stop.request(reason)
        stopAll(Self.withAnother)
        drain(&consumed, nanoseconds: 2_000_000_000, consume) { unanswered($0, $0 == oldest.unit ? reason : Self.withAnother) }
        return .timeout(unit: oldest.unit)
      }
      wait(nanoseconds: timeout.flatMap { limit in oldest.map { limit - (now - $0.since) } })
      progress(consumed)
    }
    return nil
  }

  private func work() {
    while true {
      let stop = RunStop()
      let taken: Int? = state.withLock { state in
        guard !state.isClosed, state.next < count else { return nil }
        defer { state.next += 1 }
        state.running.append(Running(unit: state.next, since: monotonicNanoseconds(), stop: stop))
        return state.next
      }
      guard let unit = taken else { return }
      let result = body(unit, stop)
      state.withLock {
        $0.running.removeAll { $0.unit == unit }
        $0.results[unit] = result
      }
      _ = write(news.write, "!", 1)
    }
  }

  private func stopAll(_ reason: String) {
    Breakdowns.runIsEnding()
    let stops = state.withLock { state in
      state.isClosed = true
      return state.running.map(\.stop)
    }
    for stop in stops { stop.request(reason) }
  }

  private static var withAnother: String { "stopped with another one that took too long" }

  /// What has ended, or ends within that time of having been asked, and what there is of units that do not, up to the first that has not
  /// begun.
  private func drain(_ consumed: inout Int, nanoseconds: UInt64, _ consume: (Int, Result) -> Bool, unanswered: (Int) -> Result) {
    let end = monotonicNanoseconds() + nanoseconds
    while true {
      while let result = state.withLock({ $0.take(consumed) }) {
        consumed += 1
        if !consume(consumed - 1, result) { return }
      }
      let unit = consumed
      let now = monotonicNanoseconds()
      guard state.withLock({ $0.running.contains { $0.unit == unit } }) else { return }
      guard now < end else {
        consumed += 1
        if !consume(unit, unanswered(unit)) { return }
        continue
      }
      wait(nanoseconds: end - now)
    }
  }

  /// Until there are news, a signal, or the time is over; half a second at most, for whoever shows progress.
  private func wait(nanoseconds: UInt64?) {
    var descriptor = pollfd(fd: news.read, events: Int16(POLLIN), revents: 0)
    let milliseconds = min((nanoseconds ?? .max) / 1_000_000 + 1, 500)
    guard poll(&descriptor, 1, Int32(milliseconds)) > 0 else { return }
    var bytes: UInt64 = 0
    _ = read(news.read, &bytes, 8)
  }
}
