/// One row of the registry: what is known of a call before it is made.
public struct CallRow: Sendable {
  public let name: OperationName
  /// The word for it in traces, reports and scenarios.
  public let word: String
  /// Its number, where it is an ioctl of `/dev/sgx_enclave`; the size of its argument is in it.
  public let ioctl: EnclaveIoctl?
  /// Bytes of what the argument points to: a SECS, a SECINFO, a SIGSTRUCT; 0 where it points to nothing.
  public let pointedSize: Int
  /// What each such call costs of a script's fuel; `DriverCall.work` adds what depends on the request.
  public let fuel: UInt64
  /// It may answer ERESTARTSYS, and is then made again from its beginning.
  public let isRestartable: Bool
  /// It asks on its way whether a signal is pending.
  public let isInterruptible: Bool
}

/// Every call, a row each, in the order of `OperationName`.
public enum CallRegistry {
  public static let rows: [CallRow] = [
    CallRow(name: .open, word: "open", ioctl: nil, pointedSize: 0, fuel: 150, isRestartable: false, isInterruptible: false),
    CallRow(
      name: .create, word: "create", ioctl: .SGX_IOC_ENCLAVE_CREATE, pointedSize: 4096, fuel: 150, isRestartable: true, isInterruptible: true),
    CallRow(
      name: .addPages, word: "add_pages", ioctl: .SGX_IOC_ENCLAVE_ADD_PAGES, pointedSize: 64, fuel: 150, isRestartable: true,
      isInterruptible: true),
    // A signature is some 50 us of work.
    CallRow(
      name: .initialize, word: "init", ioctl: .SGX_IOC_ENCLAVE_INIT, pointedSize: 1808, fuel: 4100, isRestartable: true, isInterruptible: true),
    CallRow(
      name: .provision, word: "provision", ioctl: .SGX_IOC_ENCLAVE_PROVISION, pointedSize: 0, fuel: 150, isRestartable: false,
      isInterruptible: false),
    CallRow(name: .close, word: "close", ioctl: nil, pointedSize: 0, fuel: 150, isRestartable: false, isInterruptible: false),
    CallRow(name: .unknownIoctl, word: "ioctl", ioctl: nil, pointedSize: 0, fuel: 150, isRestartable: false, isInterruptible: false),
    // A signal while the notifier is registered is EINTR, never a restart.
    CallRow(name: .mmap, word: "mmap", ioctl: nil, pointedSize: 0, fuel: 150, isRestartable: false, isInterruptible: true),
    CallRow(name: .mprotect, word: "mprotect", ioctl: nil, pointedSize: 0, fuel: 150, isRestartable: false, isInterruptible: false),
    CallRow(name: .munmap, word: "munmap", ioctl: nil, pointedSize: 0, fuel: 150, isRestartable: false, isInterruptible: false),
    CallRow(name: .access, word: "access", ioctl: nil, pointedSize: 0, fuel: 160, isRestartable: false, isInterruptible: false),
    CallRow(name: .reclaim, word: "reclaim", ioctl: nil, pointedSize: 0, fuel: 150, isRestartable: false, isInterruptible: false),
  ]
}

extension OperationName {
  public var row: CallRow { CallRegistry.rows[Int(rawValue)] }
}
