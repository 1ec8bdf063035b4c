import SGXArchitecture
import Simulation

/// Which slots of an enclave exist (`page_array`): ranges, not one record a page. Neighbours that were added alike and lie in
/// neighbouring pages of EPC are one entry, so a dense enclave costs 16 bytes and a sparse one 16 a page. Slots whose page was
/// evicted stand apart.
///
/// - SlotMap+Eviction.swift: a page goes and comes back
public struct SlotMap: Sendable {
  private var runs: [Run] = []
  var evicted = EvictedSlots()
  /// The array whose slot a resident page had last, by page index: the driver keeps a pointer to it (`va_page`) that means nothing
  /// until EWB fails.
  var formerArrays: [UInt64: UInt32] = [:]
  /// Slots that exist, the reserved one included.
  public internal(set) var count: UInt64 = 0
  /// The slot of the page being added, if a call is in the middle of it: at most one, since one ioctl runs at a time.
  private var reservation: (pageIndex: UInt64, slot: VirtSlot)?

  struct Run: Hashable, Sendable {
    /// Index of the first slot in bits 63:16, type in 15:8, rights in 7:0.
    private var word: UInt64
    var count: UInt32
    var firstPage: UInt32

    init(first: UInt64, count: UInt32, firstPage: UInt32, type: PageType, maxPermissions: PagePermissions) {
      word = first << 16 | UInt64(type.rawValue) << 8 | UInt64(maxPermissions.rawValue)
      self.count = count
      self.firstPage = firstPage
    }

    var first: UInt64 {
      get { word >> 16 }
      set { word = newValue << 16 | word & 0xffff }
    }
    var type: PageType { PageType(rawValue: UInt8(word >> 8 & 0xff)).unsafelyUnwrapped }
    var maxPermissions: PagePermissions { PagePermissions(rawValue: UInt8(word & 0xff)) }
    var end: UInt64 { first + UInt64(count) }
    /// True where type and rights are the same.
    func isAlike(_ other: Run) -> Bool { word & 0xffff == other.word & 0xffff }
    func slot(at index: UInt64) -> VirtSlot {
      VirtSlot(
        type: type, maxPermissions: maxPermissions,
        backing: .resident(PhysPageNumber(firstPage + UInt32(index - first))))
    }
  }

  /// The slot at a page index, counted from the enclave's base.
  public subscript(pageIndex: UInt64) -> VirtSlot? {
    if let reservation, reservation.pageIndex == pageIndex { return reservation.slot }
    guard let index = runIndex(containing: pageIndex) else { return evicted.isEmpty ? nil : evicted[pageIndex]?.slot }
    return runs[index].slot(at: pageIndex)
  }

  /// Takes the place for a page about to be added. False where a slot exists already.
  mutating func reserve(_ pageIndex: UInt64, secInfo: SecInfo) -> Bool {
    guard reservation == nil else {
      BenchLaw.broken(.oneReservation)
      return false
    }
    guard runIndex(containing: pageIndex) == nil, evicted.isEmpty || evicted[pageIndex] == nil else { return false }
    reservation = (pageIndex, VirtSlot(secInfo: secInfo, backing: .reserved))
    count += 1
    return true
  }

  /// Gives the reserved place back.
  mutating func cancelReservation() {
    guard reservation != nil else { return BenchLaw.broken(.oneReservation) }
    reservation = nil
    count -= 1
  }

  /// Binds a page to the reserved slot.
  mutating func fillReservation(with page: PhysPageNumber) {
    guard let (pageIndex, reserved) = reservation else { return BenchLaw.broken(.oneReservation) }
    var slot = reserved
    slot.backing.fill(with: page)
    reservation = nil
    insert(
      Run(first: pageIndex, count: 1, firstPage: page.rawValue, type: slot.type, maxPermissions: slot.maxPermissions))
  }

  /// Forgets a resident slot.
  mutating func remove(_ pageIndex: UInt64) {
    removeFromRun(pageIndex)
    if !formerArrays.isEmpty { formerArrays[pageIndex] = nil }
    count -= 1
  }

  /// Takes a resident page out of its run.
  mutating func removeFromRun(_ pageIndex: UInt64) {
    guard let index = runIndex(containing: pageIndex) else { return BenchLaw.broken(.slotExists) }
    let run = runs[index]
    var pieces: [Run] = []
    if pageIndex > run.first {
      var head = run
      head.count = UInt32(pageIndex - run.first)
      pieces.append(head)
    }
    if pageIndex + 1 < run.end {
      var tail = run
      tail.first = pageIndex + 1
      tail.count = UInt32(run.end - tail.first)
      tail.firstPage = run.firstPage + UInt32(tail.first - run.first)
      pieces.append(tail)
    }
    runs.replaceSubrange(index...index, with: pieces)
  }

  /// The resident slot with the lowest index at or above `pageIndex`.
  func firstResident(from pageIndex: UInt64) -> (pageIndex: UInt64, page: PhysPageNumber)? {
    let index = partition(after: pageIndex)
    if index > 0, pageIndex < runs[index - 1].end {
      let run = runs[index - 1]
      return (pageIndex, PhysPageNumber(run.firstPage + UInt32(pageIndex - run.first)))
    }
    guard index < runs.count else { return nil }
    return (runs[index].first, PhysPageNumber(runs[index].firstPage))
  }

  /// Forgets the slots whose page was evicted; for an enclave that is taken apart.
  mutating func forgetEvicted() {
    count -= evicted.count
    evicted = EvictedSlots()
    formerArrays = [:]
  }

  /// Resident slots in ascending order, as ranges.
  public func forEachRun(_ body: (_ first: UInt64, _ count: UInt32, _ firstPage: PhysPageNumber, VirtSlot) -> Void) {
    for run in runs { body(run.first, run.count, PhysPageNumber(run.firstPage), run.slot(at: run.first)) }
  }

  /// Slots with a page of EPC.
  public var residentCount: UInt64 { count - (reservation == nil ? 0 : 1) - evicted.count }
  /// Entries that the slots take.
  public var runCount: Int { runs.count }

  mutating func insert(_ new: Run) {
    let index = new.first >= (runs.last?.end ?? 0) ? runs.count : partition(after: new.first)
    if index > 0, runs[index - 1].continues(into: new) {
      runs[index - 1].count += new.count
      if index < runs.count, runs[index - 1].continues(into: runs[index]) {
        runs[index - 1].count += runs[index].count
        runs.remove(at: index)
      }
    } else if index < runs.count, new.continues(into: runs[index]) {
      runs[index].first = new.first
      runs[index].firstPage = new.firstPage
      runs[index].count += new.count
    } else {
      runs.insert(new, at: index)
    }
  }

  /// Calls `body` for the runs that have a slot in the range, in ascending order, as long as it says true.
  func forEachRun(in range: Range<UInt64>, _ body: (Run) -> Bool) {
    var index = partition(after: range.lowerBound)
    if index > 0, range.lowerBound < runs[index - 1].end { index -= 1 }
    while index < runs.count, runs[index].first < range.upperBound {
      guard body(runs[index]) else { return }
      index += 1
    }
  }

  private func runIndex(containing pageIndex: UInt64) -> Int? {
    guard let last = runs.last, pageIndex < last.end else { return nil }
    let index = partition(after: pageIndex)
    return index > 0 && pageIndex < runs[index - 1].end ? index - 1 : nil
  }

  /// Index of the first run that starts above `pageIndex`.
  private func partition(after pageIndex: UInt64) -> Int {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].first <= pageIndex { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension SlotMap.Run {
  /// True where `next` goes on exactly where this run ends, in range, in EPC and in kind.
  func continues(into next: SlotMap.Run) -> Bool {
    end == next.first && UInt64(firstPage) + UInt64(count) == UInt64(next.firstPage) && isAlike(next)
      && UInt64(count) + UInt64(next.count) <= UInt64(UInt32.max)
  }
}
