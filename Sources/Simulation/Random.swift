/// A stream of chance: SplitMix64, the same numbers on every machine. Scripts, faults and schedules draw from
/// streams of their own, so that one more draw of one of them does not move the others.
public struct RandomStream: Hashable, Sendable {
  private var state: UInt64

  /// A stream is named by the run's seed and its purpose.
  public init(seed: UInt64, purpose: Purpose) {
    state = seed &+ UInt64(purpose.rawValue) &* 0x632b_e59b_d9b4_e019
    _ = next()
  }

  public enum Purpose: UInt8, Sendable { case script = 1, faults, schedule, processor, reports }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// A number below `bound`, each equally likely. `bound` is at least 1.
  public mutating func next(below bound: UInt64) -> UInt64 {
    precondition(bound > 0, "chance-bound: a bound of chance is positive")
    let limit = UInt64.max - UInt64.max % bound
    // More than one draw in two counts, so that all of these are in vain once in 2^64 times.
    for _ in 0..<64 {
      let draw = next()
      if draw < limit { return draw % bound }
    }
    return next() % bound
  }
}
