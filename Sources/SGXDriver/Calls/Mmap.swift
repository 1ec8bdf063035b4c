import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// What mmap of an enclave's descriptor is asked.
public struct MmapRequest: Sendable {
  /// Where (MAP_FIXED); nil lets the kernel choose.
  public var address: UserAddress?
  public var length: ByteCount
  public var protection: PagePermissions
  /// MAP_SHARED; an enclave cannot be mapped privately.
  public var isShared = true
  /// The caller has the personality READ_IMPLIES_EXEC.
  public var readImpliesExecute = false

  public init(address: UserAddress?, length: ByteCount, protection: PagePermissions) {
    self.address = address
    self.length = length
    self.protection = protection
  }
}

/// mmap of `/dev/sgx_enclave` (driver.c, sgx_mmap and sgx_get_unmapped_area). What lay in the range is gone before the driver is asked, so
/// a refusal leaves a hole (mm/mmap.c, mmap_region).
public struct MmapCall: DriverCall {
  public static let name = OperationName.mmap
  public let process: ProcessID
  public let descriptor: FileDescriptor
  public let request: MmapRequest
  public private(set) var result: Result<Void, KernelError>?
  /// Where it was mapped.
  public private(set) var address: UserAddress?

  public var report: CallReport {
    var report = CallReport()
    report.mappedAt = address
    return report
  }

  public var restarted: MmapCall { MmapCall(process: process, descriptor: descriptor, request: request) }
  public func work(on driver: borrowing Driver) -> CallWork { driver.workOfMappings }

  enum Phase { case enter, check(from: UInt64), map }
  private(set) var phase = Phase.enter
  /// `mmap_lock`, for writing, from the first step to the end.
  private(set) var holdsMemory = false
  private var holdsFile = false
  private var file = 0
  private var enclave = EnclaveID(0)
  private var start = UserAddress(0)
  private var length = ByteCount(0)

  public init(process: ProcessID, descriptor: FileDescriptor, request: MmapRequest) {
    self.process = process
    self.descriptor = descriptor
    self.request = request
  }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    do throws(CallStop) {
      switch phase {
      case .enter:
        try enter(&driver)
        phase = .check(from: 0)
      case .check(let page):
        let rest = try driver.mayMap(
          enclave, range, as: request.protection, readImpliesExecute: request.readImpliesExecute, from: page)
        phase = rest.map(Phase.check) ?? .map
      case .map:
        try driver.register(process, with: enclave, &environment)
        driver.processes[process.rawValue].map(
          range, protection: request.protection, mayExecute: !driver.kernel.devices.isNoexec, file: file)
        address = start
        leave(&driver)
        result = .success(())
        return .finished
      }
      return .more
    } catch {
      if !error.isWait { leave(&driver) }
      return error.end(&result)
    }
  }

  private func leave(_ driver: inout Driver) {
    if holdsMemory { driver.unlockMemoryForWriting(of: process) }
    if holdsFile { driver.letGo(file) }
  }

  /// What Linux asks, in its order, and then the driver (mm/mmap.c: ksys_mmap_pgoff, do_mmap, get_unmapped_area, do_mmap again,
  /// mmap_region).
  private mutating func enter(_ driver: inout Driver) throws(CallStop) {
    if !holdsFile {
      guard let place = driver.processes[process.rawValue].file(of: descriptor), driver.files[place] != nil else { throw .errno(.EBADF) }
      file = place
      driver.hold(file)
      holdsFile = true
    }
    try driver.lockMemoryForWriting(of: process)
    holdsMemory = true
    // It was there, and is held since.
    guard let open = driver.files[file] else {
      BenchLaw.broken(.references)
      throw .errno(.EBADF)
    }
    guard request.length.rawValue > 0 else { throw .errno(.EINVAL) }
    guard let rounded = request.length.roundedUpToPage else { throw .errno(.ENOMEM) }
    length = rounded
    if driver.processes[process.rawValue].hasTooManyMappings(driver.kernel.memorySettings) { throw .errno(.ENOMEM) }
    try choosePlace(open, &driver)
    if driver.kernel.devices.isNoexec, request.protection.contains(.execute) { throw .errno(.EPERM) }
    guard let enclave = open.enclave else { throw .errno(.ENODEV) }
    self.enclave = enclave
    // What lay in the range goes ahead of the new mapping.
    if driver.processes[process.rawValue].mayNotCutHole(range, driver.kernel.memorySettings) { throw .errno(.ENOMEM) }
    driver.processes[process.rawValue].unmap(range)
    driver.abandonUnmapped(by: process)
  }

  /// get_unmapped_area, with the driver's own (driver.c, sgx_get_unmapped_area), which only an enclave's file has.
  private mutating func choosePlace(_ open: OpenFile, _ driver: inout Driver) throws(CallStop) {
    guard length <= ByteCount(AddressSpace.end.rawValue) else { throw .errno(.ENOMEM) }
    if open.enclave != nil, !request.isShared { throw .errno(.EINVAL) }
    start = request.address ?? driver.processes[process.rawValue].freeRange(of: length)
    guard start.rawValue <= AddressSpace.end.rawValue - length.rawValue else { throw .errno(.ENOMEM) }
    guard start.isPageAligned else { throw .errno(.EINVAL) }
    guard start >= driver.kernel.memorySettings.lowestAddress || driver.processes[process.rawValue].credentials.isRoot else {
      throw .errno(.EPERM)
    }
  }

  private var range: Range<UserAddress> { start..<UserAddress(start.rawValue + length.rawValue) }
}
