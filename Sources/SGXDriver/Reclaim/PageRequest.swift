import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// A page of EPC for a call that may evict others for it (main.c, sgx_alloc_epc_page with reclaim), a step at a time.
struct PageRequest: Sendable {
  /// The batch at work, if one is: an array of one at most, so that a call which never evicts carries a word.
  private(set) var batch: [ReclaimBatch] = []
  /// Batches since the request was made that freed nothing.
  private var fruitlessBatches: UInt32 = 0
  /// Pages that those batches looked at.
  private var pagesPassedOver: UInt64 = 0

  /// Batches after which a loop that frees nothing is called endless; the kernel has no limit.
  private static let fruitlessBatchesMax: UInt32 = 3000

  /// Goes on to the end of the next step; nil until the page is there.
  ///
  /// The order is the kernel's: an empty reclaim queue says ENOMEM before a signal is asked for.
  mutating func step(
    for process: ProcessID, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber? {
    if !batch.isEmpty {
      guard try batch[0].step(&driver, &processor, &environment) else { return nil }
      note(batch.removeLast())
      return nil
    }
    if let page = try driver.takePage(for: process, &environment) {
      if fruitlessBatches > 0 { self = PageRequest() }
      driver.wakeReclaimerIfLow()
      return page
    }
    guard driver.version.reclaims, driver.pool.queuedCount > 0 else { throw .errno(.ENOMEM) }
    if driver.version.directReclaimGivesUp, fruitlessBatches >= 2, pagesPassedOver >= 2 * driver.pool.queuedCount {
      throw .errno(.ENOMEM)
    }
    if fruitlessBatches > Self.fruitlessBatchesMax { throw .finding(.endlessLoop(.directReclaim)) }
    if driver.pollsSignal(process, &environment) {
      driver.wakeReclaimerIfLow()
      throw .error(.restart)
    }
    driver.kernel.tasks.noteBegun(.reclaim)
    batch.append(ReclaimBatch())
    return nil
  }

  private mutating func note(_ batch: ReclaimBatch) {
    if batch.freed > 0 {
      fruitlessBatches = 0
      pagesPassedOver = 0
    } else {
      fruitlessBatches += 1
      pagesPassedOver += batch.isolated
    }
  }
}

/// Room for one more version slot (ioctl.c, sgx_encl_grow with reclaim), a step at a time: a new version array where the count is a
/// multiple of 512.
struct VersionArrayRequest: Sendable {
  private(set) var page: PageRequest?

  enum Outcome { case more, done(newArray: PhysPageNumber?) }

  mutating func step(
    of enclave: EnclaveID, for process: ProcessID, _ driver: inout Driver, _ processor: inout Processor,
    _ environment: inout Environment
  ) throws(CallStop) -> Outcome {
    guard driver.version.hasVersionArrays else { return .done(newArray: nil) }
    if page == nil {
      guard driver.needsVersionArray(enclave) else {
        driver[enclave].pageCount += 1
        return .done(newArray: nil)
      }
      try driver.allocate(.vaDescriptor, &environment)
      page = PageRequest()
    }
    guard let new = try page!.step(for: process, &driver, &processor, &environment) else { return .more }
    page = nil
    try driver.makeVersionArray(new, of: enclave, &processor, &environment)
    return .done(newArray: new)
  }
}
