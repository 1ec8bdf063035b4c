import SGXArchitecture

/// `test_encl.elf` of the kernel's selftests: an unsigned ELF file whose first PT_LOAD is TCS pages
/// (tools/testing/selftests/sgx/load.c, encl_load). Its loader maps the file, so that a page holds whatever the file has there, and
/// places pages by their offset in the file; the SIGSTRUCT is made while loading.
enum SelftestELF {
  static func isOne(_ elf: ELFFile) throws(ImageRefusal) -> Bool {
    let loads = elf.loads
    guard elf.type == ELFFile.typeDynamic || elf.type == ELFFile.typeExecutable, loads.count >= 2 else { return false }
    let first = loads[0]
    let size = elf.bytes.count.nextPowerOfTwo.times(2)
    return first.flags == 6 && FlatImage.holdsTCS(elf.bytes, at: first.offset.pageStart, size: size)
  }

  static func read(_ elf: ELFFile, _ options: ImageOptions) throws(ImageRefusal) -> EnclaveImage {
    let loads = elf.loads
    let start = loads[0].offset.pageStart
    let end = loads.last.map { placement(of: $0, start).end } ?? 0
    let used = end.plus(options.selftestHeapPages.bytesOfPages)
    // Its loader begins at one page and doubles.
    var builder = try LoadPlanBuilder(
      elf.bytes, EnclaveParameters(size: max(used, pageSize).nextPowerOfTwo), sizeOrigin: loads[0].origin)
    for (index, segment) in loads.enumerated() {
      try elf.bytes.demand(
        segment.offset.pageStart >= start, at: segment.origin.plus(8), "program header \(segment.index): p_offset",
        found: segment.offset, allowed: "at least the first segment's, \(start.hex)")
      let place = placement(of: segment, start)
      let isTCS = index == 0
      try builder.add(
        at: place.start, pages: place.end.minus(place.start).pagesNeeded, flags: isTCS ? 0x100 : segment.secInfoFlags,
        .consecutive(elf.bytes.block, offset: elf.bytes.place(segment.offset.pageStart)), .all, isTCS ? .tcs : .segment,
        origin: segment.origin)
    }
    try builder.add(at: end, pages: options.selftestHeapPages, flags: 0x203, .zero, .none, .heap, origin: loads[0].origin)
    return EnclaveImage(name: elf.bytes.file, format: .selftestELF, plan: try builder.finish(), sigStruct: nil)
  }

  /// Where a segment goes. Its length is rounded up by itself: a ragged beginning is not added to it.
  private static func placement(of segment: ProgramHeader, _ start: UInt64) -> (start: UInt64, end: UInt64) {
    let place = segment.offset.pageStart.minus(start)
    return (place, place.plus(segment.fileSize.pageEnd))
  }
}
