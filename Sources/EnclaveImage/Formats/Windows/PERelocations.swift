import SGXArchitecture

/// Base relocations (data directory 5): a page that holds one is writable in the enclave.
enum PERelocations {
  private static let directory: UInt64 = 5

  static func pages(_ file: PEFile) throws(ImageRefusal) -> PageRuns {
    guard let table = try file.directory(directory, "base relocations") else { return PageRuns() }
    var marked = PageMarks()
    var place: UInt64 = 0
    while table.contains(place, 8) {
      let page = try table.u32(place, "base relocations: page")
      let size = try table.u32(place.plus(4), "base relocations: block size")
      if size == 0 { break }
      try table.demand(
        size >= 8 && table.contains(place, size), at: place.plus(4), "base relocations: block size", found: size,
        allowed: "8 to \(table.count.minus(place)), what is left of the directory")
      for index in 0..<(size.minus(8) / 2) {
        let entry = try table.u16(place.plus(8).plus(index.times(2)), "base relocation")
        // Type 0 only fills up.
        guard entry.bits(12, 4) != 0 else { continue }
        try table.demand(
          marked.mark(page.plus(entry.bits(0, 12))), at: place, "base relocations: pages", found: "more",
          allowed: "relocations of at most \(PageMarks.max) pages")
      }
      place = place.plus(size)
    }
    return marked.runs
  }
}
