import SGXArchitecture

/// A stream of records: SGXS, and ESGXS with two records more (fortanix/rust-sgx, `doc/SGXS.md`). Only canonical streams are read:
/// ECREATE first and once, pages in ascending order, chunks behind the page they belong to, each once.
///
/// It is walked through three times: to check it and to count the pages that hold something, to gather what they hold, and to place them.
enum RecordStream {
  static let headerSize: UInt64 = 64

  static func read(_ bytes: ImageBytes) throws(ImageRefusal) -> EnclaveImage {
    if bytes.holds("UNSIZED\0", at: 0) {
      throw bytes.refusal(
        at: 0, "record 0", found: "UNSIZED", allowed: "ECREATE: the size of this enclave is for its loader to choose, and not known yet")
    }
    try bytes.demand(bytes.count >= headerSize, at: 0, "record 0", found: "\(bytes.count) bytes", allowed: "64 bytes")
    try bytes.demand(bytes.isZero(at: 20, count: 44), at: 20, "ECREATE: bytes 20 to 63", found: "others", allowed: "zeros")
    let parameters = EnclaveParameters(
      size: try bytes.u64(12, "ECREATE: size"), ssaFrameSize: UInt32(truncatingIfNeeded: try bytes.u32(8, "ECREATE: ssaframesize")))
    var builder = try LoadPlanBuilder(bytes, parameters, sizeOrigin: 12, frameOrigin: 8)
    var contentPages: UInt64 = 0
    let isEnhanced = try walk(bytes) { (page) throws(ImageRefusal) in contentPages = contentPages.plus(page.hasContents ? 1 : 0) }
    let contents = try gather(bytes, pages: contentPages)
    var placed: UInt64 = 0
    _ = try walk(bytes) { (page) throws(ImageRefusal) in
      let place = placed
      if page.hasContents { placed = placed.plus(pageSize) }
      try builder.add(
        at: page.offset, pages: 1, flags: page.flags,
        page.hasContents ? .consecutive(contents, offset: Int(place)) : .zero, page.measured.measured, .record, origin: page.origin)
    }
    return EnclaveImage(
      name: bytes.file, format: isEnhanced ? .esgxs : .sgxs, plan: try builder.finish(), sigStruct: nil)
  }

  /// A page with its chunks, as the records say.
  struct Page {
    let offset: UInt64
    let flags: UInt64
    /// Where its EADD stands.
    let origin: UInt64
    var measured = ChunkOrder()
    /// Where in the file each chunk's 256 bytes are; 0 for a chunk that has none.
    var places = InlineChunks()
    var hasContents = false
  }

  /// Bytes that the pages of a stream may hold in all. A stream can name one piece of each page, so that it asks for ten times its size.
  private static let contentsMax: UInt64 = 1 << 30

  /// What the pages hold, page after page; pages that hold nothing are left out.
  private static func gather(_ bytes: ImageBytes, pages: UInt64) throws(ImageRefusal) -> ContentBlock {
    let size = pages.bytesOfPages
    try bytes.demand(size <= contentsMax, at: 0, "contents of pages", found: size, allowed: "at most \(contentsMax.hex) bytes")
    let source = bytes.memory
    return ContentBlock(count: Int(size)) { memory in
      var target = 0
      // The first walk has met every refusal there is.
      _ = try? walk(bytes) { (page) throws(ImageRefusal) in
        guard page.hasContents else { return }
        for chunk in 0..<UInt64(extendChunksPerPage) {
          let (to, size) = (target &+ Int(chunk.times(extendChunkSize)), Int(extendChunkSize))
          let piece = UnsafeMutableRawBufferPointer(rebasing: memory[to..<(to &+ size)])
          switch Int(page.places[chunk]) {
          case 0: piece.initializeMemory(as: UInt8.self, repeating: 0)
          case let from: piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<(from &+ size)]))
          }
        }
        target &+= Int(pageSize)
      }
    }
  }

  /// Goes through the records behind ECREATE and hands over page after page.
  ///
  /// - Returns: true where a record of ESGXS was met.
  private static func walk(
    _ bytes: ImageBytes, _ take: (Page) throws(ImageRefusal) -> Void
  ) throws(ImageRefusal) -> Bool {
    var place = headerSize
    var number: UInt64 = 1
    var page: Page?
    var isEnhanced = false
    while place < bytes.count {
      let header = try bytes.slice(at: place, count: headerSize, "record \(number)")
      if header.holds("EADD\0\0\0\0", at: 0) {
        let next = try readPage(header, number, after: page)
        if let page { try take(page) }
        page = next
        place = place.plus(headerSize)
      } else if header.holds("EEXTEND\0", at: 0) || header.holds("UNMEASRD", at: 0) {
        let isMeasured = header.holds("EEXTEND\0", at: 0)
        isEnhanced = isEnhanced || !isMeasured
        _ = try bytes.slice(at: place.plus(headerSize), count: extendChunkSize, "record \(number): contents")
        guard var current = page else {
          throw header.refusal(at: 0, "record \(number)", found: isMeasured ? "EEXTEND" : "UNMEASRD", allowed: "an EADD before it")
        }
        try readChunk(header, number, isMeasured: isMeasured, of: &current)
        page = current
        place = place.plus(headerSize).plus(extendChunkSize)
      } else {
        let tag = header.holds("ECREATE\0", at: 0) ? "a second ECREATE" : header.holds("UNSIZED\0", at: 0) ? "UNSIZED" : "another tag"
        throw header.refusal(at: 0, "record \(number)", found: tag, allowed: "EADD, EEXTEND or UNMEASRD")
      }
      number = number.plus(1)
    }
    if let page { try take(page) }
    return isEnhanced
  }

  private static func readPage(_ header: ImageBytes, _ number: UInt64, after last: Page?) throws(ImageRefusal) -> Page {
    let offset = try header.u64(8, "record \(number): EADD: offset")
    try header.demand(header.isZero(at: 24, count: 40), at: 24, "record \(number): EADD: bytes 24 to 63", found: "others", allowed: "zeros")
    try header.demand(offset.isPageAligned, at: 8, "record \(number): EADD: offset", found: offset, allowed: "a multiple of 0x1000")
    if let last {
      try header.demand(
        offset > last.offset, at: 8, "record \(number): EADD: offset", found: offset, allowed: "more than \(last.offset.hex), the page before it")
    }
    return Page(offset: offset, flags: try header.u64(16, "record \(number): EADD: flags"), origin: header.start)
  }

  private static func readChunk(_ header: ImageBytes, _ number: UInt64, isMeasured: Bool, of page: inout Page) throws(ImageRefusal) {
    let name: StaticString = isMeasured ? "EEXTEND" : "UNMEASRD"
    let offset = try header.u64(8, "record \(number): \(name): offset")
    try header.demand(header.isZero(at: 16, count: 48), at: 16, "record \(number): \(name): bytes 16 to 63", found: "others", allowed: "zeros")
    try header.demand(
      offset % extendChunkSize == 0, at: 8, "record \(number): \(name): offset", found: offset, allowed: "a multiple of 0x100")
    try header.demand(
      offset.pageStart == page.offset, at: 8, "record \(number): \(name): offset", found: offset,
      allowed: "one in the page of the EADD before it, \(page.offset.hex)")
    let chunk = offset.offsetInPage / extendChunkSize
    try header.demand(
      page.places[chunk] == 0, at: 8, "record \(number): \(name): offset", found: "\(offset.hex) again", allowed: "each piece of a page once")
    page.places[chunk] = header.start.plus(headerSize)
    page.hasContents = true
    if isMeasured { page.measured.append(chunk) }
  }
}
