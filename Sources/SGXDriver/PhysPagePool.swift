import SGXArchitecture
import SGXProcessor
import Simulation

/// The allocator of EPC pages: a list of free pages for each node, or in versions that do not know nodes for each section
/// (arch/x86/kernel/cpu/sgx/main.c, __sgx_alloc_epc_page and sgx_free_epc_page).
public struct PhysPagePool: Sendable {
  /// Pages of the sections in use.
  public let total: UInt32
  var pages = SparseTable<PhysPage>(empty: .untouched)
  /// The first list, and the only one of most machines: in place, so that a page costs no look into an array.
  private var first: FreeList
  private var others: [FreeList]
  /// Pages that the reclaimer may evict, oldest first (sgx_active_page_list).
  private(set) var queue = PageList()
  /// The driver's counter (sgx_nr_free_pages).
  public internal(set) var freeCount: UInt64
  /// Pages lost since boot.
  public private(set) var leakedCount: UInt64 = 0

  /// Below this many free pages the background reclaimer is woken (SGX_NR_LOW_PAGES).
  public static let lowWatermark: UInt64 = 32

  /// Up to this many free pages the background reclaimer goes on (SGX_NR_HIGH_PAGES).
  public static let highWatermark: UInt64 = 64

  /// One section on node 0.
  init(total: UInt32) { self.init(sections: [EPCSection(pageCount: total, node: 0)], byNode: true) }

  /// - Parameters:
  ///   - sections: those that are in use, in the processor's order.
  ///   - byNode: a list for each node, in ascending order; otherwise one for each section.
  init(sections: [EPCSection], byNode: Bool) {
    precondition(!sections.isEmpty, "epc-exists: without EPC there is no driver")
    var start: UInt32 = 0
    var ranges: [(node: Int, range: Range<UInt32>)] = []
    for section in sections {
      ranges.append((section.node, start..<(start + section.pageCount)))
      start += section.pageCount
    }
    total = start
    freeCount = UInt64(start)
    var lists: [FreeList]
    if byNode {
      let nodes = Set(ranges.map(\.node)).sorted()
      lists = nodes.map { node in FreeList(node: node, ranges: ranges.filter { $0.node == node }.map(\.range)) }
    } else {
      lists = ranges.map { FreeList(node: $0.node, ranges: [$0.range]) }
    }
    first = lists.removeFirst()
    others = lists
    searchesNearest = byNode
  }

  /// The search begins at the caller's node, not at the first list.
  private let searchesNearest: Bool

  /// Pages the reclaimer may evict (length of sgx_active_page_list).
  public var queuedCount: UInt64 { UInt64(queue.count) }

  public subscript(page: PhysPageNumber) -> PhysPage { pages[page.rawValue] }

  /// Takes the oldest free page of the first list that has one; nil when none has. Lists are searched in their order, and where they
  /// are nodes from `node` on, or from the next one that has EPC, once round.
  mutating func allocate(near node: Int = 0) -> PhysPageNumber? {
    guard let number = others.isEmpty ? first.takeFirst(in: &pages) : search(from: node) else { return nil }
    freeCount -= 1
    pages.withElement(number) { $0.change(enclave: EnclaveID(0), pageIndex: 0) { $0.allocate() } }
    return PhysPageNumber(number)
  }

  /// Says what an allocated page is used for.
  mutating func bind(_ page: PhysPageNumber, to role: PhysPage.Role, of enclave: EnclaveID, pageIndex: UInt64 = 0) {
    pages.withElement(page.rawValue) { $0.change(enclave: enclave, pageIndex: pageIndex) { $0.bind(to: role) } }
  }

  /// Puts a page at the end of the free list.
  mutating func free(_ page: PhysPageNumber) {
    guard !self[page].isQueued else { return BenchLaw.broken(.oneList) }
    pages.withElement(page.rawValue) { $0.change(enclave: EnclaveID(0), pageIndex: 0) { $0.release() } }
    let other = others.isEmpty || first.contains(page.rawValue) ? nil : others.firstIndex { $0.contains(page.rawValue) }
    if let other { others[other].append(page.rawValue, in: &pages) } else { first.append(page.rawValue, in: &pages) }
    freeCount += 1
  }

  @inline(never) private mutating func search(from node: Int) -> UInt32? {
    let lists = 1 + others.count
    let nearest = searchesNearest && node > first.node ? others.firstIndex { $0.node >= node }.map { $0 + 1 } ?? 0 : 0
    for step in 0..<lists {
      let index = (nearest + step) % lists
      let page = index == 0 ? first.takeFirst(in: &pages) : others[index - 1].takeFirst(in: &pages)
      if let page { return page }
    }
    return nil
  }

  /// True where some page belongs to the node.
  func hasEPC(on node: Int) -> Bool { first.node == node || others.contains { $0.node == node } }

  /// Keeps a page out of use for ever.
  mutating func leak(_ page: PhysPageNumber) {
    guard !self[page].isQueued else { return BenchLaw.broken(.oneList) }
    pages.withElement(page.rawValue) { $0.change(enclave: EnclaveID(0), pageIndex: 0) { $0.leak() } }
    leakedCount += 1
  }

  /// Makes a page reclaimable (sgx_mark_page_reclaimable).
  mutating func enqueue(_ page: PhysPageNumber) {
    queue.append(page.rawValue, in: &pages)
    pages.withElement(page.rawValue) {
      $0.isQueued = true
      $0.change { $0.settle() }
    }
  }

  /// The page is a slot's for good, in a driver that never evicts it.
  mutating func settle(_ page: PhysPageNumber) { pages.withElement(page.rawValue) { $0.change { $0.settle() } } }

  /// The page that the reclaimer would take next.
  var oldestQueued: PhysPageNumber? { queue.first.map(PhysPageNumber.init) }

  /// The reclaimer has taken the page off its queue.
  mutating func isolate(_ page: PhysPageNumber) { pages.withElement(page.rawValue) { $0.change { $0.isolate() } } }

  /// The reclaimer has marked the page.
  mutating func mark(_ page: PhysPageNumber) { pages.withElement(page.rawValue) { $0.change { $0.mark() } } }

  /// Takes a page off the reclaim queue, wherever in it it stands.
  mutating func dequeue(_ page: PhysPageNumber) {
    guard self[page].isQueued else { return }
    queue.remove(page.rawValue, in: &pages)
    pages.withElement(page.rawValue) { $0.isQueued = false }
  }

  /// Free pages by walking the list: what the counter ought to say.
  public var freeListLength: UInt64 { others.reduce(first.count) { $0 + $1.count } }

  /// Pages of the reclaim queue, oldest first.
  public var queuedPages: [PhysPageNumber] { queue.elements(in: pages).map(PhysPageNumber.init) }

  /// Pages that were handed out at least once, as ranges; the rest are free.
  public var touchedRanges: [Range<UInt32>] { others.reduce(first.touchedRanges) { $0 + $1.touchedRanges } }

  /// How many those are.
  public var touchedCount: UInt32 {
    others.isEmpty && first.ranges.count == 1 ? first.touchedRanges[0].upperBound : touchedRanges.reduce(0) { $0 + UInt32($1.count) }
  }

  /// Pages of the free lists that were used before, oldest first of each; the untouched ones come ahead of them.
  public var freedPages: [PhysPageNumber] {
    others.reduce(first.freedPages(in: pages)) { $0 + $1.freedPages(in: pages) }.map(PhysPageNumber.init)
  }
}
