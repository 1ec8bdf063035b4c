import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// Makes room in the backing store, or finds what lies there: the page of contents, then that of its PCMD (encl.c,
  /// sgx_encl_get_backing). False where there is no memory for one of them.
  func takeBacking(_ environment: inout Environment) -> Bool {
    for _ in 0..<2 where environment.visit(.allocation(.backing)) == .noMemory { return false }
    return true
  }

  /// EWB and what Linux does where it says that old threads may still be inside (main.c, sgx_encl_ewb): ETRACK and once more, then an
  /// interrupt to every processor that may run the enclave, whose end is waited for under the enclave's lock.
  mutating func writeBack(
    _ page: PhysPageNumber, of enclave: EnclaveID, formerArray: UInt32?, _ processor: inout Processor,
    _ environment: inout Environment
  ) -> WriteBack {
    let slot = self[enclave].versionArrays.takeSlot()
    let leaf = EWB(target: EPC.address(of: page), versionSlot: address(of: slot, in: enclave))
    var (outcome, sealed) = processor.writeBack(leaf, in: &environment)
    if outcome.isNotTracked {
      track(enclave, &processor, &environment)
      (outcome, sealed) = processor.writeBack(leaf, in: &environment)
      if outcome.isNotTracked {
        interruptThreads(of: enclave, &environment)
        return .interrupted(slot)
      }
    }
    return .ended(evicted(outcome, sealed, into: slot, of: enclave, formerArray: formerArray, &environment))
  }

  /// The last EWB, after the interrupt. Whatever is said then is final.
  mutating func writeBackAfterInterrupt(
    _ page: PhysPageNumber, of enclave: EnclaveID, into slot: VersionSlot, formerArray: UInt32?, _ processor: inout Processor,
    _ environment: inout Environment
  ) -> EvictedPage {
    let leaf = EWB(target: EPC.address(of: page), versionSlot: address(of: slot, in: enclave))
    let (outcome, sealed) = processor.writeBack(leaf, in: &environment)
    return evicted(outcome, sealed, into: slot, of: enclave, formerArray: formerArray, &environment)
  }

  /// What is left of the page: its copy, or nothing, and then its slot is given back.
  private mutating func evicted(
    _ outcome: LeafOutcome, _ sealed: SealedPage?, into slot: VersionSlot, of enclave: EnclaveID, formerArray: UInt32?,
    _ environment: inout Environment
  ) -> EvictedPage {
    if outcome.isDone, let sealed { return EvictedPage(version: slot, sealed: sealed) }
    if outcome.hasFailed { log.warnOnce(.EWB, value: outcome.encoded.encoded, in: &environment) }
    note(outcome, of: enclave)
    self[enclave].versionArrays.free(slot)
    return EvictedPage(lostWithArray: formerArray)
  }

  /// Whether the SECS is to follow its last child: none is left in EPC and the enclave is initialised.
  func hasSECSToWriteBack(_ enclave: EnclaveID) -> Bool {
    self[enclave].secsChildCount == 0 && self[enclave].state == .initialized && self[enclave].secsPage != nil
      && !(version.keepsSECSAfterFailedWriteback && self[enclave].hasLeakedChild)
  }

  /// Writes the SECS out. Without room in the backing store it stays. Nil where that has ended, otherwise the slot for the EWB after the
  /// interrupt.
  mutating func writeBackSECS(
    of enclave: EnclaveID, _ processor: inout Processor, _ environment: inout Environment
  ) -> VersionSlot? {
    guard let page = self[enclave].secsPage, takeBacking(&environment) else { return nil }
    switch writeBack(page, of: enclave, formerArray: self[enclave].formerSECSArray, &processor, &environment) {
    case .interrupted(let slot): return slot
    case .ended(let evicted):
      note(evicted, asSECSOf: enclave, from: page, &processor, &environment)
      return nil
    }
  }

  mutating func writeBackSECSAfterInterrupt(
    of enclave: EnclaveID, into slot: VersionSlot, _ processor: inout Processor, _ environment: inout Environment
  ) {
    guard let page = self[enclave].secsPage else { return BenchLaw.broken(.secsResident) }
    let former = self[enclave].formerSECSArray
    let evicted = writeBackAfterInterrupt(page, of: enclave, into: slot, formerArray: former, &processor, &environment)
    note(evicted, asSECSOf: enclave, from: page, &processor, &environment)
  }

  private mutating func note(
    _ evicted: EvictedPage, asSECSOf enclave: EnclaveID, from page: PhysPageNumber, _ processor: inout Processor,
    _ environment: inout Environment
  ) {
    self[enclave].secsPage = nil
    self[enclave].formerSECSArray = nil
    self[enclave].evictedSECS = evicted
    environment.trace.record(.secsEvicted(enclave: enclave.rawValue, page))
    freePage(page, &processor, &environment)
  }

  private mutating func track(_ enclave: EnclaveID, _ processor: inout Processor, _ environment: inout Environment) {
    // The SECS stays resident as long as a child is; it is itself written only after them.
    let secs = self[enclave].secsPage.map(EPC.address(of:)) ?? EPCAddress(0)
    let outcome = processor.execute(ETRACK(secs: secs), in: &environment)
    if outcome.hasFailed { log.warnOnce(.ETRACK, value: outcome.encoded.encoded, in: &environment) }
  }

  /// Interrupts the processors that may run the enclave, so that every thread inside leaves (encl.c, sgx_encl_cpumask; main.c,
  /// sgx_ipi_cb).
  mutating func interruptThreads(of enclave: EnclaveID, _ environment: inout Environment) {
    interruptRounds += 1
    environment.trace.record(.threadsInterrupted(enclave: enclave.rawValue))
  }

  /// Where a version slot lies in EPC.
  func address(of slot: VersionSlot, in enclave: EnclaveID) -> EPCAddress {
    let page = self[enclave].versionArrays.arrays[Int(slot.array)].page
    return EPCAddress(EPC.address(of: page).rawValue + UInt64(slot.index) * 8)
  }
}

extension LeafOutcome {
  var isNotTracked: Bool {
    if case .code(.SGX_NOT_TRACKED, _) = self { return true }
    return false
  }
}

/// What EWB came to.
enum WriteBack {
  case ended(EvictedPage)
  /// Threads were inside and are being interrupted; this slot is kept for the EWB that follows.
  case interrupted(VersionSlot)
}
