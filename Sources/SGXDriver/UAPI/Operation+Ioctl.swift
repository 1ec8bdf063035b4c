import LinuxKernel
import SGXArchitecture

extension Operation {
  /// ioctl(2) on a descriptor, with the bytes of its argument: the entrance for front ends that speak the kernel's own tongue.
  ///
  /// The whole command word counts, the size in it included: another size is another command, ENOTTY. What stands behind the struct is
  /// not looked at; a struct that ends too early is EFAULT, where the kernel copies it. Pointers in it are addresses of the process.
  ///
  /// - Parameter argument: the bytes that the third argument points to; nil for a null pointer.
  public static func ioctl(
    command: UInt32, argument: [UInt8]?, descriptor: FileDescriptor, process: ProcessID
  ) -> Operation {
    guard let ioctl = EnclaveIoctl(rawValue: command) else {
      return .unknownIoctl(UnknownIoctlCall(process: process, descriptor: descriptor, command: command))
    }
    let isReadable = argument.map { $0.count >= ioctl.argumentSize } ?? false
    // What the kernel cannot read it does not look at.
    let bytes = isReadable ? argument ?? [] : [UInt8](repeating: 0, count: ioctl.argumentSize)
    switch ioctl {
    case .SGX_IOC_ENCLAVE_CREATE:
      let request = CreateRequest(EnclaveCreateArgument(bytes), isReadable: isReadable)
      return .create(CreateCall(process: process, descriptor: descriptor, request: request))
    case .SGX_IOC_ENCLAVE_ADD_PAGES:
      let request = AddPagesRequest(EnclaveAddPagesArgument(bytes), bytes: bytes, isReadable: isReadable)
      return .addPages(AddPagesCall(process: process, descriptor: descriptor, request: request))
    case .SGX_IOC_ENCLAVE_INIT:
      let request = InitRequest(EnclaveInitArgument(bytes), isReadable: isReadable)
      return .initialize(InitCall(process: process, descriptor: descriptor, request: request))
    case .SGX_IOC_ENCLAVE_PROVISION:
      let request = ProvisionRequest(EnclaveProvisionArgument(bytes), isReadable: isReadable)
      return .provision(ProvisionCall(process: process, descriptor: descriptor, request: request))
    case .SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, .SGX_IOC_ENCLAVE_MODIFY_TYPES, .SGX_IOC_ENCLAVE_REMOVE_PAGES:
      return .unknownIoctl(
        UnknownIoctlCall(process: process, descriptor: descriptor, command: command, argumentIsReadable: isReadable))
    }
  }
}

extension CreateRequest {
  init(_ argument: EnclaveCreateArgument, isReadable: Bool) {
    self.init(secs: SECS(size: 0, baseAddress: LinearAddress(0)))
    secsAddress = argument.src
    argumentIsReadable = isReadable
  }
}

extension InitRequest {
  init(_ argument: EnclaveInitArgument, isReadable: Bool) {
    self.init(sigStruct: SigStruct())
    sigStructAddress = argument.sigstruct
    argumentIsReadable = isReadable
  }
}

extension ProvisionRequest {
  init(_ argument: EnclaveProvisionArgument, isReadable: Bool) {
    self.init(fd: argument.fd)
    argumentIsReadable = isReadable
  }
}

extension AddPagesRequest {
  init(_ argument: EnclaveAddPagesArgument, bytes: [UInt8], isReadable: Bool) {
    self.init(
      source: argument.src, enclaveOffset: argument.offset, length: argument.length, secInfo: SecInfo(flags: 0), flags: argument.flags)
    secInfoAddress = argument.secinfo
    argumentBytes = bytes
    if !isReadable { self.argument = .unreadable }
  }
}

extension SecInfo {
  /// The 64 bytes.
  init(_ bytes: [UInt8]) {
    self.init(flags: bytes.load(UInt64.self, at: 0))
    for offset in 8..<Self.size where bytes[offset] != 0 { reserved.setByte(offset - 8, to: bytes[offset]) }
  }
}
