import Simulation
import Testing

@Suite struct SparseTableTests {
  /// Indexes near leaf, branch and word borders, so that neighbours, strangers and the last place all occur.
  static let borders: [UInt32] = [0, 255, 256, 65_535, 65_536, 1 << 24, (1 << 24) + 300, 1 << 31, .max - 256, .max]

  @Test func untouchedPlacesReadAsEmpty() {
    let table = SparseTable<Int>(empty: -1)
    for index in Self.borders { #expect(table[index] == -1) }
    #expect(elements(of: table).isEmpty)
  }

  @Test func everyBorderHoldsItsOwnElement() {
    var table = SparseTable<Int>(empty: 0)
    for index in Self.borders { table[index] = Int(index) + 1 }
    for index in Self.borders { #expect(table[index] == Int(index) + 1) }
    #expect(elements(of: table).map(\.0) == Self.borders)
  }

  /// The leaf used last is held apart from the tree; wherever it lies, it takes its place in the order.
  @Test(arguments: borders) func touchedElementsComeInOrderWhicheverLeafIsHot(hot: UInt32) {
    var table = SparseTable<Int>(empty: 0)
    for index in Self.borders.reversed() { table[index] = Int(index) + 1 }
    table[hot] = 7
    let found = elements(of: table)
    #expect(found.map(\.0) == Self.borders)
    #expect(found.map(\.1) == Self.borders.map { $0 == hot ? 7 : Int($0) + 1 })
  }

  @Test(arguments: borders) func aLoneHotLeafIsSeen(hot: UInt32) {
    var table = SparseTable<Int>(empty: 0)
    table[hot] = 7
    #expect(elements(of: table).map(\.0) == [hot])
  }

  @Test func wholeLeavesAreVisitedEmptyPlacesIncluded() {
    var table = SparseTable<Int>(empty: -1)
    table[1000] = 5
    var visited: [UInt32] = []
    table.forEachTouched { index, element in
      visited.append(index)
      #expect(element == (index == 1000 ? 5 : -1))
    }
    #expect(visited == Array(768..<1024))
  }

  @Test func anElementIsChangedInPlace() {
    var table = SparseTable<[Int]>(empty: [])
    let count = table.withElement(.max) { list -> Int in
      list.append(3)
      return list.count
    }
    #expect(count == 1)
    #expect(table[.max] == [3])
    #expect(table[.max - 1] == [])
  }

  @Test func elementsAreReleasedWithTheTable() {
    final class Token: Sendable {}
    weak var seen: Token?
    do {
      var table = SparseTable<Token?>(empty: nil)
      let token = Token()
      seen = token
      table[3] = token
      table[70_000] = token
      var fork = table
      fork[3] = nil
      table.removeAll()
      #expect(fork[70_000] === token)
    }
    #expect(seen == nil)
  }

  @Test(arguments: borders) func aForkWritesAlone(index: UInt32) {
    var original = SparseTable<Int>(empty: 0)
    original[index] = 1
    original[index ^ 1] = 2
    var fork = original
    fork[index] = 10
    original[index ^ 1] = 20
    #expect(original[index] == 1)
    #expect(original[index ^ 1] == 20)
    #expect(fork[index] == 10)
    #expect(fork[index ^ 1] == 2)
  }

  /// Up to six tables and the dictionaries they should equal, written, read, forked and emptied at random.
  @Test(arguments: UInt64(1)...6) func aTableIsADictionaryThroughForks(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .script)
    var pairs = [(table: SparseTable<UInt64>(empty: 0), model: [UInt32: UInt64]())]
    for step in 1...6000 {
      let chosen = Int(random.next(below: UInt64(pairs.count)))
      let index = Self.borders[Int(random.next(below: 10))] ^ UInt32(random.next(below: 4) * 0x93)
      switch random.next(below: 100) {
      case 0..<60:
        let value = random.next() | 1
        pairs[chosen].table[index] = value
        pairs[chosen].model[index] = value
      case 60..<70:
        pairs[chosen].table.withElement(index) { $0 &+= 2 }
        pairs[chosen].model[index, default: 0] &+= 2
      case 70..<96:
        #expect(pairs[chosen].table[index] == pairs[chosen].model[index, default: 0], "step \(step), index \(index)")
      case 96..<99:
        let copy = pairs[chosen]
        if pairs.count < 6 { pairs.append(copy) } else { pairs[Int(random.next(below: 6))] = copy }
      default:
        if random.next(below: 4) == 0 {
          pairs[chosen].table.removeAll()
          pairs[chosen].model = [:]
        }
      }
      if step.isMultiple(of: 500) { for pair in pairs { expectEqual(pair.table, pair.model, step) } }
    }
    #expect(pairs.count == 6)
  }

  private func expectEqual(_ table: SparseTable<UInt64>, _ model: [UInt32: UInt64], _ step: Int) {
    var last: UInt32?
    var isAscending = true
    var found: [UInt32: UInt64] = [:]
    table.forEachTouched { index, element in
      if let last, index <= last { isAscending = false }
      last = index
      if element != 0 { found[index] = element }
    }
    #expect(isAscending, "step \(step)")
    #expect(found == model.filter { $0.value != 0 }, "step \(step)")
  }

  private func elements(of table: SparseTable<Int>) -> [(UInt32, Int)] {
    var found: [(UInt32, Int)] = []
    table.forEachTouched { index, element in if element > 0 { found.append((index, element)) } }
    return found
  }
}
