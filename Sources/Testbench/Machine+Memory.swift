import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

extension Machine {
  /// ksgxd runs after the call that woke it has returned, until enough pages are free; not where it waits to be asked (`"manual"`).
  mutating func runReclaimerIfWoken() {
    guard driver.takeReclaimerWakeUp(), driver.runsBackgroundReclaimer else { return }
    backgroundBatches += driver.runBackgroundReclaimer(&processor, &environment)
  }

  /// Batches that ksgxd has done by itself since this was last asked.
  public mutating func takeBackgroundBatches() -> UInt64 {
    defer { backgroundBatches = 0 }
    return backgroundBatches
  }

  /// Evicts batches of pages as ksgxd would, now. Returns the batches done and the pages freed.
  public mutating func reclaim(_ extent: ReclaimCall.Extent) -> (batches: UInt64, freed: UInt64) {
    guard case .reclaim(let call) = call(.reclaim(ReclaimCall(extent))).call else { preconditionFailure("call-answers: a call keeps its kind") }
    return (call.batches, call.freed)
  }
}
