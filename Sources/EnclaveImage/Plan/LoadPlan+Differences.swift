import SGXArchitecture

/// Neighbouring pages in which two plans differ in the same way.
public struct PageDifference: Hashable, Sendable {
  public let offset: EnclaveOffset
  public internal(set) var pageCount: UInt64
  public let kinds: Kinds

  public struct Kinds: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let onlyInFirst = Kinds(rawValue: 1)
    public static let onlyInSecond = Kinds(rawValue: 2)
    /// Type or rights.
    public static let secInfo = Kinds(rawValue: 4)
    /// Whether, what part, or in which order it is measured.
    public static let measured = Kinds(rawValue: 8)
    public static let contents = Kinds(rawValue: 16)
    /// Contents that neither measures.
    public static let unmeasuredContents = Kinds(rawValue: 32)

    /// `rights, contents`
    public var text: String {
      let names: [(Kinds, String)] = [
        (.onlyInFirst, "only in the first"), (.onlyInSecond, "only in the second"), (.secInfo, "type or rights"),
        (.measured, "what is measured"), (.contents, "contents"), (.unmeasuredContents, "contents that nobody measures"),
      ]
      return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
  }
}

extension LoadPlan {
  /// All pages in which the two differ, by their place in the enclave, whatever the order in which they are loaded.
  public func differences(from other: LoadPlan) -> [PageDifference] {
    var list = DifferenceList()
    var (mine, theirs) = (PageCursor(self), PageCursor(other))
    while true {
      switch (mine.offset, theirs.offset) {
      case (nil, nil):
        return list.differences
      case (let here?, nil):
        list.append(here, mine.left, .onlyInFirst)
        mine.advance(mine.left)
      case (nil, let there?):
        list.append(there, theirs.left, .onlyInSecond)
        theirs.advance(theirs.left)
      case (let here?, let there?) where here < there:
        let count = min(mine.left, there.minus(here) / pageSize)
        list.append(here, count, .onlyInFirst)
        mine.advance(count)
      case (let here?, let there?) where there < here:
        let count = min(theirs.left, here.minus(there) / pageSize)
        list.append(there, count, .onlyInSecond)
        theirs.advance(count)
      case (let here?, _?):
        let count = compare(mine, theirs)
        list.append(here, count.pages, count.kinds)
        mine.advance(count.pages)
        theirs.advance(count.pages)
      }
    }
  }

  /// How many pages from two places on differ in the same way, and how.
  private func compare(_ mine: PageCursor, _ theirs: PageCursor) -> (pages: UInt64, kinds: PageDifference.Kinds) {
    let (first, second) = (mine.range, theirs.range)
    var kinds: PageDifference.Kinds = []
    if first.secInfoFlags != second.secInfoFlags { kinds.insert(.secInfo) }
    if first.measured != second.measured { kinds.insert(.measured) }
    // Where all pages of both hold the same, one look is enough for all.
    var pages: UInt64 = 1
    if case .same = first.contents, case .same = second.contents { pages = min(mine.left, theirs.left) }
    let (here, there) = (first.page(mine.page), second.page(theirs.page))
    guard here.firstDifference(from: there, at: 0, count: Int(pageSize)) != nil else { return (pages, kinds) }
    for chunk in 0..<extendChunksPerPage {
      guard here.firstDifference(from: there, at: chunk &* Int(extendChunkSize), count: Int(extendChunkSize)) != nil else { continue }
      let isMeasured = first.measured.contains(UInt64(chunk)) || second.measured.contains(UInt64(chunk))
      kinds.insert(isMeasured ? .contents : .unmeasuredContents)
    }
    return (pages, kinds)
  }
}

/// Goes through the pages of a plan by ascending place.
private struct PageCursor {
  private let ranges: [PageRange]
  private var index = 0
  /// Of the range.
  private(set) var page: UInt64 = 0

  init(_ plan: LoadPlan) { ranges = plan.ranges.sorted { $0.offset < $1.offset } }

  var range: PageRange { ranges[index] }
  /// Where the page goes; nil behind the last one.
  var offset: UInt64? { index < ranges.count ? range.offset(ofPage: page).rawValue : nil }
  /// Pages left in the range.
  var left: UInt64 { range.pageCount &- page }

  mutating func advance(_ count: UInt64) {
    page &+= count
    if page == range.pageCount { (index, page) = (index &+ 1, 0) }
  }
}

private struct DifferenceList {
  var differences: [PageDifference] = []

  mutating func append(_ offset: UInt64, _ pages: UInt64, _ kinds: PageDifference.Kinds) {
    guard !kinds.isEmpty else { return }
    if let last = differences.last, last.kinds == kinds, last.offset.rawValue &+ last.pageCount &* pageSize == offset {
      differences[differences.endIndex &- 1].pageCount &+= pages
    } else {
      differences.append(PageDifference(offset: EnclaveOffset(offset), pageCount: pages, kinds: kinds))
    }
  }
}
