import LinuxKernel
import SGXArchitecture

/// An open file of one of the driver's devices (`struct file`), shared by all descriptors that lead to it.
public struct OpenFile: Hashable, Sendable {
  public enum Device: Hashable, Sendable {
    /// `/dev/sgx_enclave`: one open is one enclave.
    case enclave(EnclaveID)
    /// `/dev/sgx_provision`: a descriptor of it is a proof of right, and that is all it can be used for.
    case provision
  }
  public let device: Device
  /// Descriptors that lead to it, in all processes together.
  public internal(set) var descriptors: Int

  /// The enclave it stands for; nil where it stands for none.
  public var enclave: EnclaveID? {
    switch device {
    case .enclave(let enclave): enclave
    case .provision: nil
    }
  }
}

extension Driver {
  /// The file behind a descriptor; nil where it is not open.
  public func openFile(_ descriptor: FileDescriptor, of process: ProcessID) -> OpenFile? {
    processes[process.rawValue].file(of: descriptor).flatMap { files[$0] }
  }

  /// Puts a file into the lowest free place and gives the process its first descriptor.
  mutating func open(_ device: OpenFile.Device, for process: ProcessID) -> FileDescriptor {
    let file = files.firstIndex { $0 == nil } ?? files.endIndex
    let new = OpenFile(device: device, descriptors: 1)
    if file == files.endIndex { files.append(new) } else { files[file] = new }
    return processes[process.rawValue].open(file)
  }

  /// open of `/dev/sgx_provision`. Its file_operations name an owner and nothing else (main.c, sgx_provision_fops), so the
  /// driver is not asked and only the process's limit can refuse: nil is EMFILE.
  public mutating func openProvision(for process: ProcessID) -> FileDescriptor? {
    processes[process.rawValue].hasTooManyDescriptors ? nil : open(.provision, for: process)
  }

  /// Descriptors that are open, in ascending order.
  public func openDescriptors(of process: ProcessID) -> [FileDescriptor] {
    processes[process.rawValue].descriptors.indices
      .filter { processes[process.rawValue].descriptors[$0] != nil }
      .map { FileDescriptor(Int32($0 + 3)) }
  }

  /// A second descriptor for the same file: dup, or for `other` the one that a message over a socket brings (SCM_RIGHTS).
  /// Nil where the first is not open, or the receiver has as many descriptors as it may.
  public mutating func duplicate(
    _ descriptor: FileDescriptor, in process: ProcessID, for other: ProcessID? = nil
  ) -> FileDescriptor? {
    let receiver = other ?? process
    guard let file = processes[process.rawValue].file(of: descriptor), !processes[receiver.rawValue].hasTooManyDescriptors else {
      return nil
    }
    files[file]?.descriptors += 1
    return processes[receiver.rawValue].open(file)
  }
}
