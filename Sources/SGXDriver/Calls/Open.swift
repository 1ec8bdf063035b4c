import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// Where the devices lie.
public enum DevicePath: Hashable, CaseIterable, Sendable {
  /// `/dev/sgx_enclave`, `/dev/sgx_provision`.
  case flat
  /// `/dev/sgx/enclave`, `/dev/sgx/provision`.
  case directory
}

extension DriverVersion {
  /// Where this version puts them; the others do not exist.
  public var devicePath: DevicePath { hasDeviceDirectory ? .directory : .flat }
}

/// open of the enclave device (driver.c, sgx_open): an enclave object of its own, empty.
public struct OpenCall: DriverCall {
  public static let name = OperationName.open
  public let process: ProcessID
  public private(set) var result: Result<Void, KernelError>?
  /// What a success returns.
  public private(set) var descriptor: FileDescriptor?

  /// The path asked for; nil for wherever the version has it.
  public let path: DevicePath?

  enum Phase { case enter, open }
  private(set) var phase = Phase.enter
  /// `misc_mtx`, from before the driver is asked until it has answered.
  private(set) var holdsDevices = false
  /// Linux around the driver has been asked, which it is once, however long the call waits then.
  private var hasAskedLinux = false

  public init(process: ProcessID, path: DevicePath? = nil) {
    self.process = process
    self.path = path
  }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    do throws(CallStop) {
      switch phase {
      case .enter:
        try enter(&driver, &processor, &environment)
        phase = .open
        // Only a version that counts users does something before that others can see.
        if driver.version.updatesSVNAtOpen { return .more }
        fallthrough
      case .open:
        try open(&driver, &environment)
        driver.unlockDevices()
      }
      result = .success(())
      return .finished
    } catch {
      if holdsDevices, !error.isWait { driver.unlockDevices() }
      return error.end(&result)
    }
  }

  private mutating func enter(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    if !hasAskedLinux { try askLinux(driver) }
    hasAskedLinux = true
    try driver.lockDevices()
    holdsDevices = true
    try driver.enterUse(&processor, &environment)
  }

  /// fs/open.c takes a descriptor and a file before the driver is asked.
  private func askLinux(_ driver: Driver) throws(CallStop) {
    if driver.kernel.hasTooManyDescriptors(process) { throw .errno(.EMFILE) }
    if driver.placeForEnclave == nil { throw .errno(.ENFILE) }
    if let path, path != driver.version.devicePath { throw .errno(.ENOENT) }
    if !driver.kernel.mayOpen(.enclave, process) { throw .errno(.EACCES) }
  }

  private mutating func open(_ driver: inout Driver, _ environment: inout Environment) throws(CallStop) {
    do throws(CallStop) {
      try driver.allocate(.enclave, &environment)
      try driver.allocate(.srcu, &environment)
      // Others may have opened while this call waited or stood between its steps.
      guard let place = driver.placeForEnclave else { throw .errno(.ENFILE) }
      guard let descriptor = driver.openEnclave(at: place, for: process) else { throw .errno(.EMFILE) }
      self.descriptor = descriptor
    } catch {
      driver.leaveUse()
      throw error
    }
  }

  public var report: CallReport {
    var report = CallReport()
    report.descriptor = descriptor
    return report
  }

  public var restarted: OpenCall { OpenCall(process: process, path: path) }
}

extension Driver {
  /// The model tells 32,768 enclaves apart; more open files than that the system does not have.
  fileprivate var placeForEnclave: Int? {
    if let index = enclaves.firstIndex(where: { $0 == nil }) { return index }
    return enclaves.count < PhysPage.enclavesMax ? enclaves.endIndex : nil
  }

  fileprivate mutating func openEnclave(at index: Int, for process: ProcessID) -> FileDescriptor? {
    guard let descriptor = kernel.open(.enclave, object: UInt32(index), for: process) else { return nil }
    var enclave = Enclave()
    if processes[process.rawValue].hasLivePages { enclave.livesIn = process }
    if index == enclaves.endIndex { enclaves.append(enclave) } else { enclaves[index] = enclave }
    return descriptor
  }
}
