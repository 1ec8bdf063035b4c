import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// Whether an address range of an enclave may be mapped so (encl.c, sgx_encl_may_map). Rights are compared with what exists in the
  /// range; holes allow everything.
  func mayMap(
    _ enclave: EnclaveID, _ range: Range<UserAddress>, as permissions: PagePermissions, readImpliesExecute: Bool
  ) throws(CallStop) {
    let created = self[enclave].created
    let base = created?.baseAddress.rawValue ?? 0
    let size = created?.size ?? 0
    if version.mapChecksRangeAfterInit, self[enclave].state == .initialized {
      guard range.lowerBound.rawValue >= base, range.upperBound.rawValue - base <= size else { throw .errno(.EACCES) }
    }
    if readImpliesExecute { throw .errno(.EACCES) }
    let first = max(range.lowerBound.rawValue, base)
    let end = range.upperBound.rawValue
    guard size > 0, end > first, first - base < size else { return }
    let pages = (first - base) / pageSize..<(min(end - base, size) + pageSize - 1) / pageSize
    guard self[enclave].slots.allow(permissions, in: pages) else { throw .errno(.EACCES) }
  }

  /// Puts an address space on the enclave's list at its first mapping (encl.c, sgx_encl_mm_add). The notifier is asked of core memory
  /// management, which tests for a signal once (mm/mmu_notifier.c; mm/mmap.c, mm_take_all_locks).
  mutating func register(
    _ process: ProcessID, with enclave: EnclaveID, _ environment: inout Environment
  ) throws(CallStop) {
    // Only v39 has dead enclaves, and it looks before it asks whether the process maps this one already.
    if self[enclave].state == .dead { throw .errno(.EINVAL) }
    guard !self[enclave].mappedBy.contains(process) else { return }
    try allocate(.enclaveMM, &environment)
    if version.mappingHoldsReference { self[enclave].references += 1 }
    do throws(CallStop) {
      if !processes[process.rawValue].memory.hasNotifier { try allocate(.notifier, &environment) }
      if pollsSignal(process, &environment) { throw .errno(.EINTR) }
    } catch {
      if version.mappingHoldsReference, !version.failedNotifierLeaksReference { self[enclave].references -= 1 }
      throw error
    }
    processes[process.rawValue].memory.hasNotifier = true
    self[enclave].mappedBy.insert(process, at: 0)
  }

  /// What a call that changes mappings may have to look at: what lies in a range is walked, not what it spans.
  var workOfMappings: CallWork {
    CallWork(fuel: UInt64(pool.touchedCount) / 16 + evictions / 16)
  }

  /// Address of a page of an enclave in the processes that map it.
  func userAddress(of pageIndex: UInt64, in enclave: EnclaveID) -> UserAddress {
    UserAddress((self[enclave].created?.baseAddress.rawValue ?? 0) &+ pageIndex &* pageSize)
  }

  /// Processes in whose memory the page's address is mapped to this enclave, the newest on the list first.
  private func processesMapping(_ address: UserAddress, of enclave: EnclaveID) -> [ProcessID] {
    self[enclave].mappedBy.filter { process in
      guard let file = processes[process.rawValue].mapping(at: address)?.file else { return false }
      return files[file]?.enclave == enclave
    }
  }

  /// Removes a page's entry from every process (zap_vma_ptes).
  mutating func removeEntries(of pageIndex: UInt64, in enclave: EnclaveID) {
    let address = userAddress(of: pageIndex, in: enclave)
    for process in processesMapping(address, of: enclave) { processes[process.rawValue].removeEntry(at: address) }
  }

  /// True where some process has used the page since the last look; its bit is cleared, those of processes behind it are not looked at
  /// (main.c, sgx_reclaimer_age; encl.c, sgx_encl_test_and_clear_young).
  mutating func testAndClearYoung(_ pageIndex: UInt64, of enclave: EnclaveID) -> Bool {
    let address = userAddress(of: pageIndex, in: enclave)
    for process in processesMapping(address, of: enclave) {
      if processes[process.rawValue].testAndClearAccessed(at: address) { return true }
    }
    return false
  }
}
