import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// The page of EPC behind a slot, loaded back if it was evicted (encl.c, __sgx_encl_load_page): EBUSY where it is being evicted or
  /// EPC is short, ENOMEM where nothing can be freed, EFAULT where there is no slot or its content is lost.
  mutating func load(
    _ pageIndex: UInt64, of enclave: EnclaveID, for process: ProcessID, _ processor: inout Processor,
    _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber {
    switch self[enclave].slots[pageIndex]?.backing {
    case nil: throw .errno(.EFAULT)
    // The adding call holds `encl->lock`; whoever wants the page waits for it.
    case .reserved: throw .errno(.EBUSY)
    case .resident(let page):
      switch pool[page].role {
      // Being evicted; or being added, where whoever wants it waits for `encl->lock`.
      case .evictingSlot, .addingSlot: throw .errno(.EBUSY)
      case .slot, .isolatedSlot: return page
      case .free, .secs, .versionArray, .inFlight, .leaked:
        BenchLaw.broken(.slotPagePair)
        throw .errno(.EBUSY)
      }
    case .evicted: break
    }
    let secs = try loadSECS(of: enclave, for: process, &processor, &environment)
    guard let evicted = self[enclave].slots.evictedPage(at: pageIndex) else {
      BenchLaw.broken(.slotEvicted)
      throw .errno(.EFAULT)
    }
    let address = LinearAddress((self[enclave].created?.baseAddress.rawValue ?? 0) &+ pageIndex &* pageSize)
    let page: PhysPageNumber
    do throws(LoadFailure) {
      page = try loadBack(evicted, to: address, secs: EPC.address(of: secs), of: enclave, for: process, &processor, &environment)
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
    return page
  }

  /// The page of the SECS, loaded back if it was evicted (encl.c, sgx_encl_load_secs).
  mutating func loadSECS(
    of enclave: EnclaveID, for process: ProcessID, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber {
    if let page = self[enclave].secsPage { return page }
    guard let evicted = self[enclave].evictedSECS else { throw .errno(.EFAULT) }
    let page: PhysPageNumber
    do throws(LoadFailure) {
      page = try loadBack(evicted, to: LinearAddress(0), secs: EPCAddress(0), of: enclave, for: process, &processor, &environment)
    } catch {
      if error.wipes { self[enclave].evictedSECS = wiped(evicted, of: enclave) }
      throw error.stop
    }
    self[enclave].formerSECSArray = evicted.version?.array
    self[enclave].evictedSECS = nil
    self[enclave].secsPage = page
    pool.bind(page, to: .secs, of: enclave)
    environment.trace.record(.secsLoaded(enclave: enclave.rawValue, page))
    return page
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

  /// ELDU with a page of its own (encl.c, sgx_encl_eldu). On success the version slot is free and its array the first of the list; on
  /// failure the slot stays taken.
  private mutating func loadBack(
    _ evicted: EvictedPage, to address: LinearAddress, secs: EPCAddress, of enclave: EnclaveID, for process: ProcessID,
    _ processor: inout Processor, _ environment: inout Environment
  ) throws(LoadFailure) -> PhysPageNumber {
    if version.marksLostSlots, evicted.isLost { throw LoadFailure(stop: .errno(.EFAULT), wipes: false) }
    let page: PhysPageNumber
    do throws(CallStop) { page = try takePageAtOnce(for: process, &environment) } catch { throw LoadFailure(stop: error, wipes: false) }
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
    return page
  }
}

/// Why a page did not come back, and whether its copy is gone for good.
private struct LoadFailure: Error {
  let stop: CallStop
  let wipes: Bool
}
