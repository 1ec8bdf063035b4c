import SGXArchitecture

/// Pages of code that relocations write into: an image with DT_TEXTREL gets the right to write there, in SECINFO.
enum SDKTextRelocations {
  private static let pltRelocationsSize: UInt64 = 2
  private static let relocations: UInt64 = 7
  private static let relocationsSize: UInt64 = 8
  private static let textRelocations: UInt64 = 22
  private static let pltRelocations: UInt64 = 23
  private static let wanted = [pltRelocationsSize, relocations, relocationsSize, textRelocations, pltRelocations]
  private static let entrySize: UInt64 = 24

  /// The pages, by address. None where the image does not say that its code is relocated.
  static func pages(_ elf: ELFFile) throws(ImageRefusal) -> PageRuns {
    guard let segment = elf.programHeaders.first(where: { $0.type == ProgramHeader.dynamic }) else { return PageRuns() }
    let name = "program header \(segment.index) (PT_DYNAMIC)"
    let entries = try elf.bytes.slice(at: segment.offset, count: segment.fileSize, name)
    var values: [UInt64: (value: UInt64, at: UInt64)] = [:]
    for index in 0..<(entries.count / 16) {
      let tag = try entries.u64(index.times(16), "\(name): d_tag")
      if tag == 0 { break }
      guard wanted.contains(tag) else { continue }
      values[tag] = (try entries.u64(index.times(16).plus(8), "\(name): d_val"), index.times(16).plus(8))
    }
    guard values[textRelocations] != nil else { return PageRuns() }
    var marked = PageMarks()
    for (tag, sizeTag, table) in [
      (pltRelocations, pltRelocationsSize, "DT_JMPREL"), (relocations, relocationsSize, "DT_RELA"),
    ] {
      guard let pointer = values[tag], let size = values[sizeTag] else { continue }
      guard let section = elf.section(at: pointer.value) else {
        throw entries.refusal(at: pointer.at, table, found: pointer.value.hex, allowed: "the address of a section")
      }
      try mark(elf.bytes.slice(at: section.offset, count: size.value, table), table, into: &marked)
    }
    let runs = marked.runs
    try entries.demand(
      runs.count <= PageRuns.max, at: 0, "text relocations: stretches of pages", found: UInt64(runs.count), allowed: "at most \(PageRuns.max)")
    return runs
  }

  /// Marks the pages that a table's entries write into: a relocation of eight bytes may reach the next page.
  private static func mark(_ table: ImageBytes, _ name: String, into marked: inout PageMarks) throws(ImageRefusal) {
    for index in 0..<(table.count / entrySize) {
      let entry = index.times(entrySize)
      if try table.u32(entry.plus(8), "\(name): r_info") == 0 { continue }
      let address = try table.u64(entry, "\(name): r_offset")
      var isTaken = marked.mark(address)
      if address.offsetInPage > pageSize.minus(8) { isTaken = marked.mark(address.plus(pageSize)) && isTaken }
      try table.demand(
        isTaken, at: entry, "\(name): pages", found: "more", allowed: "relocations of at most \(PageMarks.max) pages")
    }
  }
}
