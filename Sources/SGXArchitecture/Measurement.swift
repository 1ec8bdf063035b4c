import CPrefetch

/// The running measurement of an enclave: SHA-256 over the 64-byte records of ECREATE, EADD and EEXTEND
/// (SDM 3D, Operation of the three leaves). It can be extended, never rolled back.
///
/// Records are gathered in a buffer of one page's worth (64 + 16 * 320 bytes), because one call of the hash
/// for 5184 bytes is a sixth faster than seventeen small ones.
///
/// - Measurement+Ranges.swift: many like pages at once
public struct Measurement: Sendable {
  /// 64-byte blocks hashed so far; the manual's counter.
  public internal(set) var blocks: UInt64 = 0
  var hash = DirectSHA256()
  private var staging = Staging()

  /// Starts the measurement with the record of ECREATE.
  public init(ssaFrameSize: UInt32, size: UInt64, cetLegacyBitmapOffset: UInt64 = 0) {
    var record = Record(tag: Record.ecreate)
    record.store(UInt64(ssaFrameSize) | size << 32, at: 8)
    record.store(size >> 32 | cetLegacyBitmapOffset << 32, at: 16)
    record.store(cetLegacyBitmapOffset >> 32, at: 24)
    append(record)
  }

  /// Hashes the record of EADD: the page's offset and the first 48 bytes of SECINFO.
  public mutating func add(offset: EnclaveOffset, secInfo: SecInfo) {
    var record = Record(tag: Record.eadd)
    record.store(offset.rawValue, at: 8)
    record.setSecInfo(secInfo)
    append(record)
  }

  /// Hashes the record of EEXTEND and the 256 bytes of `contents` from `pageOffset` on.
  public mutating func extend(offset: EnclaveOffset, contents: PageContents, pageOffset: Int) {
    var record = Record(tag: Record.eextend)
    record.store(offset.rawValue, at: 8)
    let target = reserve(Record.extendSize)
    record.copy(to: target)
    contents.copy(from: pageOffset, count: Int(extendChunkSize), to: target + Record.size)
    blocks += 5
    if staging.used == Staging.capacity { flush() }
  }

  /// Hashes the sixteen EEXTENDs of a whole page, in order: the same as sixteen calls of `extend`, with one look at the page.
  public mutating func extendPage(offset: EnclaveOffset, contents: PageContents) {
    let source = contents.source
    var record = Record(tag: Record.eextend)
    for quarter in 0..<Quarter.count {
      source?.bring(behind: quarter)
      let chunks = Quarter.chunks
      var target = reserve(chunks * Record.extendSize)
      for chunk in quarter * chunks..<(quarter + 1) * chunks {
        record.store(offset.rawValue + UInt64(chunk) * extendChunkSize, at: 8)
        record.copy(to: target)
        contents.copy(from: chunk * Int(extendChunkSize), count: Int(extendChunkSize), to: target + Record.size)
        target += Record.extendSize
      }
      flush()
    }
    blocks += UInt64(extendChunksPerPage) * 5
  }

  /// MRENCLAVE as EINIT would find it if the measurement ended here.
  public var digest: Digest {
    var finished = hash
    staging.withBytes { finished.update($0) }
    return finished.digest()
  }

  private mutating func append(_ record: Record) {
    record.copy(to: reserve(Record.size))
    blocks += 1
    if staging.used == Staging.capacity { flush() }
  }

  private mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if staging.used + count > Staging.capacity { flush() }
    return staging.reserve(count)
  }

  /// Hashes what is staged.
  mutating func flush() {
    staging.withBytes { hash.update($0) }
    staging.used = 0
  }
}

extension Measurement {
  /// One 64-byte record, kept in registers until it is copied into the buffer.
  struct Record {
    static let size = 64
    /// An EEXTEND record with its 256 bytes.
    static let extendSize = size + Int(extendChunkSize)
    /// All records of a page that is measured whole.
    static let pageSize = size + extendChunksPerPage * extendSize
    static let ecreate: UInt64 = 0x0045_5441_4552_4345
    static let eadd: UInt64 = 0x0000_0000_4444_4145
    static let eextend: UInt64 = 0x0044_4e45_5458_4545

    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    @inline(__always) init(tag: UInt64) { words = (tag.littleEndian, 0, 0, 0, 0, 0, 0, 0) }

    @inline(__always) mutating func store(_ value: UInt64, at offset: Int) {
      withUnsafeMutableBytes(of: &words) { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self) }
    }

    @inline(__always) func copy(to target: UnsafeMutableRawPointer) {
      withUnsafeBytes(of: words) { target.copyMemory(from: $0.baseAddress!, byteCount: Self.size) }
    }
  }

  /// The buffer of records not hashed yet; copied when a fork writes into it.
  fileprivate struct Staging: Sendable {
    static let capacity = Record.pageSize
    var used = 0
    private var storage = Storage()

    final class Storage: @unchecked Sendable {
      // Unchecked because `reserve` copies before it writes into a shared one.
      let memory = UnsafeMutableRawPointer.allocate(byteCount: Staging.capacity, alignment: 64)
      deinit { memory.deallocate() }
    }

    mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
      if !isKnownUniquelyReferenced(&storage) {
        let copy = Storage()
        copy.memory.copyMemory(from: storage.memory, byteCount: used)
        storage = copy
      }
      defer { used += count }
      return storage.memory + used
    }

    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
      body(UnsafeRawBufferPointer(start: storage.memory, count: used))
    }
  }
}

extension PageContents {
  @inline(__always) fileprivate var source: PageSource? {
    guard case .bytes(let block, let offset) = self else { return nil }
    return PageSource(block: block, place: Int(offset))
  }
}

/// Where in a block a page is copied from. It is copied and hashed a quarter at a time: a processor that works ahead then copies a quarter,
/// and waits for the next, while the hash of the one before still waits for its own results. A page is more than it keeps in mind.
struct PageSource {
  let start: UnsafeRawPointer
  /// Bytes of the block from the start on.
  let count: Int

  @inline(__always) init(block: ContentBlock, place: Int) { (start, count) = (block.base + place, block.count - place) }

  /// Brings the quarter behind this one nearer, which may be the next page's: waiting for memory would be a tenth of the time.
  @inline(__always) func bring(behind quarter: Int) {
    let next = (quarter + 1) * Quarter.size
    if next + Quarter.size <= count { prefetch_bytes(start + next, Quarter.size) }
  }
}

enum Quarter {
  static let count = 4
  static let chunks = extendChunksPerPage / count
  static let size = Int(pageSize) / count
}
