import SGXArchitecture
import Simulation

extension SlotMap {
  /// Slots whose page was evicted.
  public var evictedCount: UInt64 { evicted.count }

  /// What was kept of an evicted page; nil where the slot is not evicted.
  public func evictedPage(at pageIndex: UInt64) -> EvictedPage? { evicted[pageIndex]?.page }

  /// A resident page was taken away.
  mutating func evict(_ pageIndex: UInt64, as page: EvictedPage) {
    guard var slot = self[pageIndex] else { return BenchLaw.broken(.slotExists) }
    slot.backing.evict(to: page.isLost ? nil : page.version)
    removeFromRun(pageIndex)
    formerArrays[pageIndex] = nil
    evicted.insert(.init(pageIndex: pageIndex, type: slot.type, maxPermissions: slot.maxPermissions, page: page))
  }

  /// The load failed, or something else changed what is kept.
  mutating func changeEvicted(_ pageIndex: UInt64, _ body: (inout EvictedPage) -> Void) {
    evicted.change(pageIndex) { body(&$0.page) }
  }

  /// The page is back in EPC.
  mutating func loadBack(_ pageIndex: UInt64, to page: PhysPageNumber) {
    guard let element = evicted.remove(pageIndex) else { return BenchLaw.broken(.slotEvicted) }
    var slot = element.slot
    slot.backing.loadBack(to: page)
    if let version = element.page.version { formerArrays[pageIndex] = version.array }
    insert(Run(first: pageIndex, count: 1, firstPage: page.rawValue, type: slot.type, maxPermissions: slot.maxPermissions))
  }

  /// Evicted slots in ascending order.
  public func forEachEvicted(_ body: (_ pageIndex: UInt64, VirtSlot, EvictedPage) -> Void) {
    evicted.forEach {
      body($0.pageIndex, $0.slot, $0.page)
      return true
    }
  }

  /// The beginning of a range that holds `size` slots at most; all of it where it does. A hole costs nothing, however wide it is.
  func lot(of size: UInt64, in range: Range<UInt64>) -> Range<UInt64> {
    guard count > size, range.lowerBound < range.upperBound else { return range }
    var end = range.upperBound
    var left = size
    forEachRun(in: range) { run in
      let first = max(run.first, range.lowerBound)
      guard run.end - first > left else {
        left -= run.end - first
        return true
      }
      end = min(end, first + left)
      return false
    }
    guard !evicted.isEmpty else { return range.lowerBound..<max(end, range.lowerBound) }
    left = size
    evicted.forEach(from: range.lowerBound) { element in
      guard element.pageIndex < end else { return false }
      if left == 0 { end = element.pageIndex }
      left -= left == 0 ? 0 : 1
      return element.pageIndex < end
    }
    return range.lowerBound..<end
  }

  /// True where every slot of the range allows these rights; holes allow any (encl.c, sgx_encl_may_map). Costs what exists in the
  /// range, not what the range spans.
  func allow(_ permissions: PagePermissions, in range: Range<UInt64>) -> Bool {
    var allowed = true
    forEachRun(in: range) { run in
      allowed = permissions.isSubset(of: run.maxPermissions)
      return allowed
    }
    guard allowed, !evicted.isEmpty else { return allowed }
    evicted.forEach(from: range.lowerBound) { element in
      guard element.pageIndex < range.upperBound else { return false }
      allowed = permissions.isSubset(of: element.maxPermissions)
      return allowed
    }
    return allowed
  }
}

extension EvictedSlots.Element {
  var slot: VirtSlot {
    VirtSlot(type: type, maxPermissions: maxPermissions, backing: .evicted(page.isLost ? nil : page.version))
  }
}
