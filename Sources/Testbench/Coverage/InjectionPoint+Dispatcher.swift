import SGXDriver
import Simulation

extension InjectionPoint {
  /// Any ioctl, whatever its command, open and mmap.
  static let dispatcher: [InjectionPoint] = [
    InjectionPoint(
      "D1", "another ioctl is in flight on the same enclave", "EBUSY", evidence: "an ioctl that says EBUSY without a look at its argument"
    ) { $0.answered(.EBUSY) && $0.call.operation.isIoctl && $0.count == nil },
    InjectionPoint(
      "D2", "the command is unknown, or carries another size", "ENOTTY", evidence: "an ioctl that says ENOTTY"
    ) { $0.answered(.ENOTTY) },
    InjectionPoint(
      "D3", "v39 has destroyed the enclave", "EFAULT", evidence: "an ioctl on a dead enclave that says EFAULT"
    ) { $0.answered(.EFAULT) && $0.call.operation.isIoctl && $0.call.stateBefore == .dead },
    InjectionPoint(
      "O1", "no memory for the enclave object", "ENOMEM", evidence: "an open that says ENOMEM after allocation:enclave was struck"
    ) { $0.call.operation.name == .open && $0.answered(.ENOMEM) && $0.lacked(.enclave) },
    InjectionPoint(
      "O2", "no memory for the enclave's SRCU", "ENOMEM", evidence: "an open that says ENOMEM after allocation:srcu was struck"
    ) { $0.call.operation.name == .open && $0.answered(.ENOMEM) && $0.lacked(.srcu) },
    InjectionPoint(
      "O3", "EUPDATESVN refuses the first user of SGX (6.19 and later)", "EAGAIN, or EIO with a warning",
      evidence: "an open that fails after EUPDATESVN did not say that it was done or that there was nothing to do"
    ) { $0.call.operation.name == .open && ($0.answered(.EAGAIN) || $0.answered(.EIO)) && $0.refused(.EUPDATESVN) },
    InjectionPoint(
      "M1", "mmap: no memory for what ties the address space to the enclave", "ENOMEM",
      evidence: "an mmap that says ENOMEM after allocation:enclave_mm was struck"
    ) { $0.call.operation.name == .mmap && $0.answered(.ENOMEM) && $0.lacked(.enclaveMM) },
    InjectionPoint(
      "M2", "mmap: the address space's notifier cannot be registered", "ENOMEM; EINTR where a signal is pending",
      evidence: "an mmap that says ENOMEM after allocation:notifier was struck, or EINTR"
    ) { evidence in
      evidence.call.operation.name == .mmap
        && (evidence.answered(.ENOMEM) && evidence.lacked(.notifier) || evidence.answered(.EINTR))
    },
  ]
}

extension Operation {
  /// Made on the descriptor of an enclave, by a command word.
  var isIoctl: Bool { name.row.ioctl != nil || name == .unknownIoctl }
}
