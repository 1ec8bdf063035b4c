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
    repeatPages(offset, pageCount, sizeOfPage: Record.pageSize, pagesAtOnce: 4) { target in
      record.copy(to: target)
      for chunk in 0..<extendChunksPerPage {
        let place = target + Record.size + chunk * Record.extendSize
        extend.copy(to: place)
        contents.copy(from: chunk * Int(extendChunkSize), count: Int(extendChunkSize), to: place + Record.size)
      }
    }
    blocks += pageCount * UInt64(1 + extendChunksPerPage * 5)
  }

  /// The same for pages that hold one page's worth of `block` after the other, from byte `place` on; past its end are zeros.
  public mutating func addAndExtendRange(offset: EnclaveOffset, pageCount: UInt64, secInfo: SecInfo, block: ContentBlock, from place: Int) {
    let whole = min(UInt64(max(block.count - place, 0)) / pageSize, pageCount)
    var record = Record(tag: Record.eadd)
    record.setSecInfo(secInfo)
    let extend = Record(tag: Record.eextend)
    withUnsafeTemporaryAllocation(byteCount: Record.pageSize, alignment: 64) { memory in
      guard whole > 0, let base = memory.baseAddress else { return }
      flush()
      record.copy(to: base)
      for chunk in 0..<extendChunksPerPage { extend.copy(to: base + Record.size + chunk * Record.extendSize) }
      for page in 0..<Int(whole) {
        let source = PageSource(block: block, place: place + page * Int(pageSize))
        hashPage(EnclaveOffset(offset.rawValue + UInt64(page) * pageSize), records: base, source)
      }
    }
    blocks += whole * UInt64(1 + extendChunksPerPage * 5)
    for page in whole..<pageCount {
      let start = EnclaveOffset(offset.rawValue + page * pageSize)
      add(offset: start, secInfo: secInfo)
      extendPage(offset: start, contents: .bytes(block, offset: UInt32(UInt64(place) + page * pageSize)))
    }
  }

  /// Hashes a whole page, for which `records` has all but offsets and contents.
  @inline(__always) private mutating func hashPage(_ offset: EnclaveOffset, records: UnsafeMutableRawPointer, _ source: PageSource) {
    records.storeBytes(of: offset.rawValue.littleEndian, toByteOffset: 8, as: UInt64.self)
    var start = records
    for quarter in 0..<Quarter.count {
      source.bring(behind: quarter)
      var end = records + Record.size + quarter * Quarter.chunks * Record.extendSize
      for chunk in quarter * Quarter.chunks..<(quarter + 1) * Quarter.chunks {
        let place = chunk * Int(extendChunkSize)
        end.storeBytes(of: (offset.rawValue + UInt64(place)).littleEndian, toByteOffset: 8, as: UInt64.self)
        (end + Record.size).copyMemory(from: source.start + place, byteCount: Int(extendChunkSize))
        end += Record.extendSize
      }
      hash.update(UnsafeRawBufferPointer(start: start, count: end - start))
      start = end
    }
  }

  /// Hashes the records of `pageCount` pages. `fill` makes those of one page; offsets are written by this function.
  @inline(__always) private mutating func repeatPages(
    _ offset: EnclaveOffset, _ pageCount: UInt64, sizeOfPage: Int, pagesAtOnce: Int, fill: (UnsafeMutableRawPointer) -> Void
  ) {
    guard pageCount > 0 else { return }
    flush()
    let made = Int(min(pageCount, UInt64(pagesAtOnce)))
    withUnsafeTemporaryAllocation(byteCount: made * sizeOfPage, alignment: 64) { memory in
      guard let base = memory.baseAddress else { return }
      for page in 0..<made { fill(base + page * sizeOfPage) }
      var done = 0
      while done < Int(pageCount) {
        let count = min(Int(pageCount) - done, made)
        for page in 0..<count {
          let start = offset.rawValue + UInt64(done + page) * pageSize
          let place = base + page * sizeOfPage
          place.storeBytes(of: start.littleEndian, toByteOffset: 8, as: UInt64.self)
          var chunk = start
          for at in stride(from: Record.size + 8, to: sizeOfPage, by: Record.extendSize) {
            place.storeBytes(of: chunk.littleEndian, toByteOffset: at, as: UInt64.self)
            chunk += extendChunkSize
          }
        }
        hash.update(UnsafeRawBufferPointer(start: base, count: count * sizeOfPage))
        done += count
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
