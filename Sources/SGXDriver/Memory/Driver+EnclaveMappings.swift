import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// Whether an address range of an enclave may be mapped so (encl.c, sgx_encl_may_map). Rights are compared with what exists in the
  /// range; holes allow everything.
  ///
  /// The enclave's lock is held for 4096 slots at a time. Returns where the rest begins, an index of a page, where there are more; others
  /// can come in there.
  mutating func mayMap(
    _ enclave: EnclaveID, _ range: Range<UserAddress>, as permissions: PagePermissions, readImpliesExecute: Bool, from page: UInt64
  ) throws(CallStop) -> UInt64? {
    let created = self[enclave].created
    let base = created?.baseAddress.rawValue ?? 0
    let size = created?.size ?? 0
    // Whether the enclave is initialised is looked at once, before the lock is asked for.
    let hasBegun = page > 0 || isHanded(.enclave, enclave)
    if version.mapChecksRangeAfterInit, self[enclave].state == .initialized, !hasBegun {
      guard range.lowerBound.rawValue >= base, range.upperBound.rawValue - base <= size else { throw .errno(.EACCES) }
    }
    if readImpliesExecute { throw .errno(.EACCES) }
    let first = max(range.lowerBound.rawValue, base)
    let end = range.upperBound.rawValue
    guard size > 0, end > first, first - base < size else { return nil }
    let pages = max((first - base) / pageSize, page)..<(min(end - base, size) + pageSize - 1) / pageSize
    try lock(enclave)
    defer { unlock(enclave) }
    let lot = self[enclave].slots.lot(of: Self.slotsPerLot, in: pages)
    guard self[enclave].slots.allow(permissions, in: lot) else { throw .errno(.EACCES) }
    return lot.upperBound < pages.upperBound ? lot.upperBound : nil
  }

  /// Slots that are looked at before the lock is given to others (XA_CHECK_SCHED).
  private static let slotsPerLot: UInt64 = 4096

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
    self[enclave].mappedByVersion += 1
    self[enclave].mappedBy.insert(process, at: 0)
    self[enclave].mappedBySerials.insert(self[enclave].mappedByVersion, at: 0)
  }

  /// What a call that changes mappings may have to look at: what lies in a range is walked, not what it spans.
  var workOfMappings: CallWork {
    CallWork(fuel: UInt64(pool.touchedCount) / 16 + evictions / 16)
  }

  /// Address of a page of an enclave in the processes that map it.
  func userAddress(of pageIndex: UInt64, in enclave: EnclaveID) -> UserAddress {
    UserAddress((self[enclave].created?.baseAddress.rawValue ?? 0) &+ pageIndex &* pageSize)
  }

  /// The next address space of a walk over an enclave's list, the newest first: the newest that came before `serial`. Nil at the end.
  ///
  /// A walk stops between two of them, and the list may change meanwhile: one that comes is not met, one that goes is stepped over.
  func nextSpace(of enclave: EnclaveID, before serial: UInt32) -> EnclaveSpace? {
    guard let place = self[enclave].mappedBySerials.firstIndex(where: { $0 < serial }) else { return nil }
    return EnclaveSpace(process: self[enclave].mappedBy[place], serial: self[enclave].mappedBySerials[place])
  }

  /// Whether a process has an address mapped to an enclave (encl.c, sgx_encl_find).
  func maps(_ process: ProcessID, _ address: UserAddress, to enclave: EnclaveID) -> Bool {
    guard let file = processes[process.rawValue].mapping(at: address)?.file else { return false }
    return files[file]?.enclave == enclave
  }
}

/// An address space on an enclave's list, and when it came there.
struct EnclaveSpace: Sendable {
  let process: ProcessID
  let serial: UInt32
}
