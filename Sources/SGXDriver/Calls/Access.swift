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

  private enum Phase { case fault, augment }
  private var phase = Phase.fault

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
      case .fault:
        guard let outcome = try fault(&driver, &processor, &environment) else {
          phase = .augment
          return .more
        }
        self.outcome = outcome
      case .augment:
        // Another thread may have unmapped the place since the fault began.
        guard let (_, enclave) = driver.enclaveMapping(at: address, of: process) else { return finish(.segmentationFault, &driver) }
        outcome = try driver.augment(address, of: enclave, for: process, &processor, &environment)
        if outcome == nil { outcome = try insertEntry(isNew: true, &driver, &environment) }
      }
    } catch {
      switch error {
      case .error(.errno(.EBUSY)): outcome = .retry
      case .error: outcome = .busError
      case .finding(let finding): return .stopped(finding)
      }
    }
    return finish(outcome!, &driver)
  }

  private mutating func finish(_ outcome: AccessOutcome, _ driver: inout Driver) -> StepOutcome {
    if touches, outcome == .hit || outcome == .mapped { driver.processes[process.rawValue].markAccessed(at: address) }
    self.outcome = outcome
    result = .success(())
    return .finished
  }

  /// Everything but EAUG; nil where that is to follow.
  private func fault(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> AccessOutcome? {
    guard let mapping = driver.processes[process.rawValue].mapping(at: address), mapping.allows(kind) else {
      return .segmentationFault
    }
    guard let (_, enclave) = driver.enclaveMapping(at: address, of: process) else { return .userMemory }
    if driver.processes[process.rawValue].hasEntry(at: address) { return .hit }
    if driver.version.remembersLostEnclaves, driver[enclave].isKnownLost { return .busError }
    let isInitialized = driver[enclave].state == .initialized
    if driver[enclave].state == .dead { return .busError }
    if driver.version.faultBeforeInitIsSIGBUS, !isInitialized { return .busError }
    guard let pageIndex = driver.pageIndex(of: address, in: enclave), let slot = driver[enclave].slots[pageIndex] else {
      guard driver.version.augmentsOnFault, processor.profile.hasSGX2, isInitialized else { return .busError }
      do throws(CallStop) { try driver.allocate(.pageDescriptor, &environment) } catch { return .outOfMemory }
      return nil
    }
    guard mapping.protection.isSubset(of: slot.maxPermissions) else { return .busError }
    _ = try driver.load(pageIndex, of: enclave, for: process, &processor, &environment)
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
