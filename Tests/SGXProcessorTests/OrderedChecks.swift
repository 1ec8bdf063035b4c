import SGXArchitecture
import SGXProcessor
import TestSupport
import Testing

/// A processor and a leaf about to run on it.
struct Situation<L: Leaf> {
  var bench: Bench
  var leaf: L
  /// Page of EPC that the operand lies in.
  func page(_ address: EPCAddress) -> UInt32? { bench.processor.epc.page(at: address)?.rawValue }
  func entry(_ address: EPCAddress) -> EPCMEntry? { page(address).map(bench.entry) }
}

/// A row of a leaf's table: the manual's condition written again, ways to bring it about, and what it must answer.
struct CheckRow<L: Leaf> {
  typealias Breaker = (inout Situation<L>) -> Void
  let check: L.Check
  let holds: (Situation<L>) -> Bool
  let answer: (Situation<L>) -> LeafOutcome
  let breakers: [Breaker]
}

/// A leaf's table, the situation that passes it, and the pairs of rows that no situation can break together.
struct CheckTable<L: Leaf> {
  var good: Situation<L>
  var rows: [CheckRow<L>] = []
  /// Rows the model cannot reach, and why.
  var unreachable: [(check: L.Check, reason: String)] = []
  /// Pairs of reachable rows that exclude each other, and why.
  var impossible: [(earlier: L.Check, later: L.Check, reason: String)] = []

  init(good: Situation<L>) { self.good = good }

  mutating func add(
    _ check: L.Check, answer: @escaping (Situation<L>) -> LeafOutcome, when holds: @escaping (Situation<L>) -> Bool,
    _ breakers: CheckRow<L>.Breaker...
  ) {
    rows.append(CheckRow(check: check, holds: holds, answer: answer, breakers: breakers))
  }

  /// A row that answers #GP(0).
  mutating func addProtection(
    _ check: L.Check, when holds: @escaping (Situation<L>) -> Bool, _ breakers: CheckRow<L>.Breaker...
  ) {
    let answer: (Situation<L>) -> LeafOutcome = { _ in .fault(.generalProtection, row: check.rawValue) }
    rows.append(CheckRow(check: check, holds: holds, answer: answer, breakers: breakers))
  }

  /// A row that answers #PF at an operand, with W where the leaf writes there.
  mutating func addPageFault(
    _ check: L.Check, at address: KeyPath<L, EPCAddress>, write: Bool, when holds: @escaping (Situation<L>) -> Bool,
    _ breakers: CheckRow<L>.Breaker...
  ) {
    let answer: (Situation<L>) -> LeafOutcome = { situation in
      .fault(.pageFault(address: situation.leaf[keyPath: address], write: write), row: check.rawValue)
    }
    rows.append(CheckRow(check: check, holds: holds, answer: answer, breakers: breakers))
  }
}

extension CheckTable {
  /// Runs the whole table: each row alone, then every pair, then the account of the pairs.
  func verify() {
    #expect(goodPasses, "the good situation is refused")
    verifyEveryRowIsListed()
    for row in rows { verifyAlone(row) }
    verifyPairs()
  }

  private var goodPasses: Bool {
    var situation = good
    return broken(situation).isEmpty && situation.bench.run(situation.leaf).isDone
  }

  private func verifyEveryRowIsListed() {
    let listed = rows.map(\.check.rawValue) + unreachable.map(\.check.rawValue)
    #expect(listed.sorted() == L.Check.allCases.map(\.rawValue).sorted(), "each row once")
    #expect(rows.map(\.check.rawValue) == rows.map(\.check.rawValue).sorted(), "rows in the manual's order")
    #expect(Set(L.Check.allCases.map(\.condition)).count == L.Check.allCases.count)
  }

  private func verifyAlone(_ row: CheckRow<L>) {
    for (variant, breaker) in row.breakers.enumerated() {
      var situation = good
      breaker(&situation)
      #expect(broken(situation) == [row.check.rawValue], "\(L.name).\(row.check), breaker \(variant) breaks its row alone")
      expectRefusal(of: situation, by: row, "breaker \(variant)")
    }
  }

  private func verifyPairs() {
    var tested: Set<[UInt8]> = []
    for (earlier, later) in pairs(of: rows) {
      for situation in situations(breaking: earlier, and: later) {
        expectRefusal(of: situation, by: earlier, "with \(later.check)")
        tested.insert([earlier.check.rawValue, later.check.rawValue])
      }
    }
    let all = Set(pairs(of: L.Check.allCases.map(\.rawValue)).map { [$0, $1] })
    let hidden = Set(unreachable.map(\.check.rawValue))
    let outOfReach = all.filter { !hidden.isDisjoint(with: $0) }
    let exclusive = Set(impossible.map { [$0.earlier.rawValue, $0.later.rawValue] })
    #expect(exclusive.count == impossible.count, "a pair is listed twice")
    let wrong = names(tested.intersection(exclusive))
    #expect(wrong.isEmpty, "listed as impossible, yet broken together: \(wrong)")
    let missing = all.subtracting(tested).subtracting(outOfReach).subtracting(exclusive)
    #expect(missing.isEmpty, "neither tested nor impossible: \(names(missing))")
    #expect(tested.count + outOfReach.count + exclusive.count == all.count)
    #expect(impossible.allSatisfy { !$0.reason.isEmpty } && unreachable.allSatisfy { !$0.reason.isEmpty })
    print(
      "\(L.name): \(rows.count) rows broken alone, \(unreachable.count) out of reach; \(all.count) pairs: \(tested.count) "
        + "tested, \(outOfReach.count) with a row out of reach, \(exclusive.count) exclusive")
  }

  /// Situations in which both rows are broken and no earlier one; each pair of breakers in both orders.
  private func situations(breaking earlier: CheckRow<L>, and later: CheckRow<L>) -> [Situation<L>] {
    var found: [Situation<L>] = []
    for first in earlier.breakers {
      for second in later.breakers {
        for order in [[first, second], [second, first]] {
          var situation = good
          for breaker in order { breaker(&situation) }
          let rows = broken(situation)
          if rows.first == earlier.check.rawValue, rows.contains(later.check.rawValue) { found.append(situation) }
        }
      }
    }
    return found
  }

  private func expectRefusal(of situation: Situation<L>, by row: CheckRow<L>, _ remark: String) {
    var situation = situation
    let before = ProcessorSnapshot(situation.bench.processor)
    let outcome = situation.bench.run(situation.leaf)
    #expect(outcome == row.answer(situation), "\(L.name).\(row.check) \(remark)")
    #expect(outcome.row == row.check.rawValue)
    #expect(before == ProcessorSnapshot(situation.bench.processor), "\(L.name).\(row.check) \(remark) left something behind")
  }

  private func broken(_ situation: Situation<L>) -> [UInt8] {
    rows.filter { $0.holds(situation) }.map(\.check.rawValue)
  }

  private func pairs<Element>(of list: [Element]) -> [(Element, Element)] {
    list.indices.flatMap { first in list[(first + 1)...].map { (list[first], $0) } }
  }

  private func names(_ pairs: Set<[UInt8]>) -> [String] {
    pairs.map { $0.map { String(describing: L.Check(rawValue: $0)!) }.joined(separator: "+") }.sorted()
  }
}

enum Reason {
  static let atomic = "a lock row: leaves run atomically in the model, only an injection conflicts"
  static let noEntry = "an address outside EPC has no EPCM entry"
  static let noOwner = "a page that is not valid belongs to no enclave"
  static let noSECS = "no SECS, no enclave to ask about"
}
