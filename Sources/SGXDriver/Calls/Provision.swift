import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// What SGX_IOC_ENCLAVE_PROVISION is asked (struct sgx_enclave_provision, uapi/asm/sgx.h).
public struct ProvisionRequest: Sendable {
  /// An open descriptor of `/dev/sgx_provision`. The field has 64 bits; the kernel takes the low 32.
  public var fd: UInt64
  /// Whether the 8-byte argument can be read.
  public var argumentIsReadable = true

  public init(fd: UInt64) { self.fd = fd }

  var descriptor: FileDescriptor { FileDescriptor(Int32(truncatingIfNeeded: fd)) }
}

/// SGX_IOC_ENCLAVE_PROVISION (ioctl.c, sgx_ioc_enclave_provision; main.c, sgx_set_attribute): INIT will allow PROVISIONKEY.
///
/// It is taken in any state, even where it is useless: after INIT, or in versions whose CREATE overwrites the mask before it.
public struct ProvisionCall: IoctlCall {
  public static let name = OperationName.provision
  public let process: ProcessID
  public let descriptor: FileDescriptor
  public let request: ProvisionRequest
  public private(set) var result: Result<Void, KernelError>?

  enum Phase { case enter, look }
  private(set) var phase = Phase.enter
  /// The enclave whose IOCTL bit is ours.
  private var enclave: EnclaveID?

  public init(process: ProcessID, descriptor: FileDescriptor, request: ProvisionRequest) {
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
        try enter(&driver, &environment)
        phase = .look
        return .more
      case .look:
        guard driver.openFile(request.descriptor, of: process)?.device == .provision else { throw .errno(.EINVAL) }
        driver[enclave!].attributesMask.insert(.provisionKey)
        driver.leaveIoctl(enclave!)
        result = .success(())
        return .finished
      }
    } catch {
      if let enclave { driver.leaveIoctl(enclave) }
      return error.end(&result)
    }
  }

  private mutating func enter(_ driver: inout Driver, _ environment: inout Environment) throws(CallStop) {
    let enclave = try driver.enterIoctl(descriptor, of: process)
    self.enclave = enclave
    try driver.copy(.argument, isAccessible: request.argumentIsReadable, &environment)
  }
}
