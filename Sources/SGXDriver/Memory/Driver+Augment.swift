import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

extension Driver {
  /// Adds the missing page at an address of an initialised enclave by EAUG (encl.c, sgx_encl_eaug_page), from the moment where its
  /// descriptor is there. Nil says that the page is there; anything else ends the fault.
  mutating func augment(
    _ address: UserAddress, of enclave: EnclaveID, for process: ProcessID, _ processor: inout Processor,
    _ environment: inout Environment
  ) throws(CallStop) -> AccessOutcome? {
    if self[enclave].secsPage == nil, !version.augmentLoadsSECS { throw .finding(.nullPointer(.augmentWithoutSECS)) }
    let secs = try loadSECS(of: enclave, for: process, &processor, &environment)
    let page = try takePageAtOnce(for: process, &environment)
    var newArray: PhysPageNumber?
    do throws(CallStop) {
      newArray = try growVersionArraysAtOnce(of: enclave, for: process, &processor, &environment)
    } catch {
      freePage(page, &processor, &environment)
      if case .error(.errno(.EBUSY)) = error, !version.augmentRetriesVersionArray { return .busError }
      throw error
    }
    if let newArray { self[enclave].versionArrays.addFirst(newArray) }
    // A mapping from before INIT may reach outside the enclave; EAUG then refuses the address.
    let pageIndex = pageIndex(of: address, in: enclave)
    if let pageIndex, let lost = reserve(pageIndex, of: enclave, &environment) {
      undo(page, newArray, of: enclave, &processor, &environment)
      return lost
    }
    let leaf = EAUG(linearAddress: LinearAddress(address.rawValue), secs: EPC.address(of: secs), target: EPC.address(of: page))
    let outcome = processor.execute(leaf, in: &environment)
    guard outcome.isDone else {
      note(outcome, of: enclave)
      if pageIndex != nil { self[enclave].slots.cancelReservation() }
      undo(page, newArray, of: enclave, &processor, &environment)
      return .busError
    }
    guard let pageIndex else {
      BenchLaw.broken(.eaugInRange)
      return .busError
    }
    self[enclave].fillReservation(with: page)
    pool.bind(page, to: .slot, of: enclave, pageIndex: pageIndex)
    place(page, at: pageIndex, of: enclave, processor)
    if version.reclaims { pool.enqueue(page) } else { pool.settle(page) }
    environment.trace.record(.slotFilled(enclave: enclave.rawValue, EnclaveOffset(pageIndex: pageIndex), page))
    return nil
  }

  /// Takes the slot; the loser of two first touches finds it taken.
  private mutating func reserve(
    _ pageIndex: UInt64, of enclave: EnclaveID, _ environment: inout Environment
  ) -> AccessOutcome? {
    guard self[enclave].slots.reserve(pageIndex, secInfo: SecInfo(type: .reg, permissions: [.read, .write, .execute])) else {
      return version.secondFirstTouchRetries ? .retry : .busError
    }
    guard environment.visit(.allocation(.slotMapNode)) == .noMemory else { return nil }
    self[enclave].slots.cancelReservation()
    return .busError
  }

  private mutating func undo(
    _ page: PhysPageNumber, _ newArray: PhysPageNumber?, of enclave: EnclaveID, _ processor: inout Processor,
    _ environment: inout Environment
  ) {
    shrinkVersionArrays(of: enclave, new: newArray, &processor, &environment)
    freePage(page, &processor, &environment)
  }

  /// Room for one more version slot without waiting (ioctl.c, sgx_encl_grow without reclaim). Returns the page of a new array.
  private mutating func growVersionArraysAtOnce(
    of enclave: EnclaveID, for process: ProcessID, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber? {
    guard version.hasVersionArrays else { return nil }
    guard needsVersionArray(enclave) else {
      self[enclave].pageCount += 1
      return nil
    }
    try allocate(.vaDescriptor, &environment)
    let page = try takePageAtOnce(for: process, &environment)
    try makeVersionArray(page, of: enclave, &processor, &environment)
    return page
  }
}
