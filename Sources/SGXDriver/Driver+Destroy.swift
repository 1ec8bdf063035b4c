import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// Takes an enclave apart after a failure (v39, sgx_encl_destroy): every page goes back, the SECS too where no child is counted, and
  /// DEAD is set. Release finds what is left. The enclave's lock is held all along, so it is one step.
  mutating func destroy(_ enclave: EnclaveID, _ processor: inout Processor, _ environment: inout Environment) {
    var next: UInt64 = 0
    while let (index, page) = self[enclave].slots.firstResident(from: next) {
      pool.dequeue(page)
      freePage(page, &processor, &environment)
      self[enclave].secsChildCount -= 1
      environment.trace.record(.slotReleased(enclave: enclave.rawValue, EnclaveOffset(pageIndex: index)))
      next = index + 1
    }
    self[enclave].slots.removeAll()
    if self[enclave].secsChildCount == 0, let page = self[enclave].secsPage {
      self[enclave].secsPage = nil
      freePage(page, &processor, &environment)
    }
    self[enclave].state.destroy()
  }
}
