import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

/// Reads a machine from outside and says which laws do not hold. It shares no bookkeeping with the model: each number is counted anew.
public struct InvariantChecker {
  private let processor: Processor
  let driver: Driver
  private let hasForgedLeafAnswers: Bool
  let hasCallsInFlight: Bool
  private var breaches: [Breach] = []

  /// - Parameter hasCallsInFlight: some calls are in the middle of their work; laws that hold only at rest are left out.
  public static func breaches(of machine: Machine, hasCallsInFlight: Bool) -> [Breach] {
    breaches(
      processor: machine.processor, driver: machine.driver,
      hasForgedLeafAnswers: machine.environment.plan.hasForgedLeafAnswers, hasCallsInFlight: hasCallsInFlight)
  }

  static func breaches(
    processor: Processor, driver: Driver, hasForgedLeafAnswers: Bool, hasCallsInFlight: Bool
  ) -> [Breach] {
    var checker = InvariantChecker(
      processor: processor, driver: driver, hasForgedLeafAnswers: hasForgedLeafAnswers, hasCallsInFlight: hasCallsInFlight)
    checker.checkProcessor()
    checker.checkPool()
    checker.checkLog()
    checker.checkLocks()
    if !hasCallsInFlight {
      checker.checkEnclaves()
      checker.checkPageTables()
    }
    return checker.breaches
  }

  mutating func report(_ invariant: Invariant, _ detail: String) {
    breaches.append(Breach(invariant: invariant, detail: detail))
  }

  private mutating func checkProcessor() {
    var children: [UInt32: UInt64] = [:]
    var valid: UInt64 = 0
    // Neighbouring pages are most often of one enclave, and ascend with its addresses: then no two of them are at one.
    var run = ChildRun(secsIndex: 0, base: 0, size: 0)
    var last: PlacedPage?
    var ascends = true
    var findings: [(Invariant, String)] = []
    processor.epcm.forEachTouched { page, entry in
      guard entry.isValid else { return }
      valid += 1
      guard entry.type.isChild else {
        if entry.address.rawValue != 0 { findings.append((.epcmZeroAddress, "page \(page)")) }
        return
      }
      if entry.secsIndex != run.secsIndex || run.count == 0 {
        children[run.secsIndex, default: 0] += run.count
        run = childRun(of: entry.secsIndex)
      }
      run.count += 1
      guard entry.address.rawValue &- run.base < run.size else { return findings.append((.epcmSECS, "page \(page)")) }
      let place = PlacedPage(secsIndex: entry.secsIndex, address: entry.address, page: page)
      if let last, !place.isBehind(last) { ascends = false }
      last = place
    }
    children[run.secsIndex, default: 0] += run.count
    if !ascends { findings += addressesSaidTwice }
    for (law, detail) in findings { report(law, detail) }
    if valid != processor.validPageCount {
      report(.epcmValidCount, "\(valid) valid, \(processor.validPageCount) counted")
    }
    for (index, record) in processor.secsRecords.enumerated() {
      guard let record else { continue }
      let counted = children[UInt32(index), default: 0]
      if counted != record.childCount {
        report(.epcmChildCount, "\(counted) entries, count \(record.childCount)")
      }
      if record.identity?.mrEnclave != (record.isInitialized ? record.measurement.digest : nil) {
        report(.secsIdentity, "SECS in page \(record.page.rawValue)")
      }
    }
  }

  /// Neighbouring children of one SECS, and its range; an empty range where there is no such SECS.
  private struct ChildRun {
    let secsIndex: UInt32
    let base: UInt64
    let size: UInt64
    var count: UInt64 = 0
  }

  private func childRun(of secsIndex: UInt32) -> ChildRun {
    guard processor.secsRecords.indices.contains(Int(secsIndex)), let record = processor.secsRecords[Int(secsIndex)],
      processor.epcm[record.page.rawValue].type == .secs
    else { return ChildRun(secsIndex: secsIndex, base: 0, size: 0) }
    return ChildRun(secsIndex: secsIndex, base: record.baseAddress.rawValue, size: record.size)
  }

  /// The `unique-address` law, in whatever order the pages are.
  private var addressesSaidTwice: [(Invariant, String)] {
    var places: [PlacedPage] = []
    processor.epcm.forEachTouched { page, entry in
      if entry.isValid, entry.type.isChild { places.append(PlacedPage(secsIndex: entry.secsIndex, address: entry.address, page: page)) }
    }
    places.sort()
    return zip(places, places.dropFirst()).compactMap { first, second in
      guard first.secsIndex == second.secsIndex, first.address == second.address else { return nil }
      return (.uniqueAddress, "page \(second.page) at 0x\(String(second.address.rawValue, radix: 16))")
    }
  }

  private mutating func checkPool() {
    let pool = driver.pool
    var used: UInt64 = 0
    var leaked: UInt64 = 0
    var inFlight: UInt64 = 0
    let touched = pool.touchedRanges
    for range in touched {
      for number in range {
        switch pool[PhysPageNumber(number)].state {
        case .free: break
        case .inFlight: inFlight += 1
        case .inUse: used += 1
        case .leaked: leaked += 1
        }
      }
    }
    let sum = pool.freeListLength + used + leaked + inFlight
    if !(sum == UInt64(pool.total)) {
      report(.conservation, "free \(pool.freeListLength), used \(used), leaked \(leaked), in flight \(inFlight), total \(pool.total)")
    }
    let owned = ownedPages
    if !hasCallsInFlight, inFlight > 0 || used != owned {
      report(.conservation, "used \(used), of live enclaves \(owned), in flight \(inFlight) although no call is")
    }
    if pool.freeCount != pool.freeListLength {
      report(.freeCounter, "counter \(pool.freeCount), list \(pool.freeListLength)")
    }
    let freed = pool.freedPages
    let queued = pool.queuedPages
    // How often each page stands on a list; neither list can hold a page that was never handed out.
    var places = [UInt8](repeating: 0, count: Int(touched.map(\.upperBound).max() ?? 0))
    for page in freed + queued { places[Int(page.rawValue)] += places[Int(page.rawValue)] < 2 ? 1 : 0 }
    if let page = places.firstIndex(of: 2) {
      report(.oneList, "page \(page) is on a list twice, or on two")
    }
    if let page = freed.first(where: { processor.epcm[$0.rawValue].isValid }) {
      report(.freeIsInvalid, "page \(page.rawValue) is free and valid")
    }
    if !(pool.leakedCount == warned(.EREMOVE_LEAK) + warned(.REL_SECS_RESIDENT)) {
      report(.leakWarned, "\(pool.leakedCount) leaked, \(warned(.EREMOVE_LEAK) + warned(.REL_SECS_RESIDENT)) warned of")
    }
  }

  /// Pages that live enclaves say are theirs.
  private var ownedPages: UInt64 {
    driver.enclaves.reduce(0) { sum, enclave in
      guard let enclave else { return sum }
      return sum + enclave.slots.residentCount + UInt64(enclave.versionArrays.count) + (enclave.secsPage == nil ? 0 : 1)
    }
  }

  private func warned(_ site: WarningSite) -> UInt64 { driver.log.occurrences[Int(site.rawValue)] }

  private mutating func checkLog() {
    if !(warned(.REL_SECS_CHILD) + warned(.REL_SECS_RESIDENT) == 0) {
      report(.releaseComplete, "at release: child count wrong \(warned(.REL_SECS_CHILD)) times, SECS left \(warned(.REL_SECS_RESIDENT)) times")
    }
    guard !hasForgedLeafAnswers else { return }
    if !driver.log.warnings.isEmpty {
      report(.quiet, driver.log.warnings.map(\.text).joined(separator: "; "))
    }
  }

  /// The `lock-order` law, and at rest `locks-released`.
  private mutating func checkLocks() {
    let tasks = driver.kernel.tasks
    if !tasks.faults.isEmpty { report(.lockOrder, tasks.faults.map(\.text).joined(separator: "; ")) }
    guard !hasCallsInFlight else { return }
    let held = tasks.allHeld.map(\.lock.text)
    if !held.isEmpty { report(.locksReleased, "held although no call is under way: \(held.joined(separator: ", "))") }
  }

  private mutating func checkEnclaves() {
    let end = driver.pool.touchedRanges.map(\.upperBound).max() ?? 0
    var slotPages = PageMarks(end: end)
    for (number, enclave) in driver.enclaves.enumerated() {
      guard let enclave else { continue }
      let id = EnclaveID(UInt32(number))
      check(enclave, id, &slotPages)
      let open = driver.files.filter { $0?.enclave == id }.count
      let spaces = driver.version.mappingHoldsReference ? enclave.mappedBy.count : 0
      if !(open == 1 && Int(enclave.references) == 1 + spaces) {
        report(.references, "enclave \(number): \(open) files, \(spaces) address spaces, \(enclave.references) references")
      }
    }
    if !(driver.files.allSatisfy { $0?.enclave.map { driver.enclaves[Int($0.rawValue)] != nil } ?? true }) {
      report(.references, "a file leads nowhere")
    }
    var queued = PageMarks(end: end)
    for page in driver.pool.queuedPages { queued.mark(page) }
    if queued != (driver.version.reclaims ? slotPages : PageMarks(end: end)) {
      report(.reclaimQueue, "\(driver.pool.queuedCount) queued, \(slotPages.count) resident")
    }
  }

  private mutating func check(_ enclave: Enclave, _ id: EnclaveID, _ slotPages: inout PageMarks) {
    var resident: UInt64 = 0
    var bad: String?
    let pool = driver.pool
    enclave.slots.forEachRun { first, count, firstPage, _ in
      for step in 0..<count {
        let page = PhysPageNumber(firstPage.rawValue + step)
        let slot = EnclaveOffset(pageIndex: first + UInt64(step))
        resident += 1
        let isNew = slotPages.mark(page)
        if !isNew || pool[page].state != .inUse(.slot(id, slot)) {
          bad = "slot 0x\(String(slot.rawValue, radix: 16)), page \(page.rawValue)"
        }
      }
    }
    if let bad { report(.slotPagePair, bad) }
    if resident != enclave.secsChildCount {
      report(.childCount, "\(resident) resident slots, secs_child_cnt \(enclave.secsChildCount)")
    }
    let slots = enclave.slots.count
    let arrays = UInt64(enclave.versionArrays.count)
    let expected = [.empty, .dead].contains(enclave.state) || !driver.version.hasVersionArrays ? 0 : slots + 1
    if !(enclave.pageCount == expected && arrays == (expected + 511) / 512) {
      report(.pageCount, "page_cnt \(enclave.pageCount), slots \(slots), version arrays \(arrays)")
    }
    checkVersionSlots(enclave)
    if let secs = enclave.secsPage.map({ processor.epcm[$0.rawValue] }), secs.isValid, secs.type == .secs,
      processor.secsRecord(of: secs).isInitialized != (enclave.state == .initialized)
    {
      report(.initializedPair, "enclave \(id.rawValue) is \(enclave.state), its SECS is not of this opinion")
    }
    if enclave.secsPage == nil, enclave.evictedSECS != nil, resident > 0 || enclave.state != .initialized {
      report(.secsOut, "enclave \(id.rawValue) is \(enclave.state) and has \(resident) pages in EPC")
    }
    if Set(enclave.mappedBy).count != enclave.mappedBy.count { report(.mmList, "enclave \(id.rawValue)") }
    if !(!enclave.ioctlInFlight) {
      report(.ioctlBit, "enclave \(id.rawValue) is busy")
    }
  }
}

/// Where a page of an enclave is: what must not be said of two.
private struct PlacedPage: Comparable {
  let secsIndex: UInt32
  let address: LinearAddress
  let page: UInt32

  /// Of another enclave, or at a higher address of the same.
  func isBehind(_ other: PlacedPage) -> Bool {
    secsIndex != other.secsIndex ? secsIndex > other.secsIndex : address.rawValue > other.address.rawValue
  }

  static func < (first: PlacedPage, second: PlacedPage) -> Bool {
    second.isBehind(first) || !first.isBehind(second) && first.page < second.page
  }
}

/// A set of pages as bits: there may be millions, and a law looks at all of them after every call.
private struct PageMarks: Equatable {
  private var words: [UInt64]
  private(set) var count = 0
  private let end: UInt32

  /// - Parameter end: behind the last page that was ever handed out.
  init(end: UInt32) {
    words = [UInt64](repeating: 0, count: Int(end / 64) + 1)
    self.end = end
  }

  /// False where the page was marked already, or was never handed out.
  @discardableResult mutating func mark(_ page: PhysPageNumber) -> Bool {
    guard page.rawValue < end else { return false }
    let (word, bit) = (Int(page.rawValue / 64), UInt64(1) << UInt64(page.rawValue % 64))
    guard words[word] & bit == 0 else { return false }
    words[word] |= bit
    count += 1
    return true
  }
}
