@testable import SGXProcessor
import SGXArchitecture
import Simulation
import TestSupport
import Testing

/// Random histories of the paging leaves, against a model that knows what every page must hold and where it is.
@Suite struct PagingHistoryTests {
  @Test(arguments: 0..<24 as Range<UInt64>) func whateverHappensPagesComeBackAsTheyWere(seed: UInt64) {
    var history = History(seed: seed)
    for _ in 0..<400 {
      history.step()
      history.checkLaws()
    }
    history.finish()
    #expect(history.evictions > 10)
    #expect(history.reloads > 5)
  }
}

/// Two enclaves, two version arrays, pages that come and go. Pages of EPC 0 to 3 are SECS 0 and 1, arrays in 2 and 3.
private struct History {
  struct Page {
    let enclave: Int
    let offset: UInt64
    let bytes: [UInt8]
    var place: Place
  }
  enum Place {
    case resident(UInt32)
    case evicted(SealedPage, slot: Int, array: UInt32)
  }

  var bench = Bench(.server, pageCount: 24)
  var chance: RandomStream
  var pages: [Page] = []
  /// Sealed pages that were loaded since: none may load again.
  var stale: [SealedPage] = []
  var threads: [EnteredThread] = []
  /// Page of EPC of each SECS.
  var secs: [UInt32] = [0, 1]
  var evictions = 0
  var reloads = 0

  init(seed: UInt64) {
    chance = RandomStream(seed: seed, purpose: .script)
    for page: UInt32 in 0..<2 {
      #expect(bench.create(SECS(size: 0x10000, baseAddress: Bench.base), at: page).isDone)
    }
    for page: UInt32 in 2..<4 { #expect(bench.makeVersionArray(page).isDone) }
  }

  mutating func pick(_ bound: Int) -> Int { Int(chance.next(below: UInt64(bound))) }

  var freeFrame: UInt32? { (4..<24).first { !bench.entry($0).isValid } }

  mutating func freeSlot() -> (slot: Int, array: UInt32) {
    while true {
      let slot = (pick(512), UInt32(2 + pick(2)))
      if bench.version(slot.0, of: slot.1) == 0 { return slot }
    }
  }

  mutating func step() {
    switch pick(10) {
    case 0, 1: add()
    case 2, 3, 4: evict()
    case 5, 6: reload()
    case 7: replay()
    case 8: threads.isEmpty || pick(2) == 0 ? enter() : leave()
    default: moveSECS()
    }
  }

  mutating func add() {
    guard pages.count < 14, let frame = freeFrame else { return }
    let enclave = pick(2)
    let offset = UInt64(pages.count) * 0x1000
    let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* (pages.count + 3)) }
    #expect(bench.add(PageContents(bytes), at: offset, in: frame, of: secs[enclave]).isDone)
    pages.append(Page(enclave: enclave, offset: offset, bytes: bytes, place: .resident(frame)))
  }

  mutating func evict() {
    guard !pages.isEmpty else { return }
    let index = pick(pages.count)
    guard case .resident(let frame) = pages[index].place else { return }
    _ = bench.block(frame)
    _ = bench.track(secs[pages[index].enclave])
    let (slot, array) = freeSlot()
    let inside = bench.record(secs[pages[index].enclave]).tracking.previous
    let (outcome, sealed) = bench.writeBack(frame, to: slot, of: array)
    if let sealed {
      #expect(outcome == .done)
      pages[index].place = .evicted(sealed, slot: slot, array: array)
      evictions += 1
    } else {
      #expect(outcome == .code(.SGX_NOT_TRACKED, row: 14))
      #expect(inside > 0, "only a thread that is still inside holds a page back")
    }
  }

  mutating func reload() {
    guard !pages.isEmpty, let frame = freeFrame else { return }
    let index = pick(pages.count)
    guard case .evicted(let sealed, let slot, let array) = pages[index].place else { return }
    #expect(bench.load(sealed, at: frame, of: secs[1 - pages[index].enclave], from: slot, of: array).row == 15, "the other enclave's")
    #expect(bench.load(sealed, at: frame, of: secs[pages[index].enclave], from: slot, of: array) == .done)
    stale.append(sealed)
    pages[index].place = .resident(frame)
    reloads += 1
  }

  mutating func replay() {
    guard !stale.isEmpty, let frame = freeFrame else { return }
    let sealed = stale[pick(stale.count)]
    for owner in secs { #expect(bench.load(sealed, at: frame, of: owner, from: pick(512), of: 2).row == 15) }
  }

  mutating func enter() {
    guard threads.count < 3 else { return }
    threads.append(bench.processor.threadEnters(PhysPageNumber(secs[pick(2)]))!)
  }

  mutating func leave() { bench.processor.threadLeaves(threads.remove(at: pick(threads.count))) }

  /// Evicts and reloads a SECS, which works while none of its pages is resident.
  mutating func moveSECS() {
    let enclave = pick(2)
    let hasChildren = pages.contains { page in
      if page.enclave == enclave, case .resident = page.place { true } else { false }
    }
    guard let frame = freeFrame else { return }
    let before = bench.record(secs[enclave])
    let (slot, array) = freeSlot()
    let (outcome, sealed) = bench.writeBack(secs[enclave], to: slot, of: array)
    guard !hasChildren else {
      #expect(outcome == .code(.SGX_CHILD_PRESENT, row: 15))
      return
    }
    #expect(bench.load(sealed!, at: frame, of: nil, from: slot, of: array) == .done)
    secs[enclave] = frame
    let after = bench.record(frame)
    #expect(after.enclaveID == before.enclaveID)
    #expect(after.tracking == before.tracking)
    #expect(after.measurement.digest == before.measurement.digest)
  }

  /// What the bench's laws say of a processor, counted anew.
  func checkLaws() {
    var valid: UInt64 = 0
    var children = [UInt64](repeating: 0, count: bench.processor.secsRecords.count)
    for page in 0..<bench.processor.epc.pageCount {
      let entry = bench.entry(page)
      #expect(entry.isBlocked == (bench.processor.blockEpochs[page] != 0), "a stamp goes with BLOCKED")
      guard entry.isValid else { continue }
      valid += 1
      if entry.type.isChild {
        children[Int(entry.secsIndex)] += 1
        #expect(bench.entry(bench.record(page).page.rawValue).state == .secs)
      } else {
        #expect(entry.address.rawValue == 0)
      }
    }
    #expect(bench.processor.validPageCount == valid)
    for (index, record) in bench.processor.secsRecords.enumerated() {
      if let record { #expect(record.childCount == children[index]) }
    }
    var used = 0
    bench.processor.forEachVersion { _, _, _ in used += 1 }
    let outside = pages.count { page in if case .evicted = page.place { true } else { false } }
    #expect(used == outside)
  }

  /// Everything comes back and is what it was.
  mutating func finish() {
    for index in pages.indices {
      if case .evicted(let sealed, let slot, let array) = pages[index].place {
        let frame = freeFrame!
        #expect(bench.load(sealed, at: frame, of: secs[pages[index].enclave], from: slot, of: array) == .done)
        pages[index].place = .resident(frame)
      }
      guard case .resident(let frame) = pages[index].place else { continue }
      #expect(bench.bytes(frame) == pages[index].bytes)
      #expect(bench.entry(frame).address == LinearAddress(Bench.base.rawValue + pages[index].offset))
    }
    checkLaws()
  }
}
