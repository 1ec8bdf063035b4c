import LinuxKernel
import SGXArchitecture

extension Device {
  /// `/dev/sgx_enclave`: one open is one enclave.
  public static let enclave = Device(0)
  /// `/dev/sgx_provision`: a descriptor of it is a proof of right, and that is all it can be used for.
  public static let provision = Device(1)
}

extension DeviceFileSystem {
  /// As distributions set it up: mode 0660, a group for each device (udev's rules for `sgx_enclave` and `sgx_provision`).
  public static let usual = DeviceFileSystem(nodes: [.enclave: DeviceNode(group: "sgx"), .provision: DeviceNode(group: "sgx_prv")])
}

extension OpenFile {
  /// The enclave it stands for; nil where it stands for none.
  public var enclave: EnclaveID? { device == .enclave ? EnclaveID(object) : nil }
}

/// The kernel's own, by shorter names.
extension Driver {
  public var processes: [Process] {
    _read { yield kernel.processes }
    _modify { yield &kernel.processes }
  }

  public internal(set) var files: [OpenFile?] {
    _read { yield kernel.files }
    _modify { yield &kernel.files }
  }

  public internal(set) var log: KernelLog {
    _read { yield kernel.log }
    _modify { yield &kernel.log }
  }

  /// The file behind a descriptor; nil where it is not open.
  public func openFile(_ descriptor: FileDescriptor, of process: ProcessID) -> OpenFile? { kernel.openFile(descriptor, of: process) }

  /// open of `/dev/sgx_provision`. Its file_operations name an owner and nothing else (main.c, sgx_provision_fops), so the
  /// driver is not asked: only the process's limit can refuse, EMFILE, and the file's mode, EACCES.
  public mutating func openProvision(for process: ProcessID, path: DevicePath? = nil) -> Result<FileDescriptor, Errno> {
    if kernel.hasTooManyDescriptors(process) { return .failure(.EMFILE) }
    if let path, path != version.devicePath { return .failure(.ENOENT) }
    if !kernel.mayOpen(.provision, process) { return .failure(.EACCES) }
    return kernel.open(.provision, object: 0, for: process).map { .success($0) } ?? .failure(.EMFILE)
  }

  /// Descriptors that are open, in ascending order.
  public func openDescriptors(of process: ProcessID) -> [FileDescriptor] { processes[process.rawValue].descriptors.open }

  /// A second descriptor for the same file: dup, or for `other` the one that a message over a socket brings (SCM_RIGHTS).
  /// Nil where the first is not open, or the receiver has as many descriptors as it may.
  public mutating func duplicate(
    _ descriptor: FileDescriptor, in process: ProcessID, for other: ProcessID? = nil
  ) -> FileDescriptor? {
    kernel.duplicate(descriptor, in: process, for: other)
  }

  /// The process is gone; its descriptors are closed already.
  public mutating func end(_ process: ProcessID) {
    for index in enclaves.indices where enclaves[index]?.mappedBy.contains(process) == true {
      let place = enclaves[index]!.mappedBy.firstIndex(of: process)!
      enclaves[index]!.mappedBy.remove(at: place)
      enclaves[index]!.mappedBySerials.remove(at: place)
      if version.mappingHoldsReference { enclaves[index]!.references -= 1 }
    }
    for file in processes[process.rawValue].end() { abandonIfUnused(file) }
  }

  /// True once after the allocator has woken ksgxd.
  public mutating func takeReclaimerWakeUp() -> Bool {
    defer { hasWokenReclaimer = false }
    return hasWokenReclaimer
  }
}
