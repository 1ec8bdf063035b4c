import SGXArchitecture
import Simulation

/// The free pages of one node, or in versions that do not know nodes those of one section: first in, first out, so that a freed page
/// is used last.
///
/// Pages that were never used are a number, not a list: an EPC of 128 GiB costs nothing to start.
struct FreeList: Sendable {
  /// The node of its pages.
  let node: Int
  /// The pages it is made of, in ascending order.
  let ranges: [Range<UInt32>]
  /// Index of the range in which untouched pages begin.
  private var rangeIndex = 0
  /// First page that was never handed out; what comes behind it in `ranges` is free too, in this order.
  private var firstUntouched: UInt32
  private var end: UInt32
  private var freed = PageList()
  /// Pages in ranges behind the current one.
  private var laterCount: UInt64

  init(node: Int, ranges: [Range<UInt32>]) {
    precondition(!ranges.isEmpty, "free-list: a list stands for some pages")
    self.node = node
    self.ranges = ranges
    firstUntouched = ranges[0].lowerBound
    end = ranges[0].upperBound
    laterCount = ranges.dropFirst().reduce(0) { $0 + UInt64($1.count) }
  }

  /// Takes the oldest free page; nil when there is none.
  mutating func takeFirst(in pages: inout SparseTable<PhysPage>) -> UInt32? {
    if firstUntouched == end, laterCount > 0 { goToNextRange() }
    if firstUntouched < end {
      defer { firstUntouched += 1 }
      return firstUntouched
    }
    return freed.popFirst(in: &pages)
  }

  @inline(never) private mutating func goToNextRange() {
    rangeIndex += 1
    firstUntouched = ranges[rangeIndex].lowerBound
    end = ranges[rangeIndex].upperBound
    laterCount -= UInt64(ranges[rangeIndex].count)
  }

  mutating func append(_ page: UInt32, in pages: inout SparseTable<PhysPage>) { freed.append(page, in: &pages) }

  /// Free pages.
  var count: UInt64 { UInt64(end - firstUntouched) + laterCount + UInt64(freed.count) }

  /// Ranges of pages that were handed out at least once.
  var touchedRanges: [Range<UInt32>] {
    ranges[..<rangeIndex] + [ranges[rangeIndex].lowerBound..<firstUntouched]
  }

  func freedPages(in pages: SparseTable<PhysPage>) -> [UInt32] { freed.elements(in: pages) }

  func contains(_ page: UInt32) -> Bool { ranges.contains { $0.contains(page) } }
}
