import SGXArchitecture
import SGXProcessor

extension SECS {
  /// The checks that v39's CREATE makes before any leaf runs, in its order; each violation is EINVAL (v39 12/24, sgx_validate_secs).
  /// Mainline leaves them to ECREATE.
  func validate(_ version: DriverVersion, _ profile: ProcessorProfile) throws(CallStop) {
    let reserved = ReservedBits(version, profile)
    let maxSizeLog2 = attributes.contains(.mode64Bit) ? profile.maxSizeLog2 : profile.maxSizeLog2For32Bit
    guard size >= 2 * pageSize, size.nonzeroBitCount == 1 else { throw .errno(.EINVAL) }
    guard baseAddress.rawValue & (size - 1) == 0 else { throw .errno(.EINVAL) }
    guard miscSelect.rawValue & reserved.miscSelect == 0, attributes.rawValue & reserved.attributes == 0,
      xfrm.rawValue & reserved.xfrm == 0
    else { throw .errno(.EINVAL) }
    guard size <= 1 << UInt64(maxSizeLog2) else { throw .errno(.EINVAL) }
    guard xfrm.rawValue & 3 == 3, xfrm.rawValue >> 3 & 1 == xfrm.rawValue >> 4 & 1 else { throw .errno(.EINVAL) }
    guard ssaFrameSize > 0, UInt64(ssaFrameSize) * pageSize >= ssaFrameNeeded else { throw .errno(.EINVAL) }
    guard reservedBytesSet.isEmpty, cetLegacyBitmapOffset == 0, cetAttributes == 0 else { throw .errno(.EINVAL) }
  }

  /// Bytes of one SSA frame: XSAVE area, MISC area, GPRSGX.
  private var ssaFrameNeeded: UInt64 { UInt64(xfrm.saveAreaSize + miscSelect.areaSize + gprAreaSize) }
}
