import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// Takes an enclave apart after a failure (v39, sgx_encl_destroy): every page goes back, the SECS too where no child is counted, and
  /// DEAD is set. Release finds what is left. `encl->lock` is held all along, so it is one step.
  ///
  /// With a reclaimer (v39 16/24) the version arrays go back as well, and a page that the reclaimer holds stays its own to free.
  mutating func destroy(_ enclave: EnclaveID, _ processor: inout Processor, _ environment: inout Environment) {
    var next: UInt64 = 0
    while let (index, page) = self[enclave].slots.firstResident(from: next) {
      next = index + 1
      if pool[page].isHeldByReclaimer { continue }
      pool.dequeue(page)
      freePage(page, &processor, &environment)
      self[enclave].secsChildCount -= 1
      self[enclave].slots.remove(index)
      environment.trace.record(.slotReleased(enclave: enclave.rawValue, EnclaveOffset(pageIndex: index)))
    }
    self[enclave].slots.forgetEvicted()
    freeSECSOfDead(enclave, &processor, &environment)
    while let page = self[enclave].versionArrays.popFirst() { freePage(page, &processor, &environment) }
    self[enclave].pageCount = 0
    self[enclave].state.destroy()
  }

  /// Frees the SECS of an enclave that was taken apart, once no child is counted.
  private mutating func freeSECSOfDead(_ enclave: EnclaveID, _ processor: inout Processor, _ environment: inout Environment) {
    guard self[enclave].secsChildCount == 0, let page = self[enclave].secsPage else { return }
    self[enclave].secsPage = nil
    freePage(page, &processor, &environment)
  }

  /// The reclaimer finds a page in its hands whose enclave was taken apart meanwhile: EREMOVE in place of EWB (v39 16/24,
  /// sgx_reclaimer_write).
  mutating func freeReclaimed(
    _ page: PhysPageNumber, at pageIndex: UInt64, ofDead enclave: EnclaveID, _ processor: inout Processor,
    _ environment: inout Environment
  ) {
    self[enclave].slots.remove(pageIndex)
    self[enclave].secsChildCount -= 1
    environment.trace.record(.slotReleased(enclave: enclave.rawValue, EnclaveOffset(pageIndex: pageIndex)))
    freePage(page, &processor, &environment)
    freeSECSOfDead(enclave, &processor, &environment)
  }
}
