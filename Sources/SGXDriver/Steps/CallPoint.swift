import LinuxKernel

/// Where a call stands between two steps: what its next step does, and what it holds meanwhile. A row of Docs/Steps.md.
///
/// Each call says where it stands (`DriverCall.point`) beside its phases, so that the page cannot say what the code does not: a test runs
/// the calls and compares what is held at each boundary.
public struct CallPoint: Hashable, Sendable {
  public let name: String
  /// What the step that begins here does.
  public let does: String
  /// What is held here, the outermost first.
  public let held: [StepLock]
  /// What the step takes, and may have to wait for. Given back in it, unless the next row still has it.
  public let takes: [StepLock]
  /// Linux may sleep in it for more than a lock: user memory, allocation with reclaim, the backing store, a pause.
  public let maySleep: Bool

  init(_ name: String, _ does: String, held: [StepLock] = [], takes: [StepLock] = [], sleeps maySleep: Bool = false) {
    self.name = name
    self.does = does
    self.held = held
    self.takes = takes
    self.maySleep = maySleep
  }
}

/// A lock as the page of steps names it.
public enum StepLock: String, CaseIterable, Sendable {
  case devices = "misc_mtx"
  case users = "sgx_svn_lock"
  case walk = "encl->srcu"
  case readers = "encl->srcu (all readers gone)"
  case memoryRead = "mmap_lock (read)"
  case memoryWrite = "mmap_lock (write)"
  case enclave = "encl->lock"

  public var lockClass: LockName.Class {
    switch self {
    case .devices: .misc
    case .users: .svn
    case .walk, .readers: .enclaveSRCU
    case .memoryRead, .memoryWrite: .mmap
    case .enclave: .enclave
    }
  }
}

extension Operation {
  /// Where the call stands.
  public var point: CallPoint { look(PointVisitor()) }
}

private struct PointVisitor: CallVisitor {
  func visit<Call: DriverCall>(_ call: inout Call) -> CallPoint { call.point }
}

/// Every call with its points, in the order of a call's life.
public enum StepTable {
  public static let sections: [(title: String, source: String, points: [CallPoint])] = [
    ("open", "driver.c, sgx_open", OpenCall.points),
    ("SGX_IOC_ENCLAVE_CREATE", "ioctl.c, sgx_ioc_enclave_create", CreateCall.points),
    ("SGX_IOC_ENCLAVE_ADD_PAGES", "ioctl.c, sgx_ioc_enclave_add_pages", AddPagesCall.points),
    ("SGX_IOC_ENCLAVE_INIT", "ioctl.c, sgx_ioc_enclave_init", InitCall.points),
    ("SGX_IOC_ENCLAVE_PROVISION", "ioctl.c, sgx_ioc_enclave_provision", ProvisionCall.points),
    ("Any other ioctl", "ioctl.c, sgx_ioctl", UnknownIoctlCall.points),
    ("mmap", "driver.c, sgx_mmap", MmapCall.points),
    ("mprotect", "mm/mprotect.c, do_mprotect_pkey; encl.c, sgx_vma_mprotect", MprotectCall.points),
    ("munmap", "mm/mmap.c, __vm_munmap", MunmapCall.points),
    ("Access and page fault", "encl.c, sgx_vma_fault", AccessCall.points),
    ("close, and release of an enclave", "driver.c, sgx_release; encl.c, sgx_encl_release", CloseCall.points),
    ("ksgxd", "main.c, ksgxd", ReclaimCall.points),
    ("A batch of the reclaimer: ksgxd's, or of CREATE and ADD_PAGES where no page is free", "main.c, sgx_reclaim_pages", ReclaimBatch.points),
  ]
}
