import LinuxKernel
import SGXArchitecture

/// What SGX_IOC_ENCLAVE_ADD_PAGES is asked (struct sgx_enclave_add_pages, uapi/asm/sgx.h).
public struct AddPagesRequest: Sendable {
  /// First byte of the contents.
  public var source: UserAddress
  /// Where the first page goes, counted from the enclave's base.
  public var enclaveOffset: EnclaveOffset
  /// Bytes; a multiple of 4096.
  public var length: ByteCount
  /// One for all pages of the call.
  public var secInfo: SecInfo
  /// Bit 0 is SGX_PAGE_MEASURE.
  public var flags: UInt64
  /// Whether the argument can be read, and written back to.
  public var argument = ArgumentAccess.readWrite
  public var secInfoIsReadable = true
  /// Where the SECINFO lies, if the kernel is to read it from there; `secInfo` is then what it finds.
  var secInfoAddress: UserAddress?
  /// The argument's bytes, where the call was made of them: they go back with the count.
  var argumentBytes: [UInt8]?

  public static let measure: UInt64 = 1
  /// Bytes after which v39 stops (SGX_MAX_ADD_PAGES_LENGTH).
  package static let cap: UInt64 = 0x10_0000

  public init(
    source: UserAddress, enclaveOffset: EnclaveOffset, length: ByteCount, secInfo: SecInfo, flags: UInt64 = measure
  ) {
    self.source = source
    self.enclaveOffset = enclaveOffset
    self.length = length
    self.secInfo = secInfo
    self.flags = flags
  }
}

/// What user space lets the kernel do with the struct it passes.
public enum ArgumentAccess: Hashable, Sendable { case readWrite, unreadable, readOnly }

extension AddPagesRequest {
  /// The entry checks in order, up to the range (ioctl.c, sgx_ioc_enclave_add_pages; sgx_validate_offset_length in 6.1).
  func checkRange(enclaveSize: UInt64, _ version: DriverVersion) throws(CallStop) {
    guard source.isPageAligned, enclaveOffset.isPageAligned else { throw .errno(.EINVAL) }
    if version.addChecksSourceAddress, source.rawValue > AddressSpace.end.rawValue - pageSize { throw .errno(.EFAULT) }
    guard length.rawValue % pageSize == 0 else { throw .errno(.EINVAL) }
    guard length.rawValue > 0 || version.addZeroLengthIsUninitialised else { throw .errno(.EINVAL) }
    let (end, overflows) = enclaveOffset.rawValue.addingReportingOverflow(length.rawValue)
    guard !overflows || version.rangeCheckWraps else { throw .errno(.EINVAL) }
    guard end &- pageSize < enclaveSize else { throw .errno(.EINVAL) }
  }

  /// SECINFO as the driver wants it (ioctl.c, sgx_validate_secinfo).
  func checkSecInfo() throws(CallStop) {
    let permissions = secInfo.permissions
    guard secInfo.type == .reg || secInfo.type == .tcs else { throw .errno(.EINVAL) }
    guard permissions.contains(.read) || !permissions.contains(.write) else { throw .errno(.EINVAL) }
    guard secInfo.type != .tcs || permissions.isEmpty else { throw .errno(.EINVAL) }
    guard secInfo.flags & ~0xff07 == 0, secInfo.reserved.isZero else { throw .errno(.EINVAL) }
  }
}
