import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver

/// The tables of eviction against plain models of them.
@Suite("Tables of eviction") struct EvictionTablesTests {
  private static func page(_ number: UInt64) -> EvictedPage {
    EvictedPage(version: VersionSlot(array: UInt32(number), index: UInt16(number % 512)), sealed: .zero)
  }

  @Test(arguments: 0..<8 as Range<UInt64>) func evictedSlotsAreASortedMap(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .faults)
    var slots = EvictedSlots()
    var model: [UInt64: UInt64] = [:]
    for step in 0..<3000 as Range<UInt64> {
      let index = random.next(below: 700)
      if model[index] == nil {
        slots.insert(.init(pageIndex: index, type: .reg, maxPermissions: .read, page: Self.page(step % 5000)))
        model[index] = step % 5000
      } else if random.next(below: 2) == 0 {
        #expect(slots.remove(index)?.page.version?.array == UInt32(model[index]!))
        model[index] = nil
      } else {
        slots.change(index) { $0.type = .tcs }
        #expect(slots[index]?.type == .tcs)
      }
      #expect(slots.count == UInt64(model.count))
    }
    for index in 0..<700 as Range<UInt64> { #expect(slots[index]?.page.version?.array == model[index].map { UInt32($0) }) }
    let from = random.next(below: 700)
    var seen: [UInt64] = []
    slots.forEach(from: from) {
      seen.append($0.pageIndex)
      return true
    }
    #expect(seen == model.keys.filter { $0 >= from }.sorted())
  }

  @Test func aSlotIsTakenLowestFirstAndAFullArrayGoesToTheEnd() {
    var list = VersionArrayList()
    list.addFirst(PhysPageNumber(1))
    list.addFirst(PhysPageNumber(2))
    for index in 0..<512 as Range<UInt16> { #expect(list.takeSlot() == VersionSlot(array: 1, index: index)) }
    #expect(list.pages == [PhysPageNumber(1), PhysPageNumber(2)])
    #expect(list.takeSlot() == VersionSlot(array: 0, index: 0))
    list.free(VersionSlot(array: 1, index: 77))
    list.moveFirst(1)
    #expect(list.pages == [PhysPageNumber(2), PhysPageNumber(1)])
    #expect(list.takeSlot() == VersionSlot(array: 1, index: 77))
    #expect(list.pages == [PhysPageNumber(1), PhysPageNumber(2)])
    #expect(list.popFirst() == PhysPageNumber(1))
    #expect(list.popFirst() == PhysPageNumber(2))
    #expect(list.popFirst() == nil)
    #expect(list.count == 0)
  }

  /// Runs split and join, slots leave and come back elsewhere, and the map stays a map.
  @Test(arguments: 0..<6 as Range<UInt64>) func slotsLeaveAndComeBack(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .faults)
    var map = SlotMap()
    let secInfo = SecInfo(type: .reg, permissions: [.read, .write])
    for index in 0..<64 as Range<UInt64> {
      let reserved = map.reserve(index, secInfo: secInfo)
      #expect(reserved)
      map.fillReservation(with: PhysPageNumber(UInt32(index) + 5))
    }
    #expect(map.runCount == 1)
    var model = [UInt32?](repeating: nil, count: 64)
    for index in 0..<64 { model[index] = UInt32(index) + 5 }
    for step in 0..<800 as Range<UInt64> {
      let index = random.next(below: 64)
      if model[Int(index)] != nil {
        map.evict(index, as: Self.page(index))
        model[Int(index)] = nil
        let again = map.reserve(index, secInfo: secInfo)
        #expect(!again, "an evicted slot exists")
      } else {
        map.loadBack(index, to: PhysPageNumber(UInt32(1000 + step)))
        model[Int(index)] = UInt32(1000 + step)
        #expect(map.formerArrays[index] == UInt32(index))
      }
      #expect(map.count == 64)
      #expect(map.residentCount == UInt64(model.count { $0 != nil }))
    }
    for index in 0..<64 as Range<UInt64> {
      let backing = map[index]?.backing
      if let page = model[Int(index)] {
        #expect(backing == .resident(PhysPageNumber(page)))
      } else {
        #expect(backing == .evicted(VersionSlot(array: UInt32(index), index: UInt16(index))))
      }
    }
    #expect(map.allow([.read], in: 0..<1 << 40))
    #expect(!map.allow([.execute], in: 0..<1 << 40))
    #expect(map.allow([.execute], in: 64..<1 << 40))
  }
}
