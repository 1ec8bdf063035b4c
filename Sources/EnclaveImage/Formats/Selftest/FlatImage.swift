import SGXArchitecture

/// The flat image of older kernel selftests, and of programs made after them: pages as they are, the first of which is the TCS; all
/// measured, all others RWX.
enum FlatImage {
  /// A file has no mark of this format, so its first page must look like a TCS that can be entered.
  static func beginsWithTCS(_ bytes: ImageBytes) -> Bool {
    guard bytes.count.isPageAligned, bytes.count >= pageSize.times(2) else { return false }
    return holdsTCS(bytes, at: 0, size: bytes.count.nextPowerOfTwo)
  }

  /// Whether a page could be a TCS before EENTER: inactive, an SSA within the enclave, nothing in the reserved part.
  static func holdsTCS(_ bytes: ImageBytes, at page: UInt64, size: UInt64) -> Bool {
    func field(_ offset: Int) -> UInt64 { (try? bytes.u64(page.plus(UInt64(offset)), "")) ?? .max }
    guard bytes.contains(page, pageSize), field(TCS.state) == 0, field(TCS.aep) == 0 else { return false }
    let ossa = field(TCS.ossa)
    let frames = field(TCS.cssa)
    guard ossa > 0, ossa.isPageAligned, ossa < size, frames.bits(0, 32) == 0, frames.bits(32, 32) > 0 else { return false }
    guard field(TCS.oentry) < size else { return false }
    return bytes.isZero(at: page.plus(UInt64(TCS.reserved)), count: pageSize.minus(UInt64(TCS.reserved)))
  }

  static func read(_ bytes: ImageBytes) throws(ImageRefusal) -> EnclaveImage {
    var builder = try LoadPlanBuilder(bytes, EnclaveParameters(size: bytes.count.nextPowerOfTwo), sizeOrigin: 0)
    try builder.add(at: 0, pages: 1, flags: 0x100, .consecutive(bytes.block, offset: 0), .all, .tcs, origin: 0)
    try builder.add(
      at: pageSize, pages: bytes.count.pagesNeeded.minus(1), flags: 0x207, .consecutive(bytes.block, offset: Int(pageSize)), .all, .page,
      origin: pageSize)
    return EnclaveImage(name: bytes.file, format: .flat, plan: try builder.finish(), sigStruct: nil)
  }
}
