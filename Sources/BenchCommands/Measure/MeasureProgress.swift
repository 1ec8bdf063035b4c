import Synchronization
#if canImport(Glibc)
  import Glibc
#endif

/// One line on a terminal's standard error while a measurement takes long; nothing anywhere else.
final class MeasureProgress: Sendable {
  private struct State {
    /// For each measurement the bytes it hashes, and how many of them are.
    var parts: [(total: UInt64, done: UInt64)] = []
    var shownAt: UInt64 = 0
    var isOnScreen = false
  }

  private let isShown: Bool
  private let begun = monotonicNanoseconds()
  private let state = Mutex(State())
  /// Work that is done before this is not worth a line.
  private static let patience: UInt64 = 500_000_000
  private static let interval: UInt64 = 200_000_000

  init(isShown: Bool) { self.isShown = isShown }

  /// A measurement of that many bytes begins.
  func begin(bytes: UInt64) -> Int {
    state.withLock { state in
      state.parts.append((bytes, 0))
      return state.parts.count - 1
    }
  }

  func report(_ part: Int, _ done: UInt64) {
    guard isShown else { return }
    let now = monotonicNanoseconds()
    state.withLock { state in
      state.parts[part].done = done
      guard now - begun > Self.patience, now - state.shownAt > Self.interval else { return }
      state.shownAt = now
      state.isOnScreen = true
      let total = state.parts.reduce(0.0) { $0 + Double($1.total) }
      let sum = state.parts.reduce(0.0) { $0 + Double($1.done) }
      var output = Output(descriptor: 2)
      output.write("\rmeasuring: \(Int(sum / total * 100))% of \(Int(total / 1e6)) MB\u{1b}[K")
    }
  }

  /// Takes the line away.
  func end() {
    state.withLock { state in
      guard state.isOnScreen else { return }
      var output = Output(descriptor: 2)
      output.write("\r\u{1b}[K")
    }
  }
}
