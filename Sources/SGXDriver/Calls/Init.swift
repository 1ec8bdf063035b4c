import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// What SGX_IOC_ENCLAVE_INIT is asked: a SIGSTRUCT somewhere in user memory.
public struct InitRequest: Sendable {
  public var sigStruct: SigStruct
  /// Whether the 8-byte argument can be read.
  public var argumentIsReadable = true
  /// Whether the SIGSTRUCT can be read.
  public var sigStructIsReadable = true
  /// Where the SIGSTRUCT lies, if the kernel is to read it from there; `sigStruct` is then what it finds.
  var sigStructAddress: UserAddress?

  public init(sigStruct: SigStruct) { self.sigStruct = sigStruct }
}

/// SGX_IOC_ENCLAVE_INIT (ioctl.c, sgx_ioc_enclave_init and sgx_encl_init). Every failure leaves the enclave created and unchanged.
///
/// EINIT may be stopped by an event it must not mask. The kernel then tries again: 50 rounds of 20 tries at once, and after each
/// round a sleep of 20 ms that a signal interrupts.
public struct InitCall: IoctlCall {
  public static let name = OperationName.initialize
  public let process: ProcessID
  public let descriptor: FileDescriptor
  /// What is asked; the SIGSTRUCT that the kernel has read, once it has.
  public private(set) var request: InitRequest
  public private(set) var result: Result<Void, KernelError>?
  /// Sleeps of 20 ms, interrupted ones included.
  public private(set) var sleeps: UInt32 = 0

  public var report: CallReport {
    var report = CallReport()
    report.sleeps = sleeps
    return report
  }

  /// SGX_EINIT_SLEEP_COUNT, SGX_EINIT_SPIN_COUNT and SGX_EINIT_SLEEP_TIME of sgx.h.
  private static let roundsMax: UInt32 = 50
  private static let triesPerRound: UInt32 = 20
  static let sleepMilliseconds: UInt32 = 20

  enum Phase { case enter, tryEINIT, sleep, wake }
  private(set) var phase = Phase.enter
  /// The enclave whose IOCTL bit is ours.
  private var enclave: EnclaveID?
  /// `encl->lock`: from before the first EINIT to the end, over all sleeps.
  private(set) var holdsEnclave = false
  /// Hash of the signer's key.
  private var signer: Digest?
  /// Tries of the round.
  private var tries: UInt32 = 0

  public init(process: ProcessID, descriptor: FileDescriptor, request: InitRequest) {
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
        try enter(&driver, processor, &environment)
        phase = .tryEINIT
      case .tryEINIT:
        if !holdsEnclave {
          try driver.lock(enclave!)
          holdsEnclave = true
        }
        if try isInitialized(by: execute(&driver, &processor, &environment), &driver, &processor, &environment) {
          result = .success(())
          leave(&driver)
          return .finished
        }
      case .sleep:
        sleeps += 1
        environment.trace.record(.slept(milliseconds: Self.sleepMilliseconds))
        phase = .wake
      case .wake:
        if driver.pollsSignal(process, &environment) { throw .error(.restart) }
        guard sleeps < Self.roundsMax else { throw .errno(.EPERM) }
        tries = 0
        phase = .tryEINIT
      }
      return .more
    } catch {
      if !error.isWait { leave(&driver) }
      return error.end(&result)
    }
  }

  private func leave(_ driver: inout Driver) {
    guard let enclave else { return }
    if holdsEnclave { driver.unlock(enclave) }
    driver.leaveIoctl(enclave)
  }

  private mutating func enter(
    _ driver: inout Driver, _ processor: Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let enclave = try driver.enterIoctl(descriptor, of: process)
    self.enclave = enclave
    guard driver[enclave].state.allowsInit, let created = driver[enclave].created else { throw .errno(.EINVAL) }
    try driver.copy(.argument, isAccessible: request.argumentIsReadable, &environment)
    try driver.allocate(.sigstructBuffer, &environment)
    if let address = request.sigStructAddress {
      let bytes = try driver.copyIn(.sigstruct, from: address, count: SigStruct.size, of: process, &environment)
      guard let sigStruct = try? SigStruct(bytes: bytes) else {
        BenchLaw.broken(.callAnswers)
        throw .errno(.EFAULT)
      }
      request.sigStruct = sigStruct
    } else {
      try driver.copy(.sigstruct, isAccessible: request.sigStructIsReadable, &environment)
    }
    let sigStruct = request.sigStruct
    guard sigStruct.vendor == 0 || sigStruct.vendor == SigStruct.intelVendor else { throw .errno(.EINVAL) }
    guard created.attributes.isSubset(of: driver[enclave].attributesMask) else { throw .errno(.EACCES) }
    if driver.version.initChecksReservedMasks, !ReservedBits(driver.version, processor.profile).allow(sigStruct) {
      throw .errno(.EINVAL)
    }
    if driver.version.keyHashCanFail { try driver.allocate(.crypto, &environment) }
    signer = sigStruct.signer
  }

  /// One EINIT, ahead of it the key's hash in the registers of launch control.
  private mutating func execute(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) -> LeafOutcome {
    guard let secs = driver[enclave!].secsPage else {
      BenchLaw.broken(.secsResident)
      return .fault(.generalProtection, row: 0)
    }
    let leaf = EINIT(sigStruct: request.sigStruct, secs: EPC.address(of: secs))
    tries += 1
    driver.writeLaunchKeyHash(signer!, to: &processor)
    let outcome = processor.execute(leaf, in: &environment)
    guard driver.version.initCachesLaunchKeyHash, case .code(.SGX_INVALID_EINITTOKEN, _) = outcome else { return outcome }
    // The registers may have lost what the cache believes is there.
    driver.cachedLaunchKeyHash = nil
    driver.writeLaunchKeyHash(signer!, to: &processor)
    return processor.execute(leaf, in: &environment)
  }

  /// True where EINIT was done; false where it is to be tried again.
  private mutating func isInitialized(
    by outcome: LeafOutcome, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> Bool {
    switch outcome {
    case .done:
      driver[enclave!].state.initialize()
      return true
    case .code(.SGX_UNMASKED_EVENT, _):
      if tries == Self.triesPerRound { phase = .sleep }
      return false
    case .code:
      throw .errno(.EPERM)
    case .fault:
      if outcome.hasFailed(in: driver.version, on: processor.profile) {
        driver.log.warnOnce(.EINIT, value: outcome.encoded.encoded, in: &environment)
      }
      driver.note(outcome, of: enclave!)
      guard driver.version.initFaultDestroys else { throw .errno(.EIO) }
      driver.destroy(enclave!, &processor, &environment)
      throw .errno(.EFAULT)
    }
  }

}

extension Driver {
  /// Writes the four IA32_SGXLEPUBKEYHASH registers (main.c, sgx_update_lepubkeyhash). The device exists only where the processor lets
  /// the kernel do so.
  fileprivate mutating func writeLaunchKeyHash(_ hash: Digest, to processor: inout Processor) {
    if version.initCachesLaunchKeyHash, cachedLaunchKeyHash == hash { return }
    cachedLaunchKeyHash = hash
    let refusal = processor.writeLaunchKeyHash(hash)
    if refusal != nil { BenchLaw.broken(.launchControl) }
  }
}
