import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// How an access ended.
public enum AccessOutcome: String, Hashable, Sendable {
  /// A page-table entry was there.
  case hit = "HIT"
  /// A page fault put the entry there.
  case mapped = "NOPAGE"
  /// The fault was answered without an entry: the access faults again until the page is to be had.
  case retry = "NOPAGE-RETRY"
  case busError = "SIGBUS"
  /// Nothing is mapped there, or not for this kind of access.
  case segmentationFault = "SEGV"
  /// The kernel is out of memory, and looks for a process to kill.
  case outOfMemory = "OOM"
  /// Ordinary memory, which is always there.
  case userMemory = "USERMEM"
}

/// An access from outside the enclave, with its page fault if it has one (encl.c, sgx_vma_fault).
///
/// A fault holds `mmap_lock` all along. It looks the page up without `encl->lock`, and once more with it.
///
/// What is read is the processor's business: all ones, and writes are dropped (SDM 3D, abort page semantics). The accessed bit of an entry
/// is set by the access and cleared where the fault has made the entry, so a page that came by a fault is old until it is used again.
public struct AccessCall: DriverCall {
  public static let name = OperationName.access
  public let process: ProcessID
  public let address: UserAddress
  public let kind: AccessKind
  /// Whether the access is made after the fault, which marks the entry.
  public let touches: Bool
  public private(set) var result: Result<Void, KernelError>?
  public private(set) var outcome: AccessOutcome?

  public var report: CallReport {
    var report = CallReport()
    report.access = outcome
    return report
  }

  public var restarted: AccessCall { AccessCall(process: process, address: address, kind: kind, touches: touches) }

  enum Phase { case touch, load, augment }
  private(set) var phase = Phase.touch
  private var hasFaulted = false
  /// `mmap_lock`, for reading, and the file that is mapped there: from the beginning of a fault to its end.
  private(set) var holdsMemory = false
  private var file: Int?
  /// `encl->lock`, while the page is looked up anew, loaded, and mapped.
  private(set) var holdsEnclave = false
  private var enclave = EnclaveID(0)
  private(set) var pageLoad: PageLoad?

  public init(process: ProcessID, address: UserAddress, kind: AccessKind, touches: Bool = true) {
    self.process = process
    self.address = UserAddress(address.rawValue & ~(pageSize - 1))
    self.kind = kind
    self.touches = touches
  }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    do throws(CallStop) {
      switch phase {
      case .touch:
        // Who waits for `mmap_lock` has faulted: it goes on with its fault, and holds what it was handed meanwhile.
        if !hasFaulted, let outcome = withoutFault(driver) { return finish(outcome, &driver) }
        hasFaulted = true
        guard let outcome = try find(&driver, processor.profile, &environment) else { return .more }
        return finish(outcome, &driver)
      case .load:
        try takeEnclave(&driver)
        guard let outcome = try load(&driver, &processor, &environment) else { return .more }
        return finish(outcome, &driver)
      case .augment:
        try takeEnclave(&driver)
        guard let (_, there) = driver.enclaveMapping(at: address, of: process), there == enclave else { return finish(.segmentationFault, &driver) }
        let lost = try driver.augment(address, of: enclave, for: process, &processor, &environment)
        if let lost { return finish(lost, &driver) }
        return finish(try insertEntry(isNew: true, &driver, &environment), &driver)
      }
    } catch {
      switch error {
      case .error(.errno(.EBUSY)): return finish(.retry, &driver)
      case .error: return finish(.busError, &driver)
      case .finding, .waits: return error.end(&result)
      }
    }
  }

  private mutating func finish(_ outcome: AccessOutcome, _ driver: inout Driver) -> StepOutcome {
    if holdsEnclave { driver.unlock(enclave) }
    if holdsMemory { driver.unlockMemoryForReading(of: process) }
    if let file { driver.letGo(file) }
    if touches, outcome == .hit || outcome == .mapped { driver.processes[process.rawValue].markAccessed(at: address) }
    self.outcome = outcome
    result = .success(())
    return .finished
  }

  private mutating func takeEnclave(_ driver: inout Driver) throws(CallStop) {
    guard !holdsEnclave else { return }
    try driver.lock(enclave)
    holdsEnclave = true
  }

  /// What the processor does by itself: there is an entry, or the memory is not an enclave's. Nil where it faults.
  private func withoutFault(_ driver: Driver) -> AccessOutcome? {
    guard let mapping = driver.processes[process.rawValue].mapping(at: address), mapping.allows(kind) else { return nil }
    guard driver.enclaveMapping(at: address, of: process) != nil else { return .userMemory }
    return driver.processes[process.rawValue].hasEntry(at: address) ? .hit : nil
  }

  /// The mapping, and whether the page is there, without the enclave's lock; nil where the fault goes on.
  private mutating func find(
    _ driver: inout Driver, _ profile: ProcessorProfile, _ environment: inout Environment
  ) throws(CallStop) -> AccessOutcome? {
    try driver.lockMemoryForReading(of: process)
    holdsMemory = true
    guard let mapping = driver.processes[process.rawValue].mapping(at: address), mapping.allows(kind) else {
      return .segmentationFault
    }
    guard let (_, enclave) = driver.enclaveMapping(at: address, of: process), let file = mapping.file else { return .userMemory }
    // Another thread's fault was faster while this one waited: Linux sees the entry, and the driver is not called (handle_pte_fault).
    if driver.processes[process.rawValue].hasEntry(at: address) { return .hit }
    self.enclave = enclave
    self.file = file
    driver.hold(file)
    if driver.version.remembersLostEnclaves, driver[enclave].isKnownLost { return .busError }
    let isInitialized = driver[enclave].state == .initialized
    if driver[enclave].state == .dead { return .busError }
    if driver.version.faultBeforeInitIsSIGBUS, !isInitialized { return .busError }
    guard let pageIndex = driver.pageIndex(of: address, in: enclave), driver[enclave].slots[pageIndex] != nil else {
      guard driver.version.augmentsOnFault, profile.hasSGX2, isInitialized else { return .busError }
      do throws(CallStop) { try driver.allocate(.pageDescriptor, &environment) } catch { return .outOfMemory }
      phase = .augment
      return nil
    }
    phase = .load
    return nil
  }

  /// The page is looked up again, now under the lock, loaded if it was evicted, and mapped; nil where it is still on its way.
  private mutating func load(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> AccessOutcome? {
    // What a script does to the memory of its process by hand waits for no lock.
    guard let (mapping, there) = driver.enclaveMapping(at: address, of: process), there == enclave else { return .segmentationFault }
    guard let pageIndex = driver.pageIndex(of: address, in: enclave), let slot = driver[enclave].slots[pageIndex] else { return .busError }
    guard mapping.protection.isSubset(of: slot.maxPermissions) else { return .busError }
    if pageLoad == nil { pageLoad = PageLoad(pageIndex, of: enclave) }
    guard try pageLoad!.step(for: process, &driver, &processor, &environment) != nil else { return nil }
    return try insertEntry(isNew: false, &driver, &environment)
  }

  /// Only the path of pages that exist clears the accessed bit again.
  private func insertEntry(
    isNew: Bool, _ driver: inout Driver, _ environment: inout Environment
  ) throws(CallStop) -> AccessOutcome {
    try driver.allocate(.pageTableEntry, &environment)
    driver.processes[process.rawValue].insertEntry(at: address)
    if !isNew { _ = driver.processes[process.rawValue].testAndClearAccessed(at: address) }
    return .mapped
  }
}

extension Driver {
  /// The enclave mapping that covers an address; nil where none does.
  func enclaveMapping(at address: UserAddress, of process: ProcessID) -> (Mapping, EnclaveID)? {
    guard let mapping = processes[process.rawValue].mapping(at: address), let file = mapping.file, let enclave = files[file]?.enclave else {
      return nil
    }
    return (mapping, enclave)
  }

  /// The enclave, and the page of it, that an address is mapped to; nil where none is.
  public func enclavePage(at address: UserAddress, of process: ProcessID) -> (enclave: EnclaveID, pageIndex: UInt64)? {
    guard let (_, enclave) = enclaveMapping(at: address, of: process), let index = pageIndex(of: address, in: enclave) else { return nil }
    return (enclave, index)
  }

  /// Index of the page at an address; nil outside the enclave's range.
  func pageIndex(of address: UserAddress, in enclave: EnclaveID) -> UInt64? {
    guard let created = self[enclave].created, address.rawValue &- created.baseAddress.rawValue < created.size else { return nil }
    return (address.rawValue - created.baseAddress.rawValue) / pageSize
  }
}
