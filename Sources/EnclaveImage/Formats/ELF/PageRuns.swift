import SGXArchitecture

/// A set of pages, kept as runs of neighbours in ascending order.
struct PageRuns {
  /// Runs that a set may have.
  static let max = 1 << 16

  private var runs: [Range<UInt64>] = []

  init() {}

  /// From pages in any order and repeated.
  init(_ pages: [UInt64]) {
    for page in pages.sorted() {
      let end = page.plus(pageSize)
      if let last = runs.last, page <= last.upperBound {
        if page == last.upperBound { runs[runs.endIndex &- 1] = last.lowerBound..<end }
      } else if page < end {
        runs.append(page..<end)
      }
    }
  }

  var count: Int { runs.count }

  /// The parts of runs within a range.
  func runs(overlapping range: Range<UInt64>) -> [Range<UInt64>] {
    runs.lazy.map { $0.clamped(to: range) }.filter { !$0.isEmpty }
  }

  /// True for a page of the set. Questions come in ascending order; `hint` is where the last one ended.
  func contains(_ page: UInt64, hint: inout Int) -> Bool {
    while hint < runs.count, runs[hint].upperBound <= page { hint &+= 1 }
    return hint < runs.count && runs[hint].contains(page)
  }
}

/// Gathers pages that come in any order and often repeat, without keeping every repetition.
struct PageMarks {
  /// Pages that an image may mark: 4 GiB of them.
  static let max = 1 << 20

  private var pages: [UInt64] = []
  private var sortedAt = 1 << 16

  /// Takes the page of an address; false where there are too many.
  mutating func mark(_ address: UInt64) -> Bool {
    let page = address.pageStart
    if pages.last == page { return true }
    pages.append(page)
    guard pages.count >= sortedAt else { return true }
    pages = Array(Set(pages))
    sortedAt = Swift.max(sortedAt, pages.count &* 2)
    return pages.count <= Self.max
  }

  var runs: PageRuns { PageRuns(pages) }
}
