import SGXArchitecture
import Simulation

/// The allocator of EPC pages: one section, first in first out, so that a freed page is used last
/// (arch/x86/kernel/cpu/sgx/main.c, __sgx_alloc_epc_page and sgx_free_epc_page, 5.13 and later).
///
/// Pages that were never used are a number, not a list: an EPC of 128 GiB costs nothing to start.
public struct PhysPagePool: Sendable {
  public let total: UInt32
  var pages = SparseTable<PhysPage>(empty: .untouched)
  /// First page that was never handed out; all above it are free too, in ascending order.
  private(set) var firstUntouched: UInt32 = 0
  private var freed = PageList()
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

  init(total: UInt32) {
    self.total = total
    freeCount = UInt64(total)
  }

  /// Pages the reclaimer may evict (length of sgx_active_page_list).
  public var queuedCount: UInt64 { UInt64(queue.count) }

  public subscript(page: PhysPageNumber) -> PhysPage { pages[page.rawValue] }

  /// Takes the oldest free page; nil when there is none.
  mutating func allocate() -> PhysPageNumber? {
    let number: UInt32
    if firstUntouched < total {
      number = firstUntouched
      firstUntouched += 1
    } else if let head = freed.popFirst(in: &pages) {
      number = head
    } else {
      return nil
    }
    freeCount -= 1
    pages.withElement(number) { $0.become(.inFlight) }
    return PhysPageNumber(number)
  }

  /// Says what an allocated page is used for.
  mutating func bind(_ page: PhysPageNumber, to role: PhysPage.Role, of enclave: EnclaveID, pageIndex: UInt64 = 0) {
    pages.withElement(page.rawValue) { $0.become(role, enclave: enclave, pageIndex: pageIndex) }
  }

  /// Puts a page at the end of the free list.
  mutating func free(_ page: PhysPageNumber) {
    precondition(!self[page].isQueued, "one-list: a page is dequeued before it is freed")
    precondition(self[page].role != .free, "one-list: a free page is not freed again")
    pages.withElement(page.rawValue) { $0.become(.free) }
    freed.append(page.rawValue, in: &pages)
    freeCount += 1
  }

  /// Keeps a page out of use for ever.
  mutating func leak(_ page: PhysPageNumber) {
    precondition(!self[page].isQueued, "one-list: a page is dequeued before it is leaked")
    pages.withElement(page.rawValue) { $0.become(.leaked) }
    leakedCount += 1
  }

  /// Makes a page reclaimable (sgx_mark_page_reclaimable).
  mutating func enqueue(_ page: PhysPageNumber) {
    queue.append(page.rawValue, in: &pages)
    pages.withElement(page.rawValue) {
      $0.isQueued = true
      $0.setRole(.slot)
    }
  }

  /// The page that the reclaimer would take next.
  var oldestQueued: PhysPageNumber? { queue.first.map(PhysPageNumber.init) }

  /// Another role for the page of a slot.
  mutating func setRole(_ role: PhysPage.Role, of page: PhysPageNumber) { pages.withElement(page.rawValue) { $0.setRole(role) } }

  /// Takes a page off the reclaim queue, wherever in it it stands.
  mutating func dequeue(_ page: PhysPageNumber) {
    guard self[page].isQueued else { return }
    queue.remove(page.rawValue, in: &pages)
    pages.withElement(page.rawValue) { $0.isQueued = false }
  }

  /// Free pages by walking the list: what the counter ought to say.
  public var freeListLength: UInt64 { UInt64(total - firstUntouched) + UInt64(freed.count) }

  /// Pages of the reclaim queue, oldest first.
  public var queuedPages: [PhysPageNumber] { queue.elements(in: pages).map(PhysPageNumber.init) }

  /// Pages that were handed out at least once; the rest are free and in ascending order behind them.
  public var touchedCount: UInt32 { firstUntouched }

  /// Pages of the free list that were used before, oldest first; the untouched ones come ahead of them.
  public var freedPages: [PhysPageNumber] { freed.elements(in: pages).map(PhysPageNumber.init) }
}
