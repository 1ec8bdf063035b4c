#if canImport(Glibc)
  import Glibc
#endif

/// Nanoseconds of a clock that only runs forward.
func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Times two pieces of work in turn, A B A B, and compares them pair by pair: a noisy neighbour strikes both.
struct Ratio {
  /// Median nanoseconds of the limit and of the measured work, and the median of their quotients limit/measured.
  let limit: Double
  let measured: Double
  let value: Double

  /// - Parameter rounds: pairs to time, after one that is thrown away.
  init(rounds: Int, limit limitWork: () -> Void, measured work: () -> Void) {
    var limits: [Double] = []
    var times: [Double] = []
    var ratios: [Double] = []
    for round in 0...rounds {
      let start = now()
      limitWork()
      let middle = now()
      work()
      let end = now()
      if round == 0 { continue }
      limits.append(Double(middle - start))
      times.append(Double(end - middle))
      ratios.append(Double(middle - start) / Double(end - middle))
    }
    limit = limits.median
    measured = times.median
    value = ratios.median
  }
}

extension [Double] {
  /// The middle value; the upper one of two.
  var median: Double { sorted()[count / 2] }
}
