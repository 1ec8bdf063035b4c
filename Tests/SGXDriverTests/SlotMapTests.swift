import SGXArchitecture
import Simulation
import Testing

@testable import SGXDriver

/// The map of slots against a dictionary.
@Suite("Slot map") struct SlotMapTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func itAnswersLikeADictionary(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .script)
    var map = SlotMap()
    var model: [UInt64: VirtSlot] = [:]
    var nextPage: UInt32 = 0
    for _ in 0..<4000 {
      let index = random.next(below: 300)
      switch random.next(below: 4) {
      case 0, 1:
        add(index, &map, &model, &nextPage, &random)
      case 2:
        let secInfo = SecInfo(type: .reg, permissions: .read)
        let isNew = map.reserve(index, secInfo: secInfo)
        #expect(isNew == (model[index] == nil))
        guard isNew else { continue }
        #expect(map[index]?.backing == .reserved)
        #expect(map.count == UInt64(model.count) + 1)
        #expect(map.residentCount == UInt64(model.count))
        map.cancelReservation()
      default:
        guard model[index] != nil else { continue }
        map.remove(index)
        model[index] = nil
      }
      #expect(map.count == UInt64(model.count))
      #expect(map[index] == model[index])
    }
    for index in 0..<310 as Range<UInt64> { #expect(map[index] == model[index]) }
    expectSameOrder(map, model)
  }

  /// Adds a slot whose page mostly follows the last one's, as a load does.
  private func add(
    _ index: UInt64, _ map: inout SlotMap, _ model: inout [UInt64: VirtSlot], _ nextPage: inout UInt32,
    _ random: inout RandomStream
  ) {
    let isTCS = random.next(below: 8) == 0
    let secInfo = isTCS ? SecInfo(type: .tcs) : SecInfo(type: .reg, permissions: [.read, .write])
    for step in 0..<(1 + random.next(below: 6)) {
      guard map.reserve(index + step, secInfo: secInfo) else {
        #expect(model[index + step] != nil)
        return
      }
      nextPage += random.next(below: 5) == 0 ? 7 : 1
      map.fillReservation(with: PhysPageNumber(nextPage))
      model[index + step] = VirtSlot(secInfo: secInfo, backing: .resident(PhysPageNumber(nextPage)))
    }
  }

  private func expectSameOrder(_ map: SlotMap, _ model: [UInt64: VirtSlot]) {
    var seen: [(UInt64, VirtSlot)] = []
    map.forEachRun { first, count, firstPage, slot in
      for step in 0..<count {
        var each = slot
        each.backing = .resident(PhysPageNumber(firstPage.rawValue + step))
        seen.append((first + UInt64(step), each))
      }
    }
    #expect(seen.map(\.0) == model.keys.sorted())
    #expect(seen.allSatisfy { model[$0.0] == $0.1 })

    var walked: [UInt64] = []
    var from: UInt64 = 0
    while let (index, page) = map.firstResident(from: from) {
      #expect(model[index]?.backing == .resident(page))
      walked.append(index)
      from = index + 1
    }
    #expect(walked == model.keys.sorted())
  }

  @Test func aDenseLoadIsOneEntry() {
    var map = SlotMap()
    fill(&map, 0..<1000, firstPage: 2)
    #expect(map.runCount == 1)
    #expect(map.count == 1000)
  }

  @Test func anotherKindOrAnotherPageBeginsAnEntry() {
    var map = SlotMap()
    fill(&map, 0..<4, firstPage: 10)
    fill(&map, 4..<6, firstPage: 20)
    #expect(map.runCount == 2, "the pages of EPC do not follow")
    fill(&map, 6..<8, firstPage: 22, SecInfo(type: .reg, permissions: .read))
    #expect(map.runCount == 3, "the rights differ")
    fill(&map, 8..<9, firstPage: 24, SecInfo(type: .tcs))
    #expect(map.runCount == 4, "the type differs")
  }

  @Test func theMissingMiddleJoinsItsNeighbours() {
    var map = SlotMap()
    fill(&map, 0..<4, firstPage: 10)
    fill(&map, 5..<9, firstPage: 15)
    #expect(map.runCount == 2)
    fill(&map, 4..<5, firstPage: 14)
    #expect(map.runCount == 1)
    map.remove(4)
    #expect(map.runCount == 2)
    #expect(map[4] == nil)
    #expect(map[5]?.backing == .resident(PhysPageNumber(15)))
  }

  @Test func aReservedPlaceIsTaken() {
    var map = SlotMap()
    fill(&map, 3..<4, firstPage: 9)
    let again = map.reserve(3, secInfo: SecInfo(type: .reg))
    #expect(!again)
    #expect(map.count == 1)
    let below = map.reserve(2, secInfo: SecInfo(type: .tcs))
    #expect(below)
    #expect(map[2]?.maxPermissions == [.read, .write], "a TCS may be mapped for reading and writing")
    map.cancelReservation()
    map.remove(3)
    #expect(map.count == 0)
    #expect(map[2] == nil)
    #expect(map.firstResident(from: 0) == nil)
  }

  private func fill(
    _ map: inout SlotMap, _ range: Range<UInt64>, firstPage: UInt32,
    _ secInfo: SecInfo = SecInfo(type: .reg, permissions: [.read, .write])
  ) {
    for index in range {
      let isNew = map.reserve(index, secInfo: secInfo)
      #expect(isNew)
      map.fillReservation(with: PhysPageNumber(firstPage + UInt32(index - range.lowerBound)))
    }
  }
}
