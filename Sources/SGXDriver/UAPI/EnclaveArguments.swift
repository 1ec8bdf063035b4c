import LinuxKernel
import SGXArchitecture

/// The structs that the ioctls of `/dev/sgx_enclave` take (uapi/asm/sgx.h), read from bytes and written back, here and nowhere else.
///
/// Fields stand in the order and at the offsets of the header; numbers are little-endian.
protocol IoctlArgument {
  static var size: Int { get }
  /// Reads the struct; there are at least `size` bytes.
  init(_ bytes: [UInt8])
}

/// struct sgx_enclave_create.
struct EnclaveCreateArgument: IoctlArgument {
  static let size = 8
  /// Where the SECS lies.
  let src: UserAddress

  init(_ bytes: [UInt8]) { src = UserAddress(bytes.load(UInt64.self, at: 0)) }
}

/// struct sgx_enclave_add_pages.
struct EnclaveAddPagesArgument: IoctlArgument {
  static let size = 48
  let src: UserAddress
  let offset: EnclaveOffset
  let length: ByteCount
  /// Where the SECINFO lies.
  let secinfo: UserAddress
  let flags: UInt64
  /// Where `count` stands, the one field that is written.
  private static let countOffset = 40

  init(_ bytes: [UInt8]) {
    src = UserAddress(bytes.load(UInt64.self, at: 0))
    offset = EnclaveOffset(bytes.load(UInt64.self, at: 8))
    length = ByteCount(bytes.load(UInt64.self, at: 16))
    secinfo = UserAddress(bytes.load(UInt64.self, at: 24))
    flags = bytes.load(UInt64.self, at: 32)
  }

  /// The struct as it goes back to user space, with what was added.
  static func bytes(_ bytes: [UInt8], count: ByteCount) -> [UInt8] {
    var bytes = bytes
    bytes.store(count.rawValue, at: countOffset)
    return bytes
  }
}

/// struct sgx_enclave_init.
struct EnclaveInitArgument: IoctlArgument {
  static let size = 8
  /// Where the SIGSTRUCT lies.
  let sigstruct: UserAddress

  init(_ bytes: [UInt8]) { sigstruct = UserAddress(bytes.load(UInt64.self, at: 0)) }
}

/// struct sgx_enclave_provision.
struct EnclaveProvisionArgument: IoctlArgument {
  static let size = 8
  let fd: UInt64

  init(_ bytes: [UInt8]) { fd = bytes.load(UInt64.self, at: 0) }
}
