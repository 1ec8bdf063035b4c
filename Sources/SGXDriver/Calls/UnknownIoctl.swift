import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// An ioctl by its command word alone: one the driver does not know, or knows but is given no argument for, or knows and this bench
/// does not.
///
/// The calls that are built have types of their own. What is not built answers where Linux answers before it looks at the argument, or
/// cannot read it, and ends the run where there would be something to do: no errno is made up.
public struct UnknownIoctlCall: DriverCall {
  public static let name = OperationName.unknownIoctl
  public let process: ProcessID
  public let descriptor: FileDescriptor
  public let command: UInt32
  /// Whether there are bytes where the argument points to; a null pointer has none.
  public let argumentIsReadable: Bool
  public private(set) var result: Result<Void, KernelError>?

  public init(process: ProcessID, descriptor: FileDescriptor, command: UInt32, argumentIsReadable: Bool = false) {
    self.process = process
    self.descriptor = descriptor
    self.command = command
    self.argumentIsReadable = argumentIsReadable
  }

  public var subject: FileDescriptor? { descriptor }

  public var restarted: UnknownIoctlCall {
    UnknownIoctlCall(process: process, descriptor: descriptor, command: command, argumentIsReadable: argumentIsReadable)
  }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    do throws(CallStop) {
      let enclave = try driver.enterIoctl(descriptor, of: process)
      defer { driver.leaveIoctl(enclave) }
      guard let ioctl = EnclaveIoctl(rawValue: command) else { throw .errno(.ENOTTY) }
      try check(ioctl, driver[enclave].state, driver.version, processor.profile)
      try driver.copy(.argument, isAccessible: argumentIsReadable, &environment)
      throw .finding(.notModelled(ioctl))
    } catch {
      return error.end(&result)
    }
  }

  /// What the driver asks before it looks at the argument.
  private func check(
    _ ioctl: EnclaveIoctl, _ state: EnclaveState, _ version: DriverVersion, _ profile: ProcessorProfile
  ) throws(CallStop) {
    switch ioctl {
    case .SGX_IOC_ENCLAVE_CREATE: guard state.allowsCreate else { throw .errno(.EINVAL) }
    case .SGX_IOC_ENCLAVE_ADD_PAGES: guard state.allowsAddPages else { throw .errno(.EINVAL) }
    case .SGX_IOC_ENCLAVE_INIT: guard state.allowsInit else { throw .errno(.EINVAL) }
    case .SGX_IOC_ENCLAVE_PROVISION: break
    case .SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, .SGX_IOC_ENCLAVE_MODIFY_TYPES, .SGX_IOC_ENCLAVE_REMOVE_PAGES:
      guard version.hasSGX2Ioctls else { throw .errno(.ENOTTY) }
      guard profile.hasSGX2 else { throw .errno(.ENODEV) }
      guard state == .initialized else { throw .errno(.EINVAL) }
    }
  }
}
