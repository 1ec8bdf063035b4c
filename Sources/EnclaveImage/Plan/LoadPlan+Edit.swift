import SGXArchitecture

/// One byte of an image read or changed, for those who want to see what a changed image comes to.
extension LoadPlan {
  /// The range that adds the page of this offset; nil where no page is added there.
  public func range(at offset: EnclaveOffset) -> (index: Int, page: UInt64)? {
    for (index, range) in ranges.enumerated() {
      let distance = offset.rawValue.subtractingReportingOverflow(range.offset.rawValue)
      guard !distance.overflow, distance.partialValue / pageSize < range.pageCount else { continue }
      return (index, distance.partialValue / pageSize)
    }
    return nil
  }

  /// The byte that the plan puts there; nil where no page is added.
  public func byte(at offset: EnclaveOffset) -> UInt8? {
    guard let (index, page) = range(at: offset) else { return nil }
    return ranges[index].page(page).bytes()[Int(offset.rawValue.offsetInPage)]
  }

  /// The plan with another byte there; nil where no page is added. The page becomes a range of its own.
  public func replacingByte(at offset: EnclaveOffset, with byte: UInt8) -> LoadPlan? {
    guard let (index, page) = range(at: offset) else { return nil }
    let range = ranges[index]
    var bytes = range.page(page).bytes()
    bytes[Int(offset.rawValue.offsetInPage)] = byte
    var pieces: [PageRange] = []
    if page > 0 { pieces.append(range.piece(from: 0, count: page, range.contents)) }
    pieces.append(range.piece(from: page, count: 1, .same(PageContents(bytes))))
    let rest = range.pageCount.minus(page).minus(1)
    if rest > 0 { pieces.append(range.piece(from: page.plus(1), count: rest, range.contents.advanced(byPages: page.plus(1)))) }
    var changed = ranges
    changed.replaceSubrange(index...index, with: pieces)
    return LoadPlan(parameters: parameters, ranges: changed)
  }
}

extension EnclaveImage {
  /// The image with another byte at an offset of the enclave; SIGSTRUCT stays as it is. Nil where no page is added there.
  public func replacingByte(at offset: EnclaveOffset, with byte: UInt8) -> EnclaveImage? {
    guard let changed = plan.replacingByte(at: offset, with: byte) else { return nil }
    return EnclaveImage(name: name, format: format, plan: changed, sigStruct: sigStruct, blocks: blocks, choice: choice)
  }
}

extension PageRange {
  fileprivate func piece(from page: UInt64, count: UInt64, _ contents: RangeContents) -> PageRange {
    PageRange(
      offset: EnclaveOffset(offset.rawValue.plus(page.bytesOfPages)), pageCount: count, secInfoFlags: secInfoFlags, contents: contents,
      measured: measured, role: role, isRemovedBeforeInit: isRemovedBeforeInit)
  }
}

extension RangeContents {
  fileprivate func advanced(byPages pages: UInt64) -> RangeContents {
    switch self {
    case .same: self
    // The whole range lies below 4 GiB of the block, or behind its end.
    case .consecutive(let block, let offset): .consecutive(block, offset: Int(clamping: UInt64(offset).plus(pages.bytesOfPages)))
    }
  }
}
