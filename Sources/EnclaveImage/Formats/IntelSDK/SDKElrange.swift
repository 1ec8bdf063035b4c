import SGXArchitecture

/// An enclave whose range is larger than its image and fixed in the address space: versions 11, 12 and 13 (linux-sgx, `loader.cpp`,
/// set_elrange_config). From the loader's source; no image with it is known.
struct SDKElrange {
  /// SECS.SIZE.
  let size: UInt64
  /// From the enclave's base to the image.
  let delta: UInt64

  init?(_ metadata: SDKMetadata, imageSize: UInt64) throws(ImageRefusal) {
    guard metadata.version.major > 10 else { return nil }
    let directory = try metadata.directory(2, "ELRANGE", entrySize: 24)
    try metadata.bytes.demand(
      directory.count == 24, at: 1892, "metadata: directory ELRANGE: size", found: directory.count, allowed: "24")
    let image = try directory.u64(0, "ELRANGE: enclave_image_address")
    let start = try directory.u64(8, "ELRANGE: elrange_start_address")
    size = try directory.u64(16, "ELRANGE: elrange_size")
    delta = image.minus(start)
    try directory.demand(
      size.isPowerOfTwo, at: 16, "ELRANGE: elrange_size", found: size, allowed: "a power of two")
    try directory.demand(
      start % size == 0, at: 8, "ELRANGE: elrange_start_address", found: start, allowed: "a multiple of elrange_size, \(size.hex)")
    try directory.demand(
      image >= start && image.isPageAligned, at: 0, "ELRANGE: enclave_image_address", found: image,
      allowed: "a multiple of 0x1000, not below \(start.hex)")
    try directory.demand(
      delta.plus(imageSize) <= size, at: 0, "ELRANGE: enclave_image_address", found: image,
      allowed: "an address with room for the image's \(imageSize.hex) bytes in \(size.hex) from \(start.hex)")
  }
}
