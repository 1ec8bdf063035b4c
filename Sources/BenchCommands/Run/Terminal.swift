#if canImport(Glibc)
  import Glibc
#endif

/// What a descriptor leads to, for whatever is meant for eyes only.
enum Terminal {
  /// Colours go to a terminal that has some, unless NO_COLOR says otherwise (no-color.org).
  static func showsColours(_ descriptor: Int32) -> Bool {
    guard isTerminal(descriptor), getenv("NO_COLOR").map({ $0.pointee == 0 }) ?? true else { return false }
    return getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
  }
}

/// How far a long run is: a line on standard error that is written over, on a terminal only, and not in the first second.
struct Progress {
  private let total: Int
  private let began = monotonicNanoseconds()
  private let isWanted = isTerminal(2)
  private var isShown = false

  init(total: Int) { self.total = total }

  mutating func show(_ done: Int) {
    guard isWanted, monotonicNanoseconds() - began > 1_000_000_000 else { return }
    var output = Output(descriptor: 2)
    output.write("\r\u{1b}[K\(done) of \(total) scripts")
    isShown = true
  }

  mutating func clear() {
    guard isShown else { return }
    var output = Output(descriptor: 2)
    output.write("\r\u{1b}[K")
    isShown = false
  }
}
