import SGXArchitecture
import Simulation
import Testing

@testable import SGXDriver

/// Pages of EPC on lists, and the pool that is made of them.
@Suite("Page lists and the pool") struct PageListTests {
  @Test func aListKeepsItsOrderWhateverIsTakenFromTheMiddle() {
    var random = RandomStream(seed: 11, purpose: .script)
    var pages = SparseTable<PhysPage>(empty: .untouched)
    var list = PageList()
    var model: [UInt32] = []
    for _ in 0..<4000 {
      switch random.next(below: 5) {
      case 0, 1, 2:
        let page = UInt32(random.next(below: 600))
        guard !model.contains(page) else { continue }
        list.append(page, in: &pages)
        model.append(page)
      case 3:
        let first = list.popFirst(in: &pages)
        #expect(first == model.first)
        model = Array(model.dropFirst())
      default:
        guard !model.isEmpty else { continue }
        let victim = model.remove(at: Int(random.next(below: UInt64(model.count))))
        list.remove(victim, in: &pages)
      }
      #expect(list.count == UInt32(model.count))
    }
    #expect(!model.isEmpty)
    #expect(list.elements(in: pages) == model)
  }

  @Test func aPageTakenOffAListCanBeAppendedAgain() {
    var pages = SparseTable<PhysPage>(empty: .untouched)
    var list = PageList()
    for page: UInt32 in [7, 8, 9] { list.append(page, in: &pages) }
    list.remove(9, in: &pages)
    list.remove(7, in: &pages)
    list.append(7, in: &pages)
    #expect(list.elements(in: pages) == [8, 7])
    list.remove(8, in: &pages)
    list.remove(7, in: &pages)
    #expect(list.elements(in: pages).isEmpty)
    let none = list.popFirst(in: &pages)
    #expect(none == nil)
  }

  @Test func freshPagesComeInOrderAndFreedOnesBehindThem() {
    var pool = PhysPagePool(total: 6)
    let first = (0..<4).map { _ in pool.allocate()! }
    #expect(first.map(\.rawValue) == [0, 1, 2, 3])
    pool.free(first[2])
    pool.free(first[0])
    #expect(pool.freeCount == 4)
    let next = (0..<4).map { _ in pool.allocate()! }
    #expect(next.map(\.rawValue) == [4, 5, 2, 0], "a freed page is used last, in order of freeing")
    let none = pool.allocate()
    #expect(none == nil)
    #expect(pool.freeCount == 0)
  }

  @Test func thePoolIsAQueueUnderRandomUse() {
    var random = RandomStream(seed: 12, purpose: .script)
    var pool = PhysPagePool(total: 64)
    var free = (0..<64).map { PhysPageNumber(UInt32($0)) }
    var used: [PhysPageNumber] = []
    var leaked: UInt64 = 0
    for round in 0..<3000 {
      switch random.next(below: 20) {
      case 0..<10:
        let page = pool.allocate()
        #expect(page == free.first, "round \(round)")
        if page != nil { used.append(free.removeFirst()) }
      case 10..<19:
        guard !used.isEmpty else { continue }
        let page = used.remove(at: Int(random.next(below: UInt64(used.count))))
        pool.free(page)
        free.append(page)
      default:
        guard leaked < 10, let page = used.popLast() else { continue }
        pool.leak(page)
        leaked += 1
        #expect(pool[page].state == .leaked)
      }
      #expect(pool.freeCount == UInt64(free.count))
      #expect(pool.freeListLength == UInt64(free.count))
    }
    #expect(leaked == 10)
    #expect(pool.leakedCount == leaked)
  }

  @Test func theReclaimQueueLetsAPageGoFromAnywhere() {
    var pool = PhysPagePool(total: 8)
    let pages = (0..<5).map { _ in pool.allocate()! }
    for page in pages {
      pool.bind(page, to: .slot, of: EnclaveID(3), pageIndex: UInt64(page.rawValue) + 100)
      pool.enqueue(page)
    }
    pool.dequeue(pages[2])
    pool.dequeue(pages[2])
    pool.dequeue(pages[0])
    pool.dequeue(pages[4])
    #expect(pool.queuedPages == [pages[1], pages[3]])
    #expect(pool.queuedCount == 2)
    #expect(pool[pages[3]].isQueued)
    #expect(pool[pages[3]].state == .inUse(.slot(EnclaveID(3), EnclaveOffset(pageIndex: 103))), "a queued page keeps its owner")
    pool.free(pages[4])
    pool.free(pages[2])
    #expect(pool.freedPages == [pages[4], pages[2]])
  }

  @Test func aPageRemembersTheLastEnclaveAndTheLastIndexThereCanBe() {
    var page = PhysPage.untouched
    page.isQueued = true
    page.become(.slot, enclave: EnclaveID(UInt32(PhysPage.enclavesMax - 1)), pageIndex: 1 << 44 - 1)
    #expect(page.state == .inUse(.slot(EnclaveID(32767), EnclaveOffset(pageIndex: 1 << 44 - 1))))
    #expect(page.isQueued)
    #expect(MemoryLayout<PhysPage>.size == 16)
  }
}
