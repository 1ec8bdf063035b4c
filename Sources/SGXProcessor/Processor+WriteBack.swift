import SGXArchitecture
import Simulation

extension Processor {
  /// EWB with what it writes: `execute` for the one leaf whose result software has to keep.
  ///
  /// There is a sealed page where the page was evicted, which is also so with the code SGX_VA_SLOT_OCCUPIED of row 16. An injected
  /// answer comes without one, whatever the code: the leaf did not run.
  public mutating func writeBack(_ leaf: EWB, in environment: inout Environment) -> (outcome: LeafOutcome, sealed: SealedPage?) {
    if let injection = environment.visit(.leaf(.EWB)),
      let struck = strike(injection, subject: leaf.subject(in: epc), in: &environment)
    {
      trace(.EWB, leaf.subject(in: epc), struck, in: &environment)
      return (struck, nil)
    }
    let result = leaf.evict(from: &self)
    trace(.EWB, leaf.subject(in: epc), result.outcome, in: &environment)
    return result
  }

  /// Version that the next EWB uses.
  public var nextVersion: UInt64 { pagingKey.nextVersion }

  /// Calls `body` with each version slot in use: its page, its number from 0 to 511, its version. In ascending order.
  public func forEachVersion(_ body: (PhysPageNumber, Int, UInt64) -> Void) { versions.forEachUsed(body) }
}
