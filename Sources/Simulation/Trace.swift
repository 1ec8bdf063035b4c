import SGXArchitecture

/// The record of events. The last 4,096 are always kept; the whole run only when asked.
///
/// Chunks are shared between forks and copied by the first one that writes, so a fork costs their references.
public struct Trace: Sendable {
  /// Events of one chunk.
  static let chunkSize = 64
  /// Chunks that are always kept.
  private static let chunksKept = 64

  private var chunks: [Chunk] = []
  /// Index of the oldest chunk in a full ring.
  private var oldest = 0
  /// Full chunks that are kept.
  private let chunksMax: Int
  /// Events recorded since the run began, kept or not.
  public private(set) var count: UInt64 = 0
  private var last = Chunk()
  /// Events in `last`.
  private var lastCount = 0

  /// - Parameter eventsMax: where all are kept, about this many all the same: the oldest go first.
  public init(keepsAll: Bool = false, eventsMax: Int = .max) {
    chunksMax = keepsAll ? max(eventsMax / Self.chunkSize, Self.chunksKept) : Self.chunksKept
  }

  /// About how many bytes of the host it takes.
  public var bytesKept: Int { (chunks.count + 1) * Self.chunkSize * MemoryLayout<Event>.stride }

  public mutating func record(_ event: Event) {
    if lastCount == Self.chunkSize { retireLast() }
    if !isKnownUniquelyReferenced(&last) { last = Chunk(copying: last, count: lastCount) }
    (last.events + lastCount).initialize(to: event)
    lastCount += 1
    count &+= 1
  }

  /// Records an EEXTEND; those of one page, in a row, are one event with a count.
  public mutating func recordExtend(of page: PhysPageNumber) {
    guard lastCount > 0, case .extended(page, let chunks) = last.events[lastCount - 1], chunks < .max else {
      return record(.extended(page, chunks: 1))
    }
    if !isKnownUniquelyReferenced(&last) { last = Chunk(copying: last, count: lastCount) }
    last.events[lastCount - 1] = .extended(page, chunks: chunks + 1)
  }

  /// Records `chunks` EEXTENDs of one page.
  public mutating func recordExtends(of page: PhysPageNumber, chunks: UInt8) {
    if lastCount > 0, case .extended(page, _) = last.events[lastCount - 1] {
      for _ in 0..<chunks { recordExtend(of: page) }
    } else {
      record(.extended(page, chunks: chunks))
    }
  }

  private mutating func retireLast() {
    lastCount = 0
    if chunks.count < chunksMax {
      chunks.append(last)
      last = Chunk()
      return
    }
    let reused = chunks[oldest]
    chunks[oldest] = last
    oldest = (oldest + 1) % chunksMax
    last = reused
    if !isKnownUniquelyReferenced(&last) { last = Chunk() }
  }

  /// The kept events, oldest first.
  public var events: [Event] {
    var all: [Event] = []
    all.reserveCapacity((chunks.count + 1) * Self.chunkSize)
    for index in chunks.indices {
      all += UnsafeBufferPointer(start: chunks[(oldest + index) % chunks.count].events, count: Self.chunkSize)
    }
    return all + UnsafeBufferPointer(start: last.events, count: lastCount)
  }

  /// The last `n` kept events, oldest first.
  public func suffix(_ n: Int) -> [Event] { events.suffix(n) }

  /// Room for 64 events, which are plain bytes: nothing has to be released.
  final class Chunk: @unchecked Sendable {
    // Unchecked because only a unique owner writes.
    let events = UnsafeMutablePointer<Event>.allocate(capacity: Trace.chunkSize)
    init() {}
    init(copying other: Chunk, count: Int) { events.initialize(from: other.events, count: count) }
    deinit { events.deallocate() }
  }
}
