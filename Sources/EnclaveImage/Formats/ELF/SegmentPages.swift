import SGXArchitecture

/// Adds the pages of PT_LOADs to a plan: whole pages by reference to the file, the rest as pages of their own.
///
/// A page holds the segment's own bytes and zeros. What else the file has on the same page is not in it, unlike with `mmap`.
struct SegmentPages {
  /// The file, patched where its loader patches it.
  var file: ImageBytes
  /// Added to every address.
  var delta: UInt64 = 0
  /// Pages of the segments, by address, that get the right to write.
  var madeWritable = PageRuns()
  /// Bytes that the loader writes over the image in memory.
  var overlays: [Overlay] = []

  struct Overlay {
    let address: UInt64
    let bytes: [UInt8]
    var endAddress: UInt64 { address.plus(UInt64(bytes.count)) }
  }

  func add(_ segment: ProgramHeader, to builder: inout LoadPlanBuilder) throws(ImageRefusal) {
    let first = segment.address.pageStart
    let end = segment.endAddress.pageEnd
    // Pages with bytes from the file; relocations make only these writable.
    let dataEnd = segment.fileSize == 0 ? first : segment.endOfFilePart.pageEnd
    let own = ownPages(of: segment, in: first..<end)
    var cuts = [first, dataEnd, end]
    for page in own { cuts.append(contentsOf: [page, page.plus(pageSize)]) }
    for run in madeWritable.runs(overlapping: first..<dataEnd) { cuts.append(contentsOf: [run.lowerBound, run.upperBound]) }
    cuts.sort()
    var written = 0
    for (start, next) in zip(cuts, cuts.dropFirst()) where start < next {
      var flags = segment.secInfoFlags
      if start < dataEnd, madeWritable.contains(start, hint: &written) { flags |= 2 }
      let contents: RangeContents =
        if own.contains(start) {
          .same(try page(at: start, of: segment))
        } else if start < dataEnd {
          .consecutive(file.block, offset: file.place(segment.offset.plus(start.minus(segment.address))))
        } else {
          .zero
        }
      try builder.add(
        at: start.plus(delta), pages: next.minus(start).pagesNeeded, flags: flags, contents, .all, .segment, origin: segment.origin)
    }
  }

  /// Pages that are not simply a page's worth of the file, or zero: ragged ends, and those written over.
  private func ownPages(of segment: ProgramHeader, in range: Range<UInt64>) -> [UInt64] {
    var pages: [UInt64] = []
    func take(_ page: UInt64) {
      if range.contains(page), !pages.contains(page) { pages.append(page) }
    }
    if segment.fileSize > 0 {
      if !segment.address.isPageAligned { take(segment.address.pageStart) }
      if !segment.endOfFilePart.isPageAligned { take(segment.endOfFilePart.pageStart) }
    }
    for overlay in overlays {
      // An overlay has fewer bytes than a page, so that it touches two at most.
      take(overlay.address.pageStart)
      take(overlay.endAddress.minus(1).pageStart)
    }
    return pages
  }

  private func page(at start: UInt64, of segment: ProgramHeader) throws(ImageRefusal) -> PageContents {
    var page = [UInt8](repeating: 0, count: Int(pageSize))
    let from = max(start, segment.address)
    let to = min(start.plus(pageSize), segment.endOfFilePart)
    if from < to {
      let bytes = try file.array(at: segment.offset.plus(from.minus(segment.address)), count: to.minus(from), "PT_LOAD")
      page.replaceSubrange(Int(from.offsetInPage)..<Int(from.offsetInPage.plus(to.minus(from))), with: bytes)
    }
    for overlay in overlays {
      let from = max(start, overlay.address)
      let to = min(start.plus(pageSize), overlay.endAddress)
      guard from < to else { continue }
      let bytes = overlay.bytes[Int(from.minus(overlay.address))..<Int(to.minus(overlay.address))]
      page.replaceSubrange(Int(from.minus(start))..<Int(to.minus(start)), with: bytes)
    }
    return .bytes(ContentBlock(page), offset: 0)
  }
}
