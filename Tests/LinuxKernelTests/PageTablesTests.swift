import SGXArchitecture
import Simulation
import Testing

@testable import LinuxKernel

/// Page-table entries against a dictionary.
@Suite("Page tables") struct PageTablesTests {
  @Test(arguments: 0..<6 as Range<UInt64>) func entriesArePagesOfASet(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .faults)
    var tables = PageTables()
    var model: [UInt64: Bool] = [:]
    func address(_ page: UInt64) -> UserAddress { UserAddress(0x4000_0000 + page * pageSize) }
    for _ in 0..<2000 {
      let page = random.next(below: 2000)
      switch random.next(below: 6) {
      case 0, 1:
        tables.insert(address(page))
        model[page] = model[page] ?? true
      case 2:
        tables.setAccessed(address(page))
        if model[page] != nil { model[page] = true }
      case 3:
        #expect(tables.testAndClearAccessed(address(page)) == (model[page] ?? false))
        if model[page] != nil { model[page] = false }
      case 4:
        tables.remove(address(page))
        model[page] = nil
      default:
        let end = page + random.next(below: 1200) / (random.next(below: 8) + 1)
        tables.remove(address(page)..<address(end))
        for gone in model.keys where page <= gone && gone < end { model[gone] = nil }
      }
    }
    #expect(tables.count == model.count)
    for page in 0..<2000 as Range<UInt64> {
      #expect(tables.isPresent(address(page)) == (model[page] != nil))
      #expect(tables.isAccessed(address(page)) == (model[page] ?? false))
    }
  }

  @Test func aHugeRangeCostsTheTablesThereAre() {
    var tables = PageTables()
    tables.insert(UserAddress(0x1000))
    tables.insert(UserAddress(0x7fff_0000_0000))
    tables.remove(UserAddress(0x2000)..<AddressSpace.end)
    #expect(tables.count == 1)
    #expect(tables.isPresent(UserAddress(0x1000)))
  }
}
