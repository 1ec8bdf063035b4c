import Glibc

/// Nanoseconds of a clock that only runs forward.
func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Times two pieces of work in turn, A B A B, and compares them pair by pair: a noisy neighbour strikes both.
struct Ratio {
  /// Median nanoseconds of either.
  let limit: Double
  let measured: Double
  /// Median of the quotients limit/measured: how fast the work is where the limit is 1.
  let speed: Double
  /// Median of the quotients measured/limit: what the work costs where the limit is 1.
  let cost: Double

  /// - Parameters:
  ///   - rounds: pairs to time, after two that are thrown away.
  ///   - prepare: done ahead of each pair and not timed.
  init(rounds: Int, prepare: () -> Void = {}, limit limitWork: () -> Void, measured work: () -> Void) {
    var limits: [Double] = []
    var times: [Double] = []
    for round in -2..<rounds {
      prepare()
      let start = now()
      limitWork()
      let middle = now()
      work()
      let end = now()
      if round < 0 { continue }
      limits.append(Double(middle - start))
      times.append(Double(end - middle))
    }
    limit = limits.median
    measured = times.median
    speed = zip(limits, times).map { $0 / $1 }.median
    cost = zip(limits, times).map { $1 / $0 }.median
  }
}

extension [Double] {
  /// The middle value; the upper one of two.
  var median: Double { sorted()[count / 2] }
}
