import Simulation

/// Threads inside an enclave by generation, so that ETRACK can tell when all old ones have left.
///
/// The hardware's algorithm is not public; this one agrees with the manual's text (`Docs/Fidelity.md`).
public struct EpochTracking: Hashable, Sendable {
  /// Starts at 1: 0 in a page's stamp means "no requirement".
  public private(set) var epoch: UInt32 = 1
  /// Threads that entered in this epoch.
  public private(set) var current: UInt32 = 0
  /// Threads that entered before the last ETRACK and are still inside.
  public private(set) var previous: UInt32 = 0

  public var threadsInside: UInt32 { current + previous }

  /// A thread enters; it must say the returned epoch when it leaves.
  mutating func enter() -> UInt32 {
    current += 1
    return epoch
  }

  /// A thread leaves that entered in `entered`. There are two generations at most, because ETRACK waits for the older one.
  mutating func leave(entered: UInt32) {
    if entered == epoch {
      guard current > 0 else { return BenchLaw.broken(.trackingPairs) }
      current -= 1
    } else {
      guard previous > 0 else { return BenchLaw.broken(.trackingPairs) }
      previous -= 1
    }
  }

  /// ETRACK: begins a cycle; false where the one before is not complete.
  mutating func beginCycle() -> Bool {
    guard previous == 0 else { return false }
    previous = current
    current = 0
    epoch += 1
    return true
  }

  /// True where no thread can be inside that entered before the page was stamped: a cycle has begun since and is complete.
  func isTracked(since stamp: UInt32) -> Bool {
    stamp + 1 < epoch || (stamp + 1 == epoch && previous == 0)
  }
}
