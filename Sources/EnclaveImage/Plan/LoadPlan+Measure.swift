import SGXArchitecture

extension LoadPlan {
  /// Bytes that measuring hashes: 64 for ECREATE, 64 a page added, 320 more for each piece of 256 bytes measured.
  public var hashedBytes: UInt64 { ranges.reduce(64) { $0.plus($1.hashedBytes) } }

  /// MRENCLAVE.
  ///
  /// - Parameter progress: called now and then with the bytes hashed so far, for whoever wants to show it.
  public func mrenclave(progress: (UInt64) -> Void = { _ in }) -> Digest { measurement(progress: progress).digest }

  /// The measurement as it stands before EINIT.
  public func measurement(progress: (UInt64) -> Void = { _ in }) -> Measurement {
    var measurement = Measurement(ssaFrameSize: parameters.ssaFrameSize, size: parameters.size)
    var done: UInt64 = 64
    for range in ranges {
      // Pieces that take some tens of milliseconds.
      let piece = min(range.pageCount, range.measured == .none ? 1 << 20 : 1 << 14)
      var first: UInt64 = 0
      while first < range.pageCount {
        let count = min(piece, range.pageCount &- first)
        measurement.add(range, pages: first..<(first &+ count))
        first &+= count
        done = done.plus(range.hashedBytes / range.pageCount &* count)
        progress(done)
      }
    }
    return measurement
  }
}

extension PageRange {
  /// Bytes that measuring this range hashes.
  public var hashedBytes: UInt64 {
    let chunks: UInt64 =
      switch measured {
      case .none: 0
      case .all: 16
      case .some(let order): UInt64(order.count)
      }
    return pageCount.times(64 &+ chunks &* 320)
  }

  func offset(ofPage index: UInt64) -> EnclaveOffset { EnclaveOffset(offset.rawValue &+ index &* pageSize) }
}

extension Measurement {
  /// Adds and measures some pages of a range. The plan has checked that all of them lie within the enclave.
  mutating func add(_ range: PageRange, pages: Range<UInt64>) {
    let count = UInt64(pages.count)
    let start = range.offset(ofPage: pages.lowerBound)
    switch (range.measured, range.contents) {
    case (.none, _):
      addRange(offset: start, pageCount: count, secInfo: range.secInfo)
    case (.all, .same(let contents)):
      addAndExtendRange(offset: start, pageCount: count, secInfo: range.secInfo, contents: contents)
    case (.all, .consecutive(let block, let place)):
      addAndExtendRange(
        offset: start, pageCount: count, secInfo: range.secInfo, block: block, from: place &+ Int(pages.lowerBound &* pageSize))
    case (.some(let order), _):
      for page in pages {
        let offset = range.offset(ofPage: page)
        add(offset: offset, secInfo: range.secInfo)
        for chunk in order.chunks {
          let place = UInt64(chunk) &* extendChunkSize
          extend(offset: EnclaveOffset(offset.rawValue &+ place), contents: range.page(page), pageOffset: Int(place))
        }
      }
    }
  }
}
