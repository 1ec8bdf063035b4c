import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// EPC over sections and nodes (linux-driver 4.1, 4.2; K8, K22).
@Suite("Sections and nodes") struct NodesTests {
  private static let three = [(4, 0), (3, 2), (2, 3)].map { EPCSection(pageCount: $0.0, node: $0.1) }

  private static func take(_ pool: inout PhysPagePool, near node: Int) -> [UInt32] {
    var pages: [UInt32] = []
    while let page = pool.allocate(near: node) { pages.append(page.rawValue) }
    return pages
  }

  /// Sections have pages 0 to 3, 4 to 6, 7 and 8.
  @Test(arguments: [
    (0, [0, 1, 2, 3, 4, 5, 6, 7, 8]), (1, [4, 5, 6, 7, 8, 0, 1, 2, 3]), (2, [4, 5, 6, 7, 8, 0, 1, 2, 3]), (3, [7, 8, 0, 1, 2, 3, 4, 5, 6]),
    (4, [0, 1, 2, 3, 4, 5, 6, 7, 8]), (9, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
  ] as [(Int, [UInt32])])
  func theSearchBeginsAtTheCallersNodeAndGoesRoundOnce(_ node: Int, _ order: [UInt32]) {
    var pool = PhysPagePool(sections: Self.three, byNode: true)
    #expect(pool.total == 9)
    let found = Self.take(&pool, near: node)
    #expect(found == order)
    #expect(pool.freeCount == 0)
    #expect(pool.touchedCount == 9)
  }

  @Test(arguments: [0, 2, 3]) func withoutNodesTheFirstSectionGoesFirst(_ node: Int) {
    var pool = PhysPagePool(sections: Self.three, byNode: false)
    let found = Self.take(&pool, near: node)
    #expect(found == Array(0..<9))
    for page in [8, 5, 1, 6] as [UInt32] { pool.free(PhysPageNumber(page)) }
    let again = Self.take(&pool, near: node)
    #expect(again == [1, 5, 6, 8], "each list is first in, first out")
  }

  /// Two sections of one node are one list; a freed page goes back to its own node.
  @Test func aNodesSectionsAreOneList() {
    let sections = [(2, 1), (2, 0), (2, 1)].map { EPCSection(pageCount: $0.0, node: $0.1) }
    var pool = PhysPagePool(sections: sections, byNode: true)
    let first = Self.take(&pool, near: 1)
    #expect(first == [0, 1, 4, 5, 2, 3])
    for page in [3, 5, 0] as [UInt32] { pool.free(PhysPageNumber(page)) }
    #expect(pool.freedPages.map(\.rawValue) == [3, 5, 0])
    let onNode0 = pool.allocate(near: 0)
    #expect(onNode0?.rawValue == 3)
    let elsewhere = pool.allocate(near: 0)
    #expect(elsewhere?.rawValue == 5)
    #expect(pool.freeListLength == 1)
  }

  @Test(arguments: [true, false]) func thePoolIsAQueueANodeUnderRandomUse(_ byNode: Bool) {
    var random = RandomStream(seed: 5, purpose: .script)
    let sections = [(5, 0), (7, 1), (3, 0), (6, 4)].map { EPCSection(pageCount: $0.0, node: $0.1) }
    var pool = PhysPagePool(sections: sections, byNode: byNode)
    // The same by plain lists: (node, pages).
    var lists: [(node: Int, free: [UInt32])] =
      byNode
      ? [(0, [0, 1, 2, 3, 4, 12, 13, 14]), (1, Array(5..<12)), (4, Array(15..<21))]
      : [(0, Array(0..<5)), (1, Array(5..<12)), (0, Array(12..<15)), (4, Array(15..<21))]
    let homes = lists.map { Set($0.free) }
    var used: [UInt32] = []
    for round in 0..<4000 {
      if random.next(below: 100) < 52 {
        let node = Int(random.next(below: 6))
        let start = byNode ? lists.firstIndex { $0.node >= node } ?? 0 : 0
        let list = (0..<lists.count).map { (start + $0) % lists.count }.first { !lists[$0].free.isEmpty }
        let expected = list.map { lists[$0].free.removeFirst() }
        let page = pool.allocate(near: node)
        #expect(page?.rawValue == expected, "round \(round)")
        if let expected { used.append(expected) }
      } else if !used.isEmpty {
        let page = used.remove(at: Int(random.next(below: UInt64(used.count))))
        pool.free(PhysPageNumber(page))
        lists[homes.firstIndex { $0.contains(page) }!].free.append(page)
      }
      #expect(pool.freeCount == UInt64(21 - used.count))
      #expect(pool.freeListLength == pool.freeCount)
      #expect(Set(used).isSubset(of: Set(pool.touchedRanges.joined())))
    }
  }

  @Test func theFirstSectionsAreUsedAndNoMore() throws {
    let sections = (0..<300).map { EPCSection(pageCount: 2, node: $0 % 2) }
    for (name, pages) in [("v39", 512), ("5.11", 16), ("6.1.192", 16), ("reviewed", 16)] as [(String, UInt64)] {
      let bench = Bench(driver: try DriverVersion.resolve(name), sections: sections, nodes: 2)
      #expect(bench.freePages == pages, "\(name)")
      #expect(bench.machine.processor.epc.pageCount == 600)
    }
  }

  /// K22: node 0 has no EPC and node 1 is full. Versions with the bug never answer, the others say ENOMEM.
  @Test(arguments: DriverVersion.all.map(\.name)) func aNodeWithoutEPCAndNoPageElsewhere(_ name: String) throws {
    let version = try DriverVersion.resolve(name)
    let pages: UInt32 = version.hasVersionArrays ? 5 : 4
    var bench = Bench(driver: version, sections: [EPCSection(pageCount: pages, node: 1)], nodes: 2, node: 0)
    let enclave = bench.enclave()
    let loaded = bench.add(enclave, count: 3)
    #expect(loaded == .done(3), "pages of another node serve as well")
    if version.reclaims {
      // With nothing to evict the search itself decides.
      for page in bench.machine.driver.pool.queuedPages { bench.machine.driver.pool.dequeue(page) }
    }
    let found = bench.add(enclave, page: 3)
    #expect(found.outcome == (version.loopsWhereNodeHasNoEPC ? .stopped(.endlessLoop(.pageSearch)) : .failure(.ENOMEM)))
  }

  /// Where the caller's own node has EPC, or another has a free page, the search ends in every version.
  @Test(arguments: ["5.13", "6.1", "6.2"]) func theSearchEndsOtherwise(_ name: String) throws {
    let version = try DriverVersion.resolve(name)
    var full = Bench(driver: version, sections: [EPCSection(pageCount: 1, node: 0)], nodes: 2, node: 0)
    let enclave = full.open()
    let refused = full.create(enclave)
    #expect(refused == .failure(.ENOMEM))
    var elsewhere = Bench(driver: version, sections: [EPCSection(pageCount: 8, node: 1)], nodes: 2, node: 0)
    let other = elsewhere.enclave()
    elsewhere.machine.strike(.noMemory, at: .allocation(.physPage))
    let injected = elsewhere.add(other)
    #expect(injected == .failed(.ENOMEM, pages: 0), "an injected lack of memory is no full EPC")
  }

  @Test(arguments: DriverVersion.all.map(\.name)) func aLoadOverThreeNodesBreaksNoLaw(_ name: String) throws {
    let sections = [(6, 0), (6, 1), (60, 2)].map { EPCSection(pageCount: $0.0, node: $0.1) }
    var bench = Bench(driver: try DriverVersion.resolve(name), sections: sections, nodes: 3, node: 1)
    let enclave = bench.enclave()
    let loaded = bench.add(enclave, count: 20)
    #expect(loaded == .done(20))
    let closed = bench.close(enclave)
    #expect(closed == .success)
    #expect(bench.freePages == 72)
    #expect(bench.brokenLaws.isEmpty)
    #expect(bench.warnings.isEmpty)
  }
}
