import SGXArchitecture

/// The records of an enclave's measurement, kept because somebody wants to know why it differs from another
/// (`Processor.keepsRecords`). No hardware has such a thing.
///
/// A page is two entries, its EADD and its EEXTENDs, and refers to its contents.
public struct RecordJournal: Sendable {
  // Nothing but the array: whoever keeps no journal has a null pointer here, and a leaf that measures pays one test for it.
  private var entries: [Entry]

  private enum Entry: Sendable {
    case create(ssaFrameSize: UInt32, size: UInt64, cetLegacyBitmapOffset: UInt64)
    case add(offset: EnclaveOffset, flags: UInt64)
    /// Neighbouring pieces of a page, in ascending order.
    case extend(page: EnclaveOffset, contents: PageContents, chunks: Range<Int>)
  }

  init(_ secs: SECS) {
    entries = [.create(ssaFrameSize: secs.ssaFrameSize, size: secs.size, cetLegacyBitmapOffset: secs.cetLegacyBitmapOffset)]
  }

  mutating func add(offset: EnclaveOffset, secInfo: SecInfo) { entries.append(.add(offset: offset, flags: secInfo.flags)) }

  /// EEXTENDs of `count` pieces from the one at `offset` on.
  mutating func extend(offset: EnclaveOffset, contents: PageContents, count: Int) {
    let page = EnclaveOffset(offset.rawValue & ~(pageSize - 1))
    let chunk = Int((offset.rawValue & (pageSize - 1)) / extendChunkSize)
    // A page of an enclave that is not initialised never changes, so that its pieces are of the same contents.
    if case .extend(page, let contents, let chunks)? = entries.last, chunks.upperBound == chunk {
      entries[entries.endIndex - 1] = .extend(page: page, contents: contents, chunks: chunks.lowerBound..<(chunk + count))
    } else {
      entries.append(.extend(page: page, contents: contents, chunks: chunk..<(chunk + count)))
    }
  }

  /// Number of entries: what looking at all of them costs, up to sixteen times.
  public var count: Int { entries.count }

  /// The records, one by one.
  public func makeIterator() -> Iterator { Iterator(journal: self) }

  public struct Iterator: IteratorProtocol {
    fileprivate let journal: RecordJournal
    /// Entries that are done; and of the next one the pieces handed out.
    private var done = 0
    private var piece = 0

    fileprivate init(journal: RecordJournal) { self.journal = journal }

    public mutating func next() -> MeasurementRecord? {
      guard done < journal.entries.count else { return nil }
      switch journal.entries[done] {
      case .create(let frame, let size, let bitmap):
        done += 1
        return .create(ssaFrameSize: frame, size: size, cetLegacyBitmapOffset: bitmap)
      case .add(let offset, let flags):
        done += 1
        return .add(offset: offset, flags: flags)
      case .extend(let page, let contents, let chunks):
        let chunk = chunks.lowerBound + piece
        piece += 1
        if chunk + 1 == chunks.upperBound { (done, piece) = (done + 1, 0) }
        return .extend(offset: EnclaveOffset(page.rawValue + UInt64(chunk) * extendChunkSize), contents: contents)
      }
    }
  }
}
