import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// Takes a page of EPC for a call that may reclaim (main.c, sgx_alloc_epc_page with reclaim).
  ///
  /// The order is the kernel's: an empty reclaim queue says ENOMEM before a signal is asked for.
  mutating func allocatePage(
    for process: ProcessID, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber {
    let struck = environment.visit(.allocation(.physPage))
    if struck != .noMemory, let page = pool.allocate(near: processes[process.rawValue].node) {
      environment.trace.record(.pageAllocated(page))
      if pool.freeCount < PhysPagePool.lowWatermark, pool.queuedCount > 0 { hasWokenReclaimer = true }
      return page
    }
    environment.trace.record(.poolEmpty)
    if version.loopsWhereNodeHasNoEPC, struck != .noMemory, !pool.hasEPC(on: processes[process.rawValue].node) {
      throw .finding(.endlessLoop(.pageSearch))
    }
    guard pool.queuedCount > 0 else { throw .errno(.ENOMEM) }
    if pollsSignal(process, &environment) {
      if pool.freeCount < PhysPagePool.lowWatermark { hasWokenReclaimer = true }
      throw .error(.restart)
    }
    throw .finding(.reclaimNeeded(.direct))
  }

  /// Gives a page back: EREMOVE, then the free list. If EREMOVE says anything but success the page is leaked, with a warning
  /// once a boot (encl.c, sgx_encl_free_epc_page).
  mutating func freePage(_ page: PhysPageNumber, _ processor: inout Processor, _ environment: inout Environment) {
    let outcome = processor.execute(EREMOVE(target: EPC.address(of: page)), in: &environment)
    guard outcome.isDone else {
      log.warnOnce(.EREMOVE_LEAK, value: outcome.encoded.encoded, in: &environment)
      pool.leak(page)
      environment.trace.record(.pageLeaked(page))
      return
    }
    pool.free(page)
    environment.trace.record(.pageFreed(page))
  }

  /// Makes room for one more version slot, in versions that have them (ioctl.c, sgx_encl_grow): a new version array where the count is a multiple of 512.
  /// Returns the page of a new one.
  mutating func growVersionArrays(
    of enclave: EnclaveID, for process: ProcessID, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber? {
    guard version.hasVersionArrays else { return nil }
    var new: PhysPageNumber?
    if self[enclave].pageCount % VersionArray.slotCount == 0 {
      if case .noMemory? = environment.visit(.allocation(.vaDescriptor)) { throw .errno(.ENOMEM) }
      let page = try allocatePage(for: process, &environment)
      let outcome = processor.execute(EPA(target: EPC.address(of: page)), in: &environment)
      guard outcome.isDone else {
        log.warnOnce(.EPA, value: outcome.encoded.encoded, in: &environment)
        freePage(page, &processor, &environment)
        throw .errno(.EFAULT)
      }
      pool.bind(page, to: .versionArray, of: enclave)
      new = page
    }
    self[enclave].pageCount += 1
    return new
  }

  /// Undoes `growVersionArrays` (ioctl.c, sgx_encl_shrink).
  mutating func shrinkVersionArrays(
    of enclave: EnclaveID, new page: PhysPageNumber?, _ processor: inout Processor, _ environment: inout Environment
  ) {
    guard version.hasVersionArrays else { return }
    self[enclave].pageCount -= 1
    guard let page else { return }
    self[enclave].versionArrays.removeAll { $0.page == page }
    freePage(page, &processor, &environment)
  }
}
