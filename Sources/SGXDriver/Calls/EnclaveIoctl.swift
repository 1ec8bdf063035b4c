/// ioctl numbers of `/dev/sgx_enclave` (arch/x86/include/uapi/asm/sgx.h); the whole word counts, size included.
public enum EnclaveIoctl: UInt32, CaseIterable, Sendable {
  case SGX_IOC_ENCLAVE_CREATE = 0x4008_A400
  case SGX_IOC_ENCLAVE_ADD_PAGES = 0xC030_A401
  case SGX_IOC_ENCLAVE_INIT = 0x4008_A402
  case SGX_IOC_ENCLAVE_PROVISION = 0x4008_A403
  case SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS = 0xC028_A405
  case SGX_IOC_ENCLAVE_MODIFY_TYPES = 0xC028_A406
  case SGX_IOC_ENCLAVE_REMOVE_PAGES = 0xC018_A407

  public var name: String { String(describing: self) }

  /// Bytes of its argument (_IOC_SIZE).
  public var argumentSize: Int { Int(rawValue >> 16 & 0x3fff) }

  /// The kernel writes the argument back (_IOC_READ).
  public var writesBack: Bool { rawValue >> 31 == 1 }

  /// Whether there is a call for it; the others end the run where they would have something to do.
  public var isBuilt: Bool { CallRegistry.rows.contains { $0.ioctl == self } }
}
