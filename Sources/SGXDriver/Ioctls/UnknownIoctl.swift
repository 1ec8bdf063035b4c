import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// An ioctl with a command word the driver does not know, or knows but is given no argument for.
public struct UnknownIoctlCall: DriverCall {
  public let process: ProcessID
  public let descriptor: FileDescriptor
  public let command: UInt32
  public private(set) var result: Result<Void, KernelError>?

  public init(process: ProcessID, descriptor: FileDescriptor, command: UInt32) {
    self.process = process
    self.descriptor = descriptor
    self.command = command
  }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    do throws(CallStop) {
      let enclave = try driver.enterIoctl(descriptor, of: process)
      defer { driver.leaveIoctl(enclave) }
      result = .failure(.errno(answer(for: driver[enclave], driver.version, processor.profile)))
    } catch {
      switch error {
      case .error(let error): result = .failure(error)
      case .finding(let finding): return .stopped(finding)
      }
    }
    return .finished
  }

  /// A known command comes with a null pointer here, which is looked at only after the state.
  private func answer(for enclave: Enclave, _ version: DriverVersion, _ profile: ProcessorProfile) -> Errno {
    switch EnclaveIoctl(rawValue: command) {
    case nil: return .ENOTTY
    case .SGX_IOC_ENCLAVE_CREATE: return enclave.state.allowsCreate ? .EFAULT : .EINVAL
    case .SGX_IOC_ENCLAVE_ADD_PAGES: return enclave.state.allowsAddPages ? .EFAULT : .EINVAL
    case .SGX_IOC_ENCLAVE_INIT: return enclave.state.allowsInit ? .EFAULT : .EINVAL
    case .SGX_IOC_ENCLAVE_PROVISION: return .EFAULT
    case .SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS?, .SGX_IOC_ENCLAVE_MODIFY_TYPES?, .SGX_IOC_ENCLAVE_REMOVE_PAGES?:
      guard version.hasSGX2Ioctls else { return .ENOTTY }
      guard profile.hasSGX2 else { return .ENODEV }
      switch enclave.state {
      case .initialized: return .EFAULT
      case .empty, .created, .dead: return .EINVAL
      }
    }
  }
}
