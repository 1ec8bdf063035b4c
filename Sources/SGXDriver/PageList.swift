import Simulation

/// A doubly linked list whose links live in the pages' own records, so that membership costs no memory.
struct PageList: Hashable, Sendable {
  private var head = PhysPage.none
  private var tail = PhysPage.none
  private(set) var count: UInt32 = 0

  mutating func append(_ page: UInt32, in pages: inout SparseTable<PhysPage>) {
    let last = tail
    let isOnNone = pages.withElement(page) {
      guard $0.next == PhysPage.none, $0.previous == PhysPage.none else { return false }
      $0.previous = last
      return true
    }
    guard isOnNone else { return BenchLaw.broken(.oneList) }
    if last == PhysPage.none { head = page } else { pages.withElement(last) { $0.next = page } }
    tail = page
    count += 1
  }

  mutating func popFirst(in pages: inout SparseTable<PhysPage>) -> UInt32? {
    guard head != PhysPage.none else { return nil }
    let page = head
    remove(page, in: &pages)
    return page
  }

  mutating func remove(_ page: UInt32, in pages: inout SparseTable<PhysPage>) {
    let (next, previous) = pages.withElement(page) { record in
      defer {
        record.next = PhysPage.none
        record.previous = PhysPage.none
      }
      return (record.next, record.previous)
    }
    if previous == PhysPage.none { head = next } else { pages.withElement(previous) { $0.next = next } }
    if next == PhysPage.none { tail = previous } else { pages.withElement(next) { $0.previous = previous } }
    count -= 1
  }

  /// The page that has been on the list longest.
  var first: UInt32? { head == PhysPage.none ? nil : head }

  func elements(in pages: SparseTable<PhysPage>) -> [UInt32] {
    var result: [UInt32] = []
    var page = head
    while page != PhysPage.none, result.count <= count {
      result.append(page)
      page = pages[page].next
    }
    return result
  }
}
