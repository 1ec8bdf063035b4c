import Simulation

/// Error numbers of Linux (asm-generic/errno-base.h and errno.h) that the driver answers with.
public enum Errno: Int32, CaseIterable, Error, Sendable {
  case EPERM = 1
  case ENOENT = 2
  case EINTR = 4
  case EIO = 5
  case EBADF = 9
  case EAGAIN = 11
  case ENOMEM = 12
  case EACCES = 13
  case EFAULT = 14
  case EBUSY = 16
  case ENODEV = 19
  case EINVAL = 22
  case ENFILE = 23
  case EMFILE = 24
  case ENOTTY = 25
  case ENOSPC = 28

  public var name: String { String(describing: self) }
}

/// What the kernel side of a call returned in place of 0: an errno, the request to be called again, or what a driver let slip.
public enum KernelError: Error, Hashable, Sendable {
  case errno(Errno)
  /// ERESTARTSYS, which the signal layer turns into a restart or EINTR; user space never sees it.
  case restart
  /// A positive number that a driver let through.
  case positive(UInt32)
  /// Whatever the variable held that nobody had written to.
  case uninitialised

  /// Value as the kernel returns it inside: -errno, -512, a positive number; for a value nobody wrote, one that no call returns.
  public var returnValue: Int32 {
    switch self {
    case .errno(let errno): -errno.rawValue
    case .restart: -512
    case .positive(let number): Int32(bitPattern: number)
    case .uninitialised: .min
    }
  }
}
