import SGXArchitecture
import Simulation

extension Processor {
  /// EWB with what it writes: `execute` for the one leaf whose result software has to keep.
  ///
  /// There is a sealed page where the page was evicted, which is also so with the code SGX_VA_SLOT_OCCUPIED of row 16. An injected
  /// answer comes without one, whatever the code: the leaf did not run.
  public mutating func writeBack(_ leaf: EWB, in environment: inout Environment) -> (outcome: LeafOutcome, sealed: SealedPage?) {
    let result = executeForOutput(leaf, in: &environment)
    return (result.outcome, result.output)
  }

  /// `execute` for a leaf whose result software has to keep. An injected answer comes without one: the leaf did not run.
  public mutating func executeForOutput<L: OutputLeaf>(
    _ leaf: L, in environment: inout Environment
  ) -> (outcome: LeafOutcome, output: L.Output?) {
    if let injection = environment.visit(.leaf(L.name)),
      let struck = strike(injection, subject: leaf.subject(in: epc), in: &environment)
    {
      trace(L.name, leaf.subject(in: epc), struck, in: &environment)
      return (struck, nil)
    }
    guard L.exists(on: profile) else {
      let refusal = LeafOutcome.fault(.generalProtection, row: CommonRow.noSuchLeaf)
      trace(L.name, leaf.subject(in: epc), refusal, in: &environment)
      return (refusal, nil)
    }
    let result = leaf.produce(on: &self)
    trace(L.name, leaf.subject(in: epc), result.outcome, in: &environment)
    return result
  }

  /// Version that the next EWB uses.
  public var nextVersion: UInt64 { pagingKey.nextVersion }

  /// Calls `body` with each version slot in use: its page, its number from 0 to 511, its version. In ascending order.
  public func forEachVersion(_ body: (PhysPageNumber, Int, UInt64) -> Void) { versions.forEachUsed(body) }
}
