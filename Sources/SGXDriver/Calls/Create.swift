import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// What SGX_IOC_ENCLAVE_CREATE is asked: a SECS image somewhere in user memory.
public struct CreateRequest: Sendable {
  public var secs: SECS
  /// Whether the 8-byte argument can be read.
  public var argumentIsReadable = true
  /// Whether the image can be read.
  public var secsIsReadable = true
  /// Where the image lies, if the kernel is to read it from there; `secs` is then what it finds.
  var secsAddress: UserAddress?

  public init(secs: SECS) { self.secs = secs }
}

/// SGX_IOC_ENCLAVE_CREATE (ioctl.c, sgx_ioc_enclave_create and sgx_encl_create). Every failure leaves the enclave as after open.
public struct CreateCall: IoctlCall {
  public static let name = OperationName.create
  public let process: ProcessID
  public let descriptor: FileDescriptor
  /// What is asked; the SECS that the kernel has read, once it has.
  public private(set) var request: CreateRequest
  public private(set) var result: Result<Void, KernelError>?

  enum Phase { case enter, versionArray, secsPage, ecreate }
  private(set) var phase = Phase.enter
  private var enclave = EnclaveID(0)
  private var versionArray: PhysPageNumber?
  private var secsPage = PhysPageNumber(0)
  private(set) var versionArrayRequest = VersionArrayRequest()
  private(set) var pageRequest = PageRequest()

  public init(process: ProcessID, descriptor: FileDescriptor, request: CreateRequest) {
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
        enclave = try driver.enterIoctl(descriptor, of: process)
        phase = .versionArray
        try checkAndCopy(&driver, processor.profile, &environment)
      case .versionArray:
        switch try versionArrayRequest.step(of: enclave, for: process, &driver, &processor, &environment) {
        case .more: return .more
        case .done(let newArray): versionArray = newArray
        }
        if let versionArray { driver[enclave].versionArrays.addFirst(versionArray) }
        try openBackingFile(&driver, &processor, &environment)
        phase = .secsPage
      case .secsPage:
        guard let page = try requestSECSPage(&driver, &processor, &environment) else { return .more }
        secsPage = page
        phase = .ecreate
      case .ecreate:
        try ecreate(&driver, &processor, &environment)
        driver.leaveIoctl(enclave)
        result = .success(())
        return .finished
      }
      return .more
    } catch {
      return finish(error, &driver)
    }
  }

  private mutating func checkAndCopy(
    _ driver: inout Driver, _ profile: ProcessorProfile, _ environment: inout Environment
  ) throws(CallStop) {
    guard driver[enclave].state.allowsCreate else { throw .errno(.EINVAL) }
    try driver.copy(.argument, isAccessible: request.argumentIsReadable, &environment)
    try driver.allocate(.secsBuffer, &environment)
    if let address = request.secsAddress {
      request.secs = SECS(image: try driver.copyIn(.secs, from: address, count: SECS.size, of: process, &environment))
    } else {
      try driver.copy(.secs, isAccessible: request.secsIsReadable, &environment)
    }
    if driver.version.createValidatesInSoftware { try request.secs.validate(driver.version, profile) }
    let size = request.secs.size
    if driver.version.createChecksSizeIsPowerOfTwo, size == 0 || size & (size - 1) != 0 { throw .errno(.EINVAL) }
  }

  /// The swap file holds every page, the SECS, and a 1/32 more: 128 bytes of PCMD for each 4096. shmem refuses a negative size.
  private func openBackingFile(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let contents = request.secs.size &+ pageSize
    let total = contents &+ contents >> 5
    let struck = environment.visit(.allocation(.backingFile))
    if struck != .noMemory && Int64(bitPattern: total) >= 0 { return }
    driver.shrinkVersionArrays(of: enclave, new: versionArray, &processor, &environment)
    throw .errno(struck == .noMemory ? .ENOMEM : .EINVAL)
  }

  private mutating func requestSECSPage(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> PhysPageNumber? {
    do throws(CallStop) {
      return try pageRequest.step(for: process, &driver, &processor, &environment)
    } catch {
      if error.isWait { throw error }
      driver.shrinkVersionArrays(of: enclave, new: versionArray, &processor, &environment)
      throw error
    }
  }

  private func ecreate(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let outcome = processor.execute(ECREATE(source: request.secs, target: EPC.address(of: secsPage)), in: &environment)
    guard outcome.isDone else {
      driver.freePage(secsPage, &processor, &environment)
      driver.shrinkVersionArrays(of: enclave, new: versionArray, &processor, &environment)
      throw driver.version.createReturnsLeafResult ? .error(.positive(outcome.encoded.encoded)) : .errno(.EIO)
    }
    driver.pool.bind(secsPage, to: .secs, of: enclave)
    driver[enclave].secsPage = secsPage
    driver[enclave].created = CreatedEnclave(
      baseAddress: request.secs.baseAddress, size: request.secs.size, attributes: request.secs.attributes)
    if driver.version.createOverwritesAttributesMask { driver[enclave].attributesMask = [] }
    driver[enclave].attributesMask.formUnion(driver.version.unprivilegedAttributes)
    driver[enclave].state.create()
  }

  private mutating func finish(_ stop: CallStop, _ driver: inout Driver) -> StepOutcome {
    if phase != .enter, !stop.isWait { driver.leaveIoctl(enclave) }
    return stop.end(&result)
  }
}
