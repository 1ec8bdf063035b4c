import SGXArchitecture

/// The layout table: heap, guards and what belongs to threads, with groups that repeat the entries before them.
///
/// Identifiers say what an entry is for, but two numberings share version 1.4. What an entry does is in its flags alone.
struct SDKLayout {
  private static let entrySize: UInt64 = 32
  /// Entries that groups may make of the table.
  private static let expandedMax: UInt64 = 1 << 16
  /// Bytes that the template of a TCS may have; the SDK writes 72.
  private static let templateMax: UInt64 = 128

  private static let isGroup: UInt64 = 0x1000
  private static let doesAdd: UInt64 = 1
  private static let doesExtend: UInt64 = 2
  private static let doesRemove: UInt64 = 4

  private let metadata: SDKMetadata
  private let table: ImageBytes
  /// Added to each page's offset, and not to what a TCS says: its template has it already.
  private let delta: UInt64

  private struct Entry {
    /// Where it stands in the file.
    let origin: UInt64
    let attributes: UInt64
    let pages: UInt64
    let offset: UInt64
    let contentSize: UInt64
    let contentOffset: UInt64
    let flags: UInt64
    /// What its pages hold, part after part; made once, however often a group repeats the entry. Nothing for a TCS.
    var parts: [(pages: UInt64, contents: RangeContents)] = []

    var adds: Bool { attributes & SDKLayout.doesAdd != 0 }
    var isTCS: Bool { contentOffset != 0 && flags == 0x100 }
    var isRemoved: Bool { attributes & SDKLayout.doesRemove != 0 }
    /// Pages with data from the block are measured whatever the attributes say (linux-sgx, `loader.cpp`, build_context).
    var measured: MeasuredChunks {
      attributes & SDKLayout.doesExtend != 0 || contentOffset != 0 && !isTCS ? .all : .none
    }
  }

  /// Adds what the table of a block says.
  static func add(_ metadata: SDKMetadata, delta: UInt64, to builder: inout LoadPlanBuilder) throws(ImageRefusal) {
    let table = try metadata.directory(1, "LAYOUT", entrySize: entrySize)
    try metadata.bytes.demand(table.count > 0, at: 1884, "metadata: directory LAYOUT: size", found: 0, allowed: "one entry or more")
    let layout = SDKLayout(metadata: metadata, table: table, delta: delta)
    try layout.addAll(to: &builder)
  }

  private func addAll(to builder: inout LoadPlanBuilder) throws(ImageRefusal) {
    // Nil for a group.
    var entries: [Entry?] = []
    var expanded: UInt64 = 0
    let count = table.count / Self.entrySize
    try table.demand(count <= Self.expandedMax, at: 0, "layout entries", found: count, allowed: "at most \(Self.expandedMax.hex)")
    for index in 0..<count {
      let place = index.times(Self.entrySize)
      let id = try table.u16(place, "layout entry \(index): id")
      if id & Self.isGroup == 0 {
        let entry = try read(place, index)
        expanded = expanded.plus(1)
        try checkExpansion(expanded, place, index)
        try add(entry, step: 0, to: &builder)
        entries.append(entry)
        continue
      }
      let count = try table.u16(place.plus(2), "layout group \(index): entry_count")
      let times = try table.u32(place.plus(4), "layout group \(index): load_times")
      let step = try table.u64(place.plus(8), "layout group \(index): load_step")
      try table.demand(
        count <= index, at: place.plus(2), "layout group \(index): entry_count", found: count, allowed: "at most the \(index) before it")
      // Looking at the entries of a group that is loaded no time costs as well.
      expanded = expanded.plus(count.times(max(times, 1)))
      try checkExpansion(expanded, place, index)
      let repeated = entries.suffix(Int(count))
      try table.demand(
        repeated.allSatisfy { $0 != nil }, at: place.plus(2), "layout group \(index): entry_count", found: count,
        allowed: "entries that are no groups")
      try table.demand(
        step > 0 || times <= 1, at: place.plus(8), "layout group \(index): load_step", found: step, allowed: "more than 0")
      entries.append(nil)
      guard count > 0 else { continue }
      for time in 0..<times {
        for case let entry? in repeated { try add(entry, step: time.plus(1).times(step), to: &builder) }
      }
    }
  }

  /// Before anything is repeated: a group of 32 bytes can ask for 2^48 entries.
  private func checkExpansion(_ expanded: UInt64, _ place: UInt64, _ index: UInt64) throws(ImageRefusal) {
    try table.demand(
      expanded <= Self.expandedMax, at: place, "layout entry \(index): entries with repetitions", found: expanded,
      allowed: "at most \(Self.expandedMax.hex)")
  }

  private func read(_ place: UInt64, _ index: UInt64) throws(ImageRefusal) -> Entry {
    let bytes = try table.slice(at: place, count: Self.entrySize, "layout entry \(index)")
    var entry = Entry(
      origin: bytes.start, attributes: try bytes.u16(2, "attributes"), pages: try bytes.u32(4, "page_count"),
      offset: try bytes.u64(8, "rva"), contentSize: try bytes.u32(16, "content_size"), contentOffset: try bytes.u32(20, "content_offset"),
      flags: try bytes.u64(24, "si_flags"))
    guard entry.adds, !entry.isTCS else { return entry }
    if entry.contentOffset == 0 {
      if entry.flags != 0 { entry.parts = [(entry.pages, .filled(with: UInt32(truncatingIfNeeded: entry.contentSize)))] }
    } else {
      entry.parts = try data(of: entry, at: bytes)
    }
    return entry
  }

  private func add(_ entry: Entry, step: UInt64, to builder: inout LoadPlanBuilder) throws(ImageRefusal) {
    guard entry.adds else { return }
    var offset = entry.offset.plus(step)
    if entry.isTCS {
      try builder.add(
        at: offset.plus(delta), pages: entry.pages, flags: entry.flags, .same(try threadControl(entry, at: offset)), entry.measured, .tcs,
        origin: entry.origin, isRemoved: entry.isRemoved)
    }
    for part in entry.parts {
      try builder.add(
        at: offset.plus(delta), pages: part.pages, flags: entry.flags, part.contents, entry.measured, .layout, origin: entry.origin,
        isRemoved: entry.isRemoved)
      offset = offset.plus(part.pages.bytesOfPages)
    }
  }

  /// The template, with the place of the page added to the three fields that are relative to it.
  private func threadControl(_ entry: Entry, at offset: UInt64) throws(ImageRefusal) -> PageContents {
    try metadata.bytes.demand(
      entry.contentSize <= Self.templateMax, at: entry.origin.minus(metadata.bytes.start).plus(16), "layout: content_size of a TCS",
      found: entry.contentSize, allowed: "at most \(Self.templateMax)")
    var page = try metadata.bytes.array(at: entry.contentOffset, count: entry.contentSize, "layout: content of a TCS")
    page.append(contentsOf: repeatElement(0, count: Int(Self.templateMax.minus(entry.contentSize))))
    for field in [TCS.ossa, TCS.ofsBase, TCS.ogsBase] { page.store(page.load(UInt64.self, at: field) &+ offset, at: field) }
    return .bytes(ContentBlock(page), offset: 0)
  }

  /// Data from the block: whole pages by reference, the ragged rest as a page of its own, then zeros.
  private func data(of entry: Entry, at bytes: ImageBytes) throws(ImageRefusal) -> [(pages: UInt64, contents: RangeContents)] {
    let room = entry.pages.bytesOfPages
    try bytes.demand(
      entry.contentSize <= room, at: 16, "layout: content_size", found: entry.contentSize, allowed: "at most \(room.hex), the bytes of its pages")
    let data = try metadata.bytes.slice(at: entry.contentOffset, count: entry.contentSize, "layout: content")
    let whole = data.count / pageSize
    let rest = try data.array(at: whole.bytesOfPages, count: data.count.offsetInPage, "layout: content")
    return [
      (whole, .consecutive(data.block, offset: data.place(0))), (rest.isEmpty ? 0 : 1, .same(.bytes(ContentBlock(rest), offset: 0))),
      (entry.pages.minus(data.count.pagesNeeded), .zero),
    ]
  }
}
