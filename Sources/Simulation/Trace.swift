import SGXArchitecture

/// The record of events. The last 4,096 are always kept; the whole run only when asked.
///
/// Chunks are shared between forks and copied by the first one that writes, so a fork costs their references.
public struct Trace: Sendable {
  /// Events of one chunk.
  static let chunkSize = 64
  /// Chunks that are always kept.
  static let chunksKept = 64

  private var chunks: [Chunk] = []
  /// Index of the oldest chunk in a full ring.
  private var oldest = 0
  private let keepsAll: Bool
  /// Events recorded since the run began, kept or not.
  public private(set) var count: UInt64 = 0
  private var last = Chunk()

  public init(keepsAll: Bool = false) { self.keepsAll = keepsAll }

  public mutating func record(_ event: Event) {
    if last.events.count == Self.chunkSize { retireLast() }
    if !isKnownUniquelyReferenced(&last) { last = Chunk(copying: last) }
    last.events.append(event)
    count &+= 1
  }

  /// Records an EEXTEND; those of one page, in a row, are one event with a count.
  public mutating func recordExtend(of page: PhysPageNumber) {
    guard case .extended(page, let chunks)? = last.events.last, chunks < .max else {
      return record(.extended(page, chunks: 1))
    }
    if !isKnownUniquelyReferenced(&last) { last = Chunk(copying: last) }
    last.events[last.events.count - 1] = .extended(page, chunks: chunks + 1)
  }

  private mutating func retireLast() {
    if keepsAll || chunks.count < Self.chunksKept {
      chunks.append(last)
      last = Chunk()
      return
    }
    let reused = chunks[oldest]
    chunks[oldest] = last
    oldest = (oldest + 1) % Self.chunksKept
    last = reused
    if isKnownUniquelyReferenced(&last) {
      last.events.removeAll(keepingCapacity: true)
    } else {
      last = Chunk()
    }
  }

  /// The kept events, oldest first.
  public var events: [Event] {
    var all: [Event] = []
    all.reserveCapacity((chunks.count + 1) * Self.chunkSize)
    for index in chunks.indices { all += chunks[(oldest + index) % chunks.count].events }
    return all + last.events
  }

  /// The last `n` kept events, oldest first.
  public func suffix(_ n: Int) -> [Event] { events.suffix(n) }

  final class Chunk: @unchecked Sendable {
    // Unchecked because only a unique owner appends.
    var events: [Event] = []
    init() { events.reserveCapacity(Trace.chunkSize) }
    init(copying other: Chunk) {
      events.reserveCapacity(Trace.chunkSize)
      events.append(contentsOf: other.events)
    }
  }
}
