/// Threads inside an enclave by generation, so that ETRACK can tell when all old ones have left.
///
/// The hardware's algorithm is not public; this one agrees with the manual's text (`Docs/Fidelity.md`).
public struct EpochTracking: Hashable, Sendable {
  /// Starts at 1: 0 in an EPCM entry means "no requirement".
  public private(set) var epoch: UInt32 = 1
  /// Threads that entered in this epoch.
  public private(set) var current: UInt32 = 0
  /// Threads that entered before the last ETRACK and are still inside.
  public private(set) var previous: UInt32 = 0

  public var threadsInside: UInt32 { current + previous }
}
