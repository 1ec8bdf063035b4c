import SGXArchitecture

/// Gathers the ranges of a plan. What a processor could not add is refused here, for every format alike.
struct LoadPlanBuilder {
  private let bytes: ImageBytes
  private let parameters: EnclaveParameters
  private var ranges: [PageRange] = []
  /// For each range the byte of the file that asks for it.
  private var origins: [UInt64] = []

  /// Bounds of SECS.SIZE: two pages (SDM 3D, ECREATE), and the largest range a processor can have with 57-bit addresses.
  static let enclaveSizes: ClosedRange<UInt64> = 0x2000...(1 << 56)
  /// Ranges a plan may have; a plan of that many takes 100 MiB.
  static let rangesMax = 1 << 20

  /// - Parameters:
  ///   - origin: the byte of the file that says how large the enclave is.
  ///   - frameOrigin: the one that says how large an SSA frame is, where it does.
  init(
    _ bytes: ImageBytes, _ parameters: EnclaveParameters, sizeOrigin origin: UInt64, frameOrigin: UInt64? = nil
  ) throws(ImageRefusal) {
    self.bytes = bytes
    self.parameters = parameters
    let size = parameters.size
    guard size.isPowerOfTwo, Self.enclaveSizes.contains(size) else {
      throw refusal(
        origin, "size of the enclave", found: size == .max ? "more than 64 bits hold" : size.hex,
        allowed: "a power of two from \(Self.enclaveSizes.lowerBound.hex) to \(Self.enclaveSizes.upperBound.hex)")
    }
    guard parameters.ssaFrameSize > 0 else {
      throw refusal(frameOrigin ?? origin, "pages of an SSA frame", found: "0", allowed: "1 or more")
    }
  }

  /// Adds pages. None is fine.
  ///
  /// - Parameters:
  ///   - offset: of the first page from the enclave's base.
  ///   - flags: SECINFO.FLAGS.
  ///   - origin: the byte of the file that asks for them, for refusals.
  mutating func add(
    at offset: UInt64, pages: UInt64, flags: UInt64, _ contents: RangeContents, _ measured: MeasuredChunks, _ role: RangeRole,
    origin: UInt64, isRemoved: Bool = false
  ) throws(ImageRefusal) {
    guard pages > 0 else { return }
    guard offset.isPageAligned else {
      throw refusal(origin, "\(role.rawValue): offset in the enclave", found: offset.hex, allowed: "a multiple of 0x1000")
    }
    guard offset.plus(pages.bytesOfPages) <= parameters.size else {
      throw refusal(
        origin, "\(role.rawValue): end in the enclave", found: "\(pages) pages at \(offset.hex)",
        allowed: "pages below the enclave's size, \(parameters.size.hex)")
    }
    try check(flags: flags, role, origin)
    if extendLast(offset, pages, flags, contents, measured, role, isRemoved) { return }
    guard ranges.count < Self.rangesMax else {
      throw refusal(origin, "stretches of like pages", found: "more", allowed: "at most \(Self.rangesMax)")
    }
    ranges.append(
      PageRange(
        offset: EnclaveOffset(offset), pageCount: pages, secInfoFlags: flags, contents: contents, measured: measured, role: role,
        isRemovedBeforeInit: isRemoved))
    origins.append(origin)
  }

  /// The plan, once nothing is to be added.
  func finish() throws(ImageRefusal) -> LoadPlan {
    guard !ranges.isEmpty else { throw refusal(0, "pages", found: "0", allowed: "at least one page to add") }
    var order = Array(ranges.indices)
    // Loaders add in ascending order: then there is nothing to sort.
    if !zip(ranges, ranges.dropFirst()).allSatisfy({ $0.offset < $1.offset }) { order.sort { ranges[$0].offset < ranges[$1].offset } }
    for (first, second) in zip(order, order.dropFirst()) {
      let end = ranges[first].offset.rawValue.plus(ranges[first].pageCount.bytesOfPages)
      guard end > ranges[second].offset.rawValue else { continue }
      // Both are named; the later one is where the mistake shows.
      let (early, late) = first < second ? (first, second) : (second, first)
      throw refusal(
        origins[late], "\(ranges[late].role.rawValue) at \(ranges[late].offset.rawValue.hex)", found: "pages that are added twice",
        allowed: "pages apart from the \(ranges[early].role.rawValue) at \(ranges[early].offset.rawValue.hex), byte \(origins[early].hex) of the file")
    }
    return LoadPlan(parameters: parameters, ranges: ranges)
  }

  /// Makes the last range longer where the new pages continue it.
  private mutating func extendLast(
    _ offset: UInt64, _ pages: UInt64, _ flags: UInt64, _ contents: RangeContents, _ measured: MeasuredChunks, _ role: RangeRole,
    _ isRemoved: Bool
  ) -> Bool {
    guard let last = ranges.last, last.offset.rawValue.plus(last.pageCount.bytesOfPages) == offset, last.secInfoFlags == flags,
      last.measured == measured, last.role == role, last.isRemovedBeforeInit == isRemoved
    else { return false }
    switch (last.contents, contents) {
    case (.same(.fill(let a)), .same(.fill(let b))):
      guard a == b else { return false }
    case (.consecutive(let a, let start), .consecutive(let b, let next)):
      guard a === b, UInt64(start).plus(last.pageCount.bytesOfPages) == UInt64(next) else { return false }
    case (.same, _), (.consecutive, _):
      return false
    }
    ranges[ranges.endIndex &- 1].pageCount = last.pageCount &+ pages
    return true
  }

  /// EADD takes regular, thread and shadow stack pages; a TCS page has no rights (SDM 3D, EADD, Operation).
  private func check(flags: UInt64, _ role: RangeRole, _ origin: UInt64) throws(ImageRefusal) {
    let secInfo = SecInfo(flags: flags)
    let isGood: Bool
    switch secInfo.type {
    case .reg, .ssFirst, .ssRest: isGood = flags & ~0xff07 == 0
    case .tcs: isGood = flags == 0x100
    case .secs, .va, .trim, nil: isGood = false
    }
    guard isGood else {
      throw refusal(
        origin, "\(role.rawValue): SECINFO.FLAGS", found: flags.hex, allowed: "0x100 (TCS), 0x200 to 0x207 (REG), or a shadow stack page")
    }
  }

  private func refusal(_ origin: UInt64, _ field: String, found: String, allowed: String) -> ImageRefusal {
    ImageRefusal(file: bytes.file, offset: origin, field: field, found: found, allowed: allowed)
  }
}
