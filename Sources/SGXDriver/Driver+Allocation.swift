import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// One try to take a page of EPC (main.c, __sgx_alloc_epc_page); nil where none is free.
  mutating func takePage(
    for process: ProcessID, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber? {
    let struck = environment.visit(.allocation(.physPage))
    if struck != .noMemory {
      if let page = pool.allocate(near: node(of: process)) {
        environment.trace.record(.pageAllocated(page))
        return page
      }
      if version.loopsWhereNodeHasNoEPC, version.allocatesByNode, !pool.hasEPC(on: node(of: process)) { throw .finding(.endlessLoop(.pageSearch)) }
    }
    environment.trace.record(.poolEmpty)
    return nil
  }

  /// Takes a page for a call that must not wait for others to be evicted (main.c, sgx_alloc_epc_page without reclaim): EBUSY where
  /// waiting would help, ENOMEM where it would not.
  mutating func takePageAtOnce(
    for process: ProcessID, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber {
    let page = try takePage(for: process, &environment)
    if page == nil, pool.queuedCount == 0 { throw .errno(.ENOMEM) }
    wakeReclaimerIfLow()
    guard let page else { throw .errno(.EBUSY) }
    return page
  }

  /// Node that a process runs on.
  private func node(of process: ProcessID) -> Int { processes[process.rawValue].node }

  /// Wakes ksgxd where fewer than 32 pages are free and some could be evicted.
  mutating func wakeReclaimerIfLow() {
    if pool.freeCount < PhysPagePool.lowWatermark, pool.queuedCount > 0, version.reclaims { hasWokenReclaimer = true }
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

  /// True where one more slot needs an array of its own first.
  func needsVersionArray(_ enclave: EnclaveID) -> Bool {
    self[enclave].pageCount % VersionArray.slotCount == 0
  }

  /// Makes a page that was taken for it a version array, and counts the slot it was made for.
  mutating func makeVersionArray(
    _ page: PhysPageNumber, of enclave: EnclaveID, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let outcome = processor.execute(EPA(target: EPC.address(of: page)), in: &environment)
    guard outcome.isDone else {
      log.warnOnce(.EPA, value: outcome.encoded.encoded, in: &environment)
      freePage(page, &processor, &environment)
      throw .errno(.EFAULT)
    }
    pool.bind(page, to: .versionArray, of: enclave)
    self[enclave].pageCount += 1
  }

  /// Gives the room for one slot back, and the array that was new for it (ioctl.c, sgx_encl_shrink). `isLinked` says that the list
  /// has it already.
  mutating func shrinkVersionArrays(
    of enclave: EnclaveID, new page: PhysPageNumber?, isLinked: Bool = true, _ processor: inout Processor,
    _ environment: inout Environment
  ) {
    guard version.hasVersionArrays else { return }
    self[enclave].pageCount -= 1
    guard let page else { return }
    if isLinked { self[enclave].versionArrays.removeNewest(page) }
    freePage(page, &processor, &environment)
  }
}
