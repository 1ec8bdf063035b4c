import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// mprotect (mm/mprotect.c, do_mprotect_pkey): mapping by mapping, each change of an enclave's asked of the driver (encl.c, sgx_vma_mprotect).
/// What was changed before a refusal or a hole stays changed.
public struct MprotectCall: DriverCall {
  public static let name = OperationName.mprotect
  public let process: ProcessID
  public let address: UserAddress
  public let length: ByteCount
  public let protection: PagePermissions
  public let readImpliesExecute: Bool
  public private(set) var result: Result<Void, KernelError>?

  enum Phase { case enter, mapping }
  private(set) var phase = Phase.enter
  /// `mmap_lock`, for writing, from the first step to the end.
  private(set) var holdsMemory = false
  /// What is left of the range, and where in the first mapping of it the driver is asked next.
  private var next = UserAddress(0)
  private var end = UserAddress(0)
  private var pageIndex: UInt64 = 0
  /// The enclave that is asked, and whose lock may be waited for.
  private var asked: EnclaveID?

  public init(
    process: ProcessID, address: UserAddress, length: ByteCount, protection: PagePermissions, readImpliesExecute: Bool = false
  ) {
    self.process = process
    self.address = address
    self.length = length
    self.protection = protection
    self.readImpliesExecute = readImpliesExecute
  }

  public var restarted: MprotectCall {
    MprotectCall(process: process, address: address, length: length, protection: protection, readImpliesExecute: readImpliesExecute)
  }

  public func work(on driver: borrowing Driver) -> CallWork { driver.workOfMappings }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    do throws(CallStop) {
      if phase == .enter {
        try enter(&driver)
        phase = .mapping
      }
      if next < end {
        try protect(&driver)
        // Under one lock all along; others come in between the mappings, as far as they need it not.
        if next < end { return .more }
      }
      leave(&driver)
      result = .success(())
      return .finished
    } catch {
      if !error.isWait { leave(&driver) }
      return error.end(&result)
    }
  }

  private func leave(_ driver: inout Driver) {
    if holdsMemory { driver.unlockMemoryForWriting(of: process) }
  }

  private mutating func enter(_ driver: inout Driver) throws(CallStop) {
    guard address.isPageAligned else { throw .errno(.EINVAL) }
    guard length.rawValue > 0 else { return }
    guard let range = UserRange(address, length)?.range else { throw .errno(.ENOMEM) }
    try driver.lockMemoryForWriting(of: process)
    holdsMemory = true
    (next, end) = (range.lowerBound, range.upperBound)
  }

  /// The next mapping of the range, or the next lot of its slots that the driver is asked about.
  private mutating func protect(_ driver: inout Driver) throws(CallStop) {
    let found = driver.processes[process.rawValue].mapping(at: next)
    // What a script does to memory by hand waits for no lock, and may have put something else there while this call did.
    if let asked, driver.isHanded(.enclave, asked), found?.file.flatMap({ driver.files[$0]?.enclave }) != asked {
      try driver.lock(asked)
      driver.unlock(asked)
    }
    guard let mapping = found else { throw .errno(.ENOMEM) }
    let piece = next..<min(mapping.end, end)
    if protection.contains(.execute), !mapping.mayExecute { throw .errno(.EACCES) }
    if let file = mapping.file, let enclave = driver.files[file]?.enclave {
      asked = enclave
      pageIndex = try driver.mayMap(enclave, piece, as: protection, readImpliesExecute: readImpliesExecute, from: pageIndex) ?? 0
      guard pageIndex == 0 else { return }
    }
    if mapping.protection != protection {
      try splitsAllowed(of: mapping, piece, driver)
      driver.processes[process.rawValue].protect(piece, as: protection)
    }
    next = piece.upperBound
  }

  /// A mapping of which only a part changes is split, at one end or at both (mm/mprotect.c, mprotect_fixup; mm/mmap.c, split_vma).
  private func splitsAllowed(of mapping: Mapping, _ piece: Range<UserAddress>, _ driver: Driver) throws(CallStop) {
    let splits: UInt64 = (mapping.start < piece.lowerBound ? 1 : 0) + (piece.upperBound < mapping.end ? 1 : 0)
    if splits > 0, driver.processes[process.rawValue].hasTooManyMappings(driver.kernel.memorySettings, more: splits) {
      throw .errno(.ENOMEM)
    }
  }
}
