import SGXArchitecture

/// Mappings in ascending order that do not overlap, in short sorted pieces, so that one more or one less moves no more than a piece.
struct MappingTable: Sendable {
  private var pieces: [[Mapping]] = []
  private(set) var count = 0
  /// Mappings and pieces that were looked at one by one or moved for the sake of another, so far. A test counts them: they, and no
  /// search, would make many mappings dear.
  private(set) var moved: UInt64 = 0
  private static let pieceLengthMax = 64

  struct Place {
    let piece: Int
    let index: Int
  }

  /// In ascending order.
  var all: [Mapping] { Array(pieces.joined()) }

  /// The first mapping that ends above the address; nil where there is none.
  func place(above address: UserAddress) -> Place? {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle][pieces[middle].count - 1].end <= address { low = middle + 1 } else { high = middle }
    }
    guard low < pieces.count else { return nil }
    return Place(piece: low, index: Self.index(above: address, in: pieces[low]))
  }

  subscript(place: Place) -> Mapping {
    _read { yield pieces[place.piece][place.index] }
    _modify { yield &pieces[place.piece][place.index] }
  }

  /// Adds a mapping whose range is free.
  mutating func insert(_ mapping: Mapping) {
    count += 1
    guard !pieces.isEmpty else {
      pieces.append([mapping])
      return
    }
    let place = place(above: mapping.start) ?? Place(piece: pieces.count - 1, index: pieces[pieces.count - 1].count)
    moved += UInt64(pieces[place.piece].count - place.index)
    pieces[place.piece].insert(mapping, at: place.index)
    guard pieces[place.piece].count > Self.pieceLengthMax else { return }
    // At the end only what is new goes over, so that mappings made in ascending order fill their pieces.
    let isLast = place.piece == pieces.count - 1 && place.index == Self.pieceLengthMax
    let kept = isLast ? Self.pieceLengthMax : Self.pieceLengthMax / 2
    let upper = Array(pieces[place.piece][kept...])
    moved += UInt64(upper.count + pieces.count - place.piece - 1)
    pieces[place.piece].removeSubrange(kept...)
    pieces.insert(upper, at: place.piece + 1)
  }

  /// Takes every mapping out that has an address in the range, in ascending order.
  mutating func take(_ range: Range<UserAddress>) -> [Mapping] {
    guard let first = place(above: range.lowerBound) else { return [] }
    var taken: [Mapping] = []
    var piece = first.piece
    var index = first.index
    var emptied: [Int] = []
    while piece < pieces.count {
      let end = pieces[piece][index...].firstIndex { $0.start >= range.upperBound } ?? pieces[piece].count
      taken += pieces[piece][index..<end]
      let reachesOn = end == pieces[piece].count
      moved += UInt64(pieces[piece].count - index)
      pieces[piece].removeSubrange(index..<end)
      if pieces[piece].isEmpty { emptied.append(piece) }
      guard reachesOn else { break }
      piece += 1
      index = 0
    }
    if let low = emptied.first, let high = emptied.last {
      moved += UInt64(pieces.count - low)
      pieces.removeSubrange(low...high)
    }
    count -= taken.count
    return taken
  }

  /// Calls `body` for each mapping that has an address in the range, in ascending order, as long as it says true.
  func forEach(in range: Range<UserAddress>, _ body: (Mapping) -> Bool) {
    guard let first = place(above: range.lowerBound) else { return }
    var index = first.index
    for piece in pieces[first.piece...] {
      for mapping in piece[index...] {
        guard mapping.start < range.upperBound, body(mapping) else { return }
      }
      index = 0
    }
  }

  private static func index(above address: UserAddress, in piece: [Mapping]) -> Int {
    var low = 0
    var high = piece.count
    while low < high {
      let middle = (low + high) / 2
      if piece[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
