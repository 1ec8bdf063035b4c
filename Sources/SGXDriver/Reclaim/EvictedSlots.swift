import SGXArchitecture
import Simulation

/// Slots whose page was evicted, in ascending order: the only slots that cost memory of their own.
///
/// Short sorted pieces, so that a page going or coming moves no more than a piece.
struct EvictedSlots: Sendable {
  struct Element: Sendable {
    let pageIndex: UInt64
    var type: PageType
    var maxPermissions: PagePermissions
    var page: EvictedPage
  }

  private var pieces: [[Element]] = []
  private(set) var count: UInt64 = 0
  private static let pieceLengthMax = 128

  var isEmpty: Bool { count == 0 }

  subscript(pageIndex: UInt64) -> Element? {
    guard let (piece, place) = find(pageIndex) else { return nil }
    return pieces[piece][place]
  }

  mutating func insert(_ element: Element) {
    let piece = max(self.piece(for: element.pageIndex), 0)
    if pieces.isEmpty { pieces.append([]) }
    let place = partition(pieces[piece], element.pageIndex)
    guard place == pieces[piece].count || pieces[piece][place].pageIndex != element.pageIndex else { return BenchLaw.broken(.slotOnce) }
    pieces[piece].insert(element, at: place)
    count += 1
    if pieces[piece].count > Self.pieceLengthMax {
      let half = pieces[piece].count / 2
      let upper = Array(pieces[piece][half...])
      pieces[piece].removeSubrange(half...)
      pieces.insert(upper, at: piece + 1)
    }
  }

  @discardableResult
  mutating func remove(_ pageIndex: UInt64) -> Element? {
    guard let (piece, place) = find(pageIndex) else { return nil }
    count -= 1
    let element = pieces[piece].remove(at: place)
    if pieces[piece].isEmpty { pieces.remove(at: piece) }
    return element
  }

  /// Changes one element in place; the slot must be evicted.
  mutating func change(_ pageIndex: UInt64, _ body: (inout Element) -> Void) {
    guard let (piece, place) = find(pageIndex) else { return BenchLaw.broken(.slotEvicted) }
    body(&pieces[piece][place])
  }

  /// Calls `body` in ascending order from `pageIndex` on, as long as it says true.
  func forEach(from pageIndex: UInt64 = 0, _ body: (Element) -> Bool) {
    var piece = max(self.piece(for: pageIndex), 0)
    guard piece < pieces.count else { return }
    var place = partition(pieces[piece], pageIndex)
    while piece < pieces.count {
      while place < pieces[piece].count {
        guard body(pieces[piece][place]) else { return }
        place += 1
      }
      piece += 1
      place = 0
    }
  }

  private func find(_ pageIndex: UInt64) -> (piece: Int, place: Int)? {
    let piece = piece(for: pageIndex)
    guard piece >= 0 else { return nil }
    let place = partition(pieces[piece], pageIndex)
    guard place < pieces[piece].count, pieces[piece][place].pageIndex == pageIndex else { return nil }
    return (piece, place)
  }

  /// The last piece that begins at or below `pageIndex`; -1 where there is none.
  private func piece(for pageIndex: UInt64) -> Int {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle][0].pageIndex <= pageIndex { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }

  /// Index of the first element at or above `pageIndex`.
  private func partition(_ piece: [Element], _ pageIndex: UInt64) -> Int {
    var low = 0
    var high = piece.count
    while low < high {
      let middle = (low + high) / 2
      if piece[middle].pageIndex < pageIndex { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
