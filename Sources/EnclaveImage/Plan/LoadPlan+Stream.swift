import SGXArchitecture

extension LoadPlan {
  /// Writes the records as an SGXS stream, whose SHA-256 is MRENCLAVE. What is not measured is not in it: a plain stream has no place
  /// for the contents of such pages.
  ///
  /// The records are made here from scratch, apart from `Measurement`, so that the two can be held against each other.
  ///
  /// - Parameters:
  ///   - write: takes bytes; false ends the writing.
  ///   - progress: called now and then with the bytes written so far.
  /// - Returns: false where `write` did.
  public func writeStream(progress: (UInt64) -> Void = { _ in }, _ write: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    var stream = RecordBuffer()
    stream.appendECREATE(parameters)
    var written: UInt64 = 0
    for range in ranges {
      let chunks: [Int] =
        switch range.measured {
        case .none: []
        case .all: Array(0..<extendChunksPerPage)
        case .some(let order): order.chunks
        }
      for index in 0..<range.pageCount {
        let page = range.offset(ofPage: index).rawValue
        stream.appendEADD(page, flags: range.secInfoFlags)
        let contents = range.page(index)
        for chunk in chunks { stream.appendEEXTEND(page, chunk, contents) }
        if stream.isFull {
          guard stream.flush(write) else { return false }
          written &+= UInt64(RecordBuffer.flushSize)
          if written % (1 << 26) < UInt64(RecordBuffer.flushSize) { progress(written) }
        }
      }
    }
    return stream.flush(write)
  }
}

/// Records on their way to a file.
private struct RecordBuffer {
  /// Bytes from which on they should go.
  static let flushSize = 1 << 16
  private var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(Self.flushSize &+ 6000) }

  var isFull: Bool { bytes.count >= Self.flushSize }

  mutating func appendECREATE(_ parameters: EnclaveParameters) {
    append("ECREATE\0")
    append(parameters.ssaFrameSize)
    append(parameters.size)
    appendZeros(44)
  }

  mutating func appendEADD(_ page: UInt64, flags: UInt64) {
    append("EADD\0\0\0\0")
    append(page)
    append(flags)
    appendZeros(40)
  }

  mutating func appendEEXTEND(_ page: UInt64, _ chunk: Int, _ contents: PageContents) {
    let place = chunk &* Int(extendChunkSize)
    append("EEXTEND\0")
    append(page &+ UInt64(place))
    appendZeros(48)
    withUnsafeTemporaryAllocation(byteCount: Int(extendChunkSize), alignment: 8) { memory in
      guard let base = memory.baseAddress else { return }
      contents.copy(from: place, count: Int(extendChunkSize), to: base)
      bytes.append(contentsOf: memory)
    }
  }

  mutating func flush(_ write: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes.withUnsafeBytes(write)
  }

  private mutating func append(_ tag: StaticString) { bytes.append(contentsOf: UnsafeBufferPointer(start: tag.utf8Start, count: 8)) }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func appendZeros(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }
}
