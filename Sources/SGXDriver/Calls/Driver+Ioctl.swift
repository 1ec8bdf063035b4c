import LinuxKernel
import SGXArchitecture
import Simulation

extension Driver {
  /// Enters an ioctl (ioctl.c, sgx_ioctl): the IOCTL bit is taken before the command is even looked at, and never waited for.
  ///
  /// An enclave that is dead, or known to be lost where the version remembers that, is refused next. The bit is given back then.
  /// A file without an ioctl of its own, as that of `/dev/sgx_provision`, says ENOTTY to each (fs/ioctl.c, vfs_ioctl).
  mutating func enterIoctl(_ descriptor: FileDescriptor, of process: ProcessID) throws(CallStop) -> EnclaveID {
    guard let file = openFile(descriptor, of: process) else { throw .errno(.EBADF) }
    guard let enclave = file.enclave else { throw .errno(.ENOTTY) }
    guard !self[enclave].ioctlInFlight else { throw .errno(.EBUSY) }
    self[enclave].ioctlInFlight = true
    if let refusal = self[enclave].refusal {
      leaveIoctl(enclave)
      throw .errno(refusal)
    }
    return enclave
  }

  mutating func leaveIoctl(_ enclave: EnclaveID) {
    if !self[enclave].ioctlInFlight { BenchLaw.broken(.ioctlBit) }
    self[enclave].ioctlInFlight = false
    if self[enclave].isClosedInsideIoctl, let file = files.firstIndex(where: { $0?.enclave == enclave }) { abandonIfUnused(file) }
  }

  /// Copies an argument in or out: EFAULT where that cannot be.
  func copy(_ kind: UserCopyKind, isAccessible: Bool, _ environment: inout Environment) throws(CallStop) {
    do throws(Errno) { try UserMemory.copy(kind, isAccessible: isAccessible, &environment) } catch { throw .errno(error) }
  }

  /// Copies bytes in from where an argument points to: EFAULT where one of them cannot be read.
  func copyIn(
    _ kind: UserCopyKind, from address: UserAddress, count: Int, of process: ProcessID, _ environment: inout Environment
  ) throws(CallStop) -> [UInt8] {
    let bytes = processes[process.rawValue].read(address, count: count)
    try copy(kind, isAccessible: bytes != nil, &environment)
    return bytes ?? []
  }

  /// Fails where memory for `kind` is not to be had.
  func allocate(_ kind: AllocationKind, _ environment: inout Environment) throws(CallStop) {
    if case .noMemory? = environment.visit(.allocation(kind)) { throw .errno(.ENOMEM) }
  }
}

extension Enclave {
  /// What every ioctl answers, once the enclave can do nothing more: EFAULT of a dead one, EIO of one known to be lost.
  fileprivate var refusal: Errno? {
    switch state {
    case .dead: .EFAULT
    case .empty, .created, .initialized: isKnownLost ? .EIO : nil
    }
  }
}
