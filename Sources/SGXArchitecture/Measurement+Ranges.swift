/// Ranges of like pages. The records of such pages differ in their offsets alone, so they are made once, in a buffer of many, and only
/// the offsets are written anew: neither records nor contents are copied for each page.
extension Measurement {
  /// Hashes the EADD records of `pageCount` neighbouring pages that are not extended: 64 bytes a page.
  public mutating func addRange(offset: EnclaveOffset, pageCount: UInt64, secInfo: SecInfo) {
    var record = Record(tag: Record.eadd)
    record.setSecInfo(secInfo)
    repeatPages(offset, pageCount, sizeOfPage: Record.size, pagesAtOnce: 256) { target in record.copy(to: target) }
    blocks += pageCount
  }

  /// Hashes EADD and the sixteen EEXTENDs of each of `pageCount` neighbouring pages, which all hold `contents`: 5184 bytes a page.
  public mutating func addAndExtendRange(offset: EnclaveOffset, pageCount: UInt64, secInfo: SecInfo, contents: PageContents) {
    var record = Record(tag: Record.eadd)
    record.setSecInfo(secInfo)
    let extend = Record(tag: Record.eextend)
    repeatPages(offset, pageCount, sizeOfPage: Record.size + extendChunksPerPage * Self.chunkSize, pagesAtOnce: 4) { target in
      record.copy(to: target)
      for chunk in 0..<extendChunksPerPage {
        let place = target + Record.size + chunk * Self.chunkSize
        extend.copy(to: place)
        contents.copy(from: chunk * Int(extendChunkSize), count: Int(extendChunkSize), to: place + Record.size)
      }
    }
    blocks += pageCount * UInt64(1 + extendChunksPerPage * 5)
  }

  /// An EEXTEND record with its 256 bytes.
  private static let chunkSize = Record.size + Int(extendChunkSize)

  /// Hashes the records of `pageCount` pages. `fill` makes those of one page; offsets are written by this function.
  private mutating func repeatPages(
    _ offset: EnclaveOffset, _ pageCount: UInt64, sizeOfPage: Int, pagesAtOnce: Int, fill: (UnsafeMutableRawPointer) -> Void
  ) {
    flush()
    let made = Int(min(pageCount, UInt64(pagesAtOnce)))
    withUnsafeTemporaryAllocation(byteCount: made * sizeOfPage, alignment: 64) { memory in
      guard let base = memory.baseAddress else { return }
      for page in 0..<made { fill(base + page * sizeOfPage) }
      var done: UInt64 = 0
      while done < pageCount {
        let count = Int(min(pageCount - done, UInt64(made)))
        for page in 0..<count {
          let start = offset.rawValue + (done + UInt64(page)) * pageSize
          let place = base + page * sizeOfPage
          place.storeBytes(of: start.littleEndian, toByteOffset: 8, as: UInt64.self)
          var chunk = start
          for at in stride(from: Record.size + 8, to: sizeOfPage, by: Self.chunkSize) {
            place.storeBytes(of: chunk.littleEndian, toByteOffset: at, as: UInt64.self)
            chunk += extendChunkSize
          }
        }
        hash.update(UnsafeRawBufferPointer(start: base, count: count * sizeOfPage))
        done += UInt64(count)
      }
    }
  }
}

extension Measurement.Record {
  /// The first 48 bytes of SECINFO, at the place that EADD's record has for them.
  @inline(__always) mutating func setSecInfo(_ secInfo: SecInfo) {
    store(secInfo.flags, at: 16)
    store(secInfo.reserved.words.0, at: 24)
    store(secInfo.reserved.words.1, at: 32)
    store(secInfo.reserved.words.2, at: 40)
    store(secInfo.reserved.words.3, at: 48)
    store(secInfo.reserved.words.4, at: 56)
  }
}
