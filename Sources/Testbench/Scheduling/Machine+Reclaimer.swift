import LinuxKernel
import SGXDriver
import Simulation

// ksgxd, the kernel's own thread that evicts pages (main.c, ksgxd). The allocator wakes it. Where tasks run it is one of them; otherwise
// it runs when the outermost call during which it was woken has returned. Where it waits to be asked (`"manual"`) it does neither.

extension Machine {
  /// Batches after which it gives up: pages that are used all the time, or no room in the backing store.
  private static let batchesMax: UInt64 = 64

  /// Puts ksgxd among the tasks where it was woken and sleeps.
  mutating func wakeReclaimer() {
    guard driver.hasWokenReclaimer, driver.runsBackgroundReclaimer, reclaimer == nil else { return }
    _ = driver.takeReclaimerWakeUp()
    reclaimer = begin(.reclaim(ReclaimCall(.untilHighWatermark(batchesMax: Self.batchesMax))), as: .ksgxd)
  }

  /// Runs ksgxd to its end where it was woken and no call is in the kernel any more.
  mutating func runReclaimerIfWoken() {
    // While it is awake it is among the tasks, and its own end is no reason to run it again.
    guard driver.hasWokenReclaimer, driver.runsBackgroundReclaimer, !isInRun, reclaimer == nil, finding == nil else { return }
    guard !tasks.contains(where: { $0.outcome == nil && !$0.isReturning }) else { return }
    wakeReclaimer()
    while finding == nil, let reclaimer { step(reclaimer) }
  }

  /// ksgxd sleeps again. That it was woken while it worked says nothing: it has just looked.
  mutating func reclaimerSleeps() {
    guard let id = reclaimer else { return }
    reclaimer = nil
    guard case .reclaim(let call) = take(id).call else { return BenchLaw.broken(.callAnswers) }
    backgroundBatches = (backgroundBatches ?? 0) + call.batches
    _ = driver.takeReclaimerWakeUp()
  }

  /// Batches that ksgxd has done by itself since this was last asked; nil where it was not woken.
  public mutating func takeBackgroundBatches() -> UInt64? {
    defer { backgroundBatches = nil }
    return backgroundBatches
  }

  /// Evicts batches of pages as ksgxd would, now. Returns the batches done and the pages freed.
  public mutating func reclaim(_ extent: ReclaimCall.Extent) -> (batches: UInt64, freed: UInt64) {
    guard case .reclaim(let call) = call(.reclaim(ReclaimCall(extent))).call else {
      BenchLaw.broken(.callAnswers)
      return (0, 0)
    }
    return (call.batches, call.freed)
  }
}
