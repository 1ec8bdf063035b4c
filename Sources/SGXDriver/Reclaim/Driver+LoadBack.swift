import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// A page on its way back into EPC (encl.c, __sgx_encl_load_page), a step at a time: its SECS first where that was evicted too, each from
/// the page of EPC that it takes to the leaf that fills it. The enclave's lock is held all along.
struct PageLoad: Sendable {
  let pageIndex: UInt64
  let enclave: EnclaveID
  enum Stage: Sendable { case look, secs(into: PhysPageNumber), slot(into: PhysPageNumber) }
  private(set) var stage = Stage.look

  init(_ pageIndex: UInt64, of enclave: EnclaveID) {
    self.pageIndex = pageIndex
    self.enclave = enclave
  }

  /// Goes on to the end of the next step; nil until the page is there. A step ends where the backing store is read, which may sleep.
  ///
  /// EBUSY where the page is being evicted or EPC is short, ENOMEM where nothing can be freed, EFAULT where there is no slot or its content
  /// is lost.
  mutating func step(
    for process: ProcessID, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber? {
    switch stage {
    case .look:
      switch driver[enclave].slots[pageIndex]?.backing {
      case nil: throw .errno(.EFAULT)
      // Whoever adds it holds the lock until the page is whole, so nobody else can meet it.
      case .reserved: throw .errno(.EBUSY)
      case .resident(let page):
        switch driver.pool[page].role {
        case .evictingSlot, .addingSlot: throw .errno(.EBUSY)
        case .slot, .isolatedSlot: return page
        case .free, .secs, .versionArray, .inFlight, .leaked:
          BenchLaw.broken(.slotPagePair)
          throw .errno(.EBUSY)
        }
      case .evicted: break
      }
      if driver[enclave].secsPage == nil {
        stage = .secs(into: try driver.takePageToLoadSECS(of: enclave, for: process, &environment))
      } else {
        stage = .slot(into: try takePage(for: process, &driver, &environment))
      }
    case .secs(let page):
      try driver.loadSECS(of: enclave, into: page, &processor, &environment)
      stage = .slot(into: try takePage(for: process, &driver, &environment))
    case .slot(let page):
      try driver.load(pageIndex, of: enclave, into: page, &processor, &environment)
      return page
    }
    return nil
  }

  private func takePage(
    for process: ProcessID, _ driver: inout Driver, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber {
    if driver.version.marksLostSlots, driver[enclave].slots.evictedPage(at: pageIndex)?.isLost == true { throw .errno(.EFAULT) }
    return try driver.takePageAtOnce(for: process, &environment)
  }
}

extension Driver {
  /// Fills a page with what was kept of a slot's.
  fileprivate mutating func load(
    _ pageIndex: UInt64, of enclave: EnclaveID, into page: PhysPageNumber, _ processor: inout Processor,
    _ environment: inout Environment
  ) throws(CallStop) {
    guard let secs = self[enclave].secsPage else {
      BenchLaw.broken(.secsResident)
      throw .errno(.EFAULT)
    }
    guard let evicted = self[enclave].slots.evictedPage(at: pageIndex) else {
      BenchLaw.broken(.slotEvicted)
      throw .errno(.EFAULT)
    }
    let address = LinearAddress((self[enclave].created?.baseAddress.rawValue ?? 0) &+ pageIndex &* pageSize)
    do throws(LoadFailure) {
      try loadBack(evicted, into: page, at: address, secs: EPC.address(of: secs), of: enclave, &processor, &environment)
    } catch {
      if error.wipes {
        let left = wiped(evicted, of: enclave)
        self[enclave].slots.changeEvicted(pageIndex) { $0 = left }
      }
      throw error.stop
    }
    self[enclave].slots.loadBack(pageIndex, to: page)
    pool.bind(page, to: .slot, of: enclave, pageIndex: pageIndex)
    place(page, at: pageIndex, of: enclave, processor)
    self[enclave].secsChildCount += 1
    pool.enqueue(page)
    environment.trace.record(.slotLoaded(enclave: enclave.rawValue, EnclaveOffset(pageIndex: pageIndex), page))
  }

  /// The page of the SECS, loaded back at once if it was evicted (encl.c, sgx_encl_load_secs).
  mutating func loadSECS(
    of enclave: EnclaveID, for process: ProcessID, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber {
    if let page = self[enclave].secsPage { return page }
    let page = try takePageToLoadSECS(of: enclave, for: process, &environment)
    try loadSECS(of: enclave, into: page, &processor, &environment)
    return page
  }

  fileprivate mutating func takePageToLoadSECS(
    of enclave: EnclaveID, for process: ProcessID, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber {
    guard let evicted = self[enclave].evictedSECS else { throw .errno(.EFAULT) }
    if version.marksLostSlots, evicted.isLost { throw .errno(.EFAULT) }
    return try takePageAtOnce(for: process, &environment)
  }

  fileprivate mutating func loadSECS(
    of enclave: EnclaveID, into page: PhysPageNumber, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    guard let evicted = self[enclave].evictedSECS else {
      BenchLaw.broken(.slotEvicted)
      throw .errno(.EFAULT)
    }
    do throws(LoadFailure) {
      try loadBack(evicted, into: page, at: LinearAddress(0), secs: EPCAddress(0), of: enclave, &processor, &environment)
    } catch {
      if error.wipes { self[enclave].evictedSECS = wiped(evicted, of: enclave) }
      throw error.stop
    }
    self[enclave].formerSECSArray = evicted.version?.array
    self[enclave].evictedSECS = nil
    self[enclave].secsPage = page
    pool.bind(page, to: .secs, of: enclave)
    environment.trace.record(.secsLoaded(enclave: enclave.rawValue, page))
  }

  /// What is left of a page that ELDU would not load: since 5.17 its copy is dropped all the same (encl.c, __sgx_encl_eldu). Where lost
  /// slots are known, the version slot is given back.
  private mutating func wiped(_ evicted: EvictedPage, of enclave: EnclaveID) -> EvictedPage {
    if version.marksLostSlots {
      if evicted.ownsVersion, let slot = evicted.version { self[enclave].versionArrays.free(slot) }
      return EvictedPage(lostWithArray: nil)
    }
    var evicted = evicted
    if version.loadDropsBacking { evicted.sealed = .zero }
    return evicted
  }

  /// ELDU into a page that was taken for it (encl.c, sgx_encl_eldu). On success the version slot is free and its array the first of the
  /// list; on failure the slot stays taken and the page is given back.
  private mutating func loadBack(
    _ evicted: EvictedPage, into page: PhysPageNumber, at address: LinearAddress, secs: EPCAddress, of enclave: EnclaveID,
    _ processor: inout Processor, _ environment: inout Environment
  ) throws(LoadFailure) {
    guard takeBacking(&environment) else {
      freePage(page, &processor, &environment)
      throw LoadFailure(stop: .errno(.ENOMEM), wipes: false)
    }
    guard let slot = evicted.version else {
      throw LoadFailure(stop: .finding(.nullPointer(.loadWithoutVersionArray)), wipes: false)
    }
    let leaf = ELDU(
      sealed: evicted.sealed, linearAddress: address, secs: secs, target: EPC.address(of: page),
      versionSlot: self.address(of: slot, in: enclave))
    let outcome = processor.execute(leaf, in: &environment)
    guard outcome.isDone else {
      if outcome.hasFailed { log.warnOnce(.ELDU, value: outcome.encoded.encoded, in: &environment) }
      note(outcome, of: enclave)
      freePage(page, &processor, &environment)
      throw LoadFailure(stop: .errno(.EFAULT), wipes: true)
    }
    self[enclave].versionArrays.free(slot)
    self[enclave].versionArrays.moveFirst(slot.array)
  }
}

/// Why a page did not come back, and whether its copy is gone for good.
private struct LoadFailure: Error {
  let stop: CallStop
  let wipes: Bool
}
