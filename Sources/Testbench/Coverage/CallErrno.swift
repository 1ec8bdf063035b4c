import SGXDriver
import Simulation

/// An errno that the sources name for a call, and where it comes from.
public struct CallErrno: Sendable {
  public let call: OperationName
  public let errno: String
  public let cause: String
  /// Why no scenario sees it, where none can.
  public let excuse: String?

  init(_ call: OperationName, _ errno: String, _ cause: String, excuse: String? = nil) {
    self.call = call
    self.errno = errno
    self.cause = cause
    self.excuse = excuse
  }

  /// In the order of the page.
  public static let all: [CallErrno] = [
    CallErrno(.open, "ENOENT", "the version's devices have other names; fs/namei.c, not the driver"),
    CallErrno(.open, "EACCES", "the device's mode and group do not allow it; fs/namei.c, not the driver"),
    CallErrno(.open, "ENOMEM", "no memory for the enclave (O1, O2)"),
    CallErrno(.open, "EAGAIN", "EUPDATESVN found too little entropy ten times; 6.19 and later (O3)"),
    CallErrno(.open, "EIO", "EUPDATESVN said anything else; 6.19 and later (O3)"),
    CallErrno(.open, "EMFILE", "the process has too many descriptors; fs/file.c, not the driver"),
    CallErrno(.open, "ENFILE", "the system has too many open files; fs/file_table.c, not the driver",
      excuse: "the model's limit is 32,768 enclaves, which a scenario's fuel does not reach; a test of open does"),

    CallErrno(.create, "EBADF", "no such descriptor; fs/ioctl.c, not the driver"),
    CallErrno(.create, "EBUSY", "another ioctl is in flight (D1)"),
    CallErrno(.create, "EINVAL", "created before; bad size (C4, C8); what v39 checks itself"),
    CallErrno(.create, "EFAULT", "argument or SECS cannot be read (C1, C3); EPA faulted (C7)"),
    CallErrno(.create, "ENOMEM", "no memory, or no page of EPC (C2, C5, C6, C8, C9)"),
    CallErrno(.create, "EINTR", "a signal while pages could be evicted (C6, C9)"),
    CallErrno(.create, "restart", "the same, with SA_RESTART or without a handler (C6, C9)"),
    CallErrno(.create, "EIO", "ECREATE faulted (C10)"),
    CallErrno(.create, "a leaf's answer", "v39: ECREATE faulted, and the positive number came through (C10)"),
    CallErrno(.create, "ENFILE", "shmem has no file for the backing (C8)",
      excuse: "the model's backing file fails with ENOMEM or, for its size, with EINVAL"),
    CallErrno(.create, "ENOSPC", "shmem has no inode for the backing (C8)",
      excuse: "the model's backing file fails with ENOMEM or, for its size, with EINVAL"),

    CallErrno(.addPages, "EBUSY", "another ioctl is in flight (D1); the page is there (A10)"),
    CallErrno(.addPages, "EINVAL", "the wrong moment; offset, length, range or SECINFO"),
    CallErrno(.addPages, "EFAULT", "argument, SECINFO, source or write-back (A1, A2, A12, A14, A20); EPA (A9)"),
    CallErrno(.addPages, "ENOMEM", "no memory, or no page of EPC (A5, A6, A9, A11)"),
    CallErrno(.addPages, "EINTR", "a signal before the first page (A3), or while one is to be evicted (A7)"),
    CallErrno(.addPages, "restart", "the same, with SA_RESTART or without a handler (A3, A7)"),
    CallErrno(.addPages, "EACCES", "the source may never become executable (A13)"),
    CallErrno(.addPages, "EIO", "EADD or EEXTEND faulted (A15 to A18)"),
    CallErrno(.addPages, "uninitialised", "v39: no bytes, at an offset behind the first page"),

    CallErrno(.initialize, "EBUSY", "another ioctl is in flight (D1)"),
    CallErrno(.initialize, "EINVAL", "the wrong moment; the vendor (I3); reserved bits under the masks (I5)"),
    CallErrno(.initialize, "EFAULT", "argument or SIGSTRUCT cannot be read (I1)"),
    CallErrno(.initialize, "ENOMEM", "no memory for the SIGSTRUCT (I2) or, before 6.16, for the hash of the key (I6)"),
    CallErrno(.initialize, "ENOENT", "before 6.16: the kernel has no SHA-256 (I6)", excuse: "the model's kernel has SHA-256"),
    CallErrno(.initialize, "EACCES", "an attribute that needs the provisioning right (I4)"),
    CallErrno(.initialize, "EINTR", "a signal during a sleep (I9)"),
    CallErrno(.initialize, "restart", "the same, with SA_RESTART or without a handler (I9)"),
    CallErrno(.initialize, "EIO", "EINIT faulted (I11, I12)"),
    CallErrno(.initialize, "EPERM", "EINIT says no (I10), or never got to its end (I8)"),

    CallErrno(.provision, "EBUSY", "another ioctl is in flight (D1)"),
    CallErrno(.provision, "EINVAL", "the descriptor is not open, or not the provision device's"),
    CallErrno(.provision, "EFAULT", "the argument cannot be read"),
    CallErrno(.provision, "EIO", "`reviewed`: the enclave is known to be lost (R24)"),

    CallErrno(.unknownIoctl, "ENOTTY", "no such command, or another size (D2)"),
    CallErrno(.unknownIoctl, "EBUSY", "another ioctl is in flight (D1)"),
    CallErrno(.unknownIoctl, "EINVAL", "a known command without an argument, at the wrong moment"),
    CallErrno(.unknownIoctl, "EFAULT", "a known command without an argument"),
    CallErrno(.unknownIoctl, "ENODEV", "an SGX2 ioctl on a processor without SGX2"),
    CallErrno(.unknownIoctl, "EIO", "`reviewed`: the enclave is known to be lost (R24)"),

    CallErrno(.mmap, "EINVAL", "MAP_PRIVATE; v39: the enclave is dead"),
    CallErrno(.mmap, "EACCES", "rights beyond a page's own; outside an initialised enclave; READ_IMPLIES_EXEC"),
    CallErrno(.mmap, "ENOMEM", "no memory for the entry of the address space, or for its notifier (M1, M2); more mappings than vm.max_map_count"),
    CallErrno(.mmap, "EINTR", "a signal while the notifier is registered (M2)"),
    CallErrno(.mmap, "EPERM", "below vm.mmap_min_addr; executable from a noexec mount; mm/mmap.c, not the driver"),

    CallErrno(.mprotect, "EACCES", "rights beyond a page's own; executable, of a device on a noexec mount"),
    CallErrno(.mprotect, "ENOMEM", "more mappings than vm.max_map_count; mm/mmap.c, not the driver"),
    CallErrno(.munmap, "ENOMEM", "a hole would make more mappings than vm.max_map_count; mm/mmap.c, not the driver"),

    CallErrno(.access, "restart", "another thread adds the page or writes it out: the access faults again; encl.c, sgx_vma_fault"),
  ]
}
