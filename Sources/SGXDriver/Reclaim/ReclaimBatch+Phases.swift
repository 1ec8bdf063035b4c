import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

extension ReclaimBatch {
  /// Takes the oldest pages off the queue. Each holds a reference to its enclave; a page whose enclave is being released is let go.
  mutating func isolate(_ driver: inout Driver) {
    for _ in 0..<Self.size {
      guard let page = driver.pool.oldestQueued else { break }
      driver.pool.dequeue(page)
      let record = driver.pool[page]
      guard driver[record.enclave].references > 0 else { continue }
      driver[record.enclave].references += 1
      driver.pool.isolate(page)
      candidates.append(Candidate(enclave: record.enclave, pageIndex: record.pageIndex, page: page))
      isolated += 1
    }
  }

  // MARK: Ageing

  /// Asks the next address space whether the page was used; one that says so ends the walk. Of a dead enclave nobody is asked.
  mutating func age(_ index: Int, _ driver: inout Driver, _ environment: inout Environment) throws(CallStop) {
    let candidate = candidates[index]
    var isYoung = false
    if walk == nil, driver[candidate.enclave].state == .dead {
      phase = .mark(index)
      return try mark(index, &driver, &environment)
    }
    let goesOn = try visitNextSpace(of: candidate, &driver) { process, address in
      isYoung = process.testAndClearAccessed(at: address)
      return isYoung
    }
    guard !goesOn else { return }
    phase = isYoung ? .requeue(index) : .mark(index)
    // Where no address space maps the page, nothing was done that others could have seen.
    if !visitedSpaces, !isYoung { try mark(index, &driver, &environment) }
  }

  /// The mark that keeps faults out, if the backing store has room (main.c, sgx_reclaim_pages).
  mutating func mark(_ index: Int, _ driver: inout Driver, _ environment: inout Environment) throws(CallStop) {
    let candidate = candidates[index]
    try driver.lock(candidate.enclave)
    let hasBacking = driver[candidate.enclave].state == .dead || driver.takeBacking(&environment)
    if hasBacking { driver.pool.mark(candidate.page) }
    driver.unlock(candidate.enclave)
    hasArrived = false
    if hasBacking { phase = .age(index + 1) } else { requeue(index, &driver) }
  }

  /// A page that was used goes back to the end of the queue, and so does one without room in the backing store.
  /// What belongs to an enclave that has died meanwhile stays in the batch, which is to free it.
  mutating func requeue(_ index: Int, _ driver: inout Driver) {
    guard driver[candidates[index].enclave].state != .dead else { return phase = .mark(index) }
    driver.pool.enqueue(candidates[index].page)
    phase = .letGo(index)
  }

  /// The page is no candidate any more; its enclave's reference is given back, through the page as Linux does it.
  mutating func letGo(
    _ index: Int, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) {
    let candidate = candidates.remove(at: index)
    driver.drop(candidate.enclave, &processor, &environment)
    hasArrived = false
    phase = .age(index)
  }

  // MARK: Blocking

  /// The page's entry goes from the next address space. Where one has come meanwhile the walk is made again (encl.c,
  /// sgx_zap_enclave_ptes).
  mutating func zap(
    _ index: Int, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let candidate = candidates[index]
    let version = walk?.version ?? driver[candidate.enclave].mappedByVersion
    let goesOn = try visitNextSpace(of: candidate, &driver) { process, address in
      process.removeEntry(at: address)
      return false
    }
    guard !goesOn, version == driver[candidate.enclave].mappedByVersion else { return }
    phase = .block(index)
    if !visitedSpaces { try block(index, &driver, &processor, &environment) }
  }

  /// The processor shall make no new translation (main.c, sgx_reclaimer_block).
  mutating func block(
    _ index: Int, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let candidate = candidates[index]
    try driver.lock(candidate.enclave)
    defer { driver.unlock(candidate.enclave) }
    hasArrived = false
    phase = .zap(index + 1)
    if driver[candidate.enclave].state == .dead { return }
    let outcome = processor.execute(EBLOCK(target: EPC.address(of: candidate.page)), in: &environment)
    if case .code(.SGX_PG_INVLD, _) = outcome, driver.version.blockAcceptsLostPage {
      driver[candidate.enclave].isKnownLost = driver.version.remembersLostEnclaves
    } else if outcome.hasFailed {
      driver.log.warnOnce(.EBLOCK, value: outcome.encoded.encoded, in: &environment)
    }
  }

  // MARK: Writing

  /// Writes the page out (main.c, sgx_reclaimer_write). The lock is kept where the SECS follows.
  mutating func write(
    _ index: Int, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let (enclave, page) = (candidates[index].enclave, candidates[index].page)
    let pageIndex = candidates[index].pageIndex
    try driver.lock(enclave)
    if driver[enclave].state == .dead {
      driver.freeReclaimed(page, at: pageIndex, ofDead: enclave, &processor, &environment)
      driver.unlock(enclave)
      driver.drop(enclave, &processor, &environment)
      freed += 1
      phase = .write(index + 1)
      return
    }
    let former = driver[enclave].slots.formerArrays[pageIndex]
    driver.fetch(page, at: pageIndex, of: enclave, &processor)
    switch driver.writeBack(page, of: enclave, formerArray: former, &processor, &environment) {
    case .interrupted(let slot): phase = .writeAgain(index, into: slot)
    case .ended(let evicted): note(evicted, index, &driver, &environment)
    }
  }

  /// The interrupt has come to its end, and nobody is inside any more.
  mutating func writeAgain(
    _ index: Int, into slot: VersionSlot, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) {
    let (enclave, page) = (candidates[index].enclave, candidates[index].page)
    let former = driver[enclave].slots.formerArrays[candidates[index].pageIndex]
    let evicted = driver.writeBackAfterInterrupt(page, of: enclave, into: slot, formerArray: former, &processor, &environment)
    note(evicted, index, &driver, &environment)
  }

  /// The slot has its copy; the lock goes, or is kept where the SECS follows.
  private mutating func note(_ evicted: EvictedPage, _ index: Int, _ driver: inout Driver, _ environment: inout Environment) {
    let (enclave, page) = (candidates[index].enclave, candidates[index].page)
    let pageIndex = candidates[index].pageIndex
    driver[enclave].slots.evict(pageIndex, as: evicted)
    driver[enclave].secsChildCount -= 1
    driver.evictions += 1
    environment.trace.record(.slotEvicted(enclave: enclave.rawValue, EnclaveOffset(pageIndex: pageIndex), page))
    isLost = evicted.isLost
    let writesSECS = !isLost || !driver.version.keepsSECSAfterFailedWriteback
    if writesSECS, driver.hasSECSToWriteBack(enclave) {
      phase = .writeSECS(index)
    } else {
      driver.unlock(enclave)
      phase = .free(index)
    }
  }

  /// The SECS, after the last child of an initialised enclave; the backing store may let it sleep first.
  mutating func writeSECS(
    _ index: Int, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) {
    let enclave = candidates[index].enclave
    if let slot = driver.writeBackSECS(of: enclave, &processor, &environment) {
      phase = .writeSECSAgain(index, into: slot)
    } else {
      driver.unlock(enclave)
      phase = .free(index)
    }
  }

  mutating func writeSECSAgain(
    _ index: Int, into slot: VersionSlot, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) {
    let enclave = candidates[index].enclave
    driver.writeBackSECSAfterInterrupt(of: enclave, into: slot, &processor, &environment)
    driver.unlock(enclave)
    phase = .free(index)
  }

  /// The reference to the enclave is given back, which may release it; then the page is free. EWB has made it invalid, so the real
  /// driver frees it as it is, even where EWB failed.
  mutating func free(
    _ index: Int, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) {
    let (enclave, page) = (candidates[index].enclave, candidates[index].page)
    driver.drop(enclave, &processor, &environment)
    if isLost, driver.version.removesFrameAfterFailedEWB {
      let leaked = driver.pool.leakedCount
      driver.freePage(page, &processor, &environment)
      if driver.pool.leakedCount > leaked, driver.enclaves[Int(enclave.rawValue)] != nil { driver[enclave].hasLeakedChild = true }
    } else {
      driver.pool.free(page)
      environment.trace.record(.pageFreed(page))
    }
    freed += 1
    phase = .write(index + 1)
  }

  // MARK: Walks

  /// Visits the next address space that maps the page, under its `mmap_lock`; the walk itself is a section of `encl->srcu`. Those on the
  /// list that do not map it are looked at on the way, under theirs. `visit` says true where the walk is to end. False when it has ended.
  private mutating func visitNextSpace(
    of candidate: Candidate, _ driver: inout Driver, _ visit: (inout Process, UserAddress) -> Bool
  ) throws(CallStop) -> Bool {
    let address = driver.userAddress(of: candidate.pageIndex, in: candidate.enclave)
    if walk == nil { visitedSpaces = false }
    while let space = walk?.awaited ?? driver.nextSpace(of: candidate.enclave, before: walk?.serial ?? .max) {
      if walk == nil {
        walk = Walk(section: driver.enterSRCU(of: candidate.enclave), version: driver[candidate.enclave].mappedByVersion)
      }
      walk!.awaited = space
      try driver.lockMemoryForReading(of: space.process)
      (walk!.awaited, walk!.serial) = (nil, space.serial)
      let isMapped = driver.maps(space.process, address, to: candidate.enclave)
      let ends = isMapped && visit(&driver.processes[space.process.rawValue], address)
      driver.unlockMemoryForReading(of: space.process)
      guard isMapped else { continue }
      visitedSpaces = true
      // After the last one the section ends with it; nothing lies between.
      if !ends, driver.nextSpace(of: candidate.enclave, before: space.serial) != nil { return true }
      break
    }
    endWalk(of: candidate, &driver)
    return false
  }

  private mutating func endWalk(of candidate: Candidate, _ driver: inout Driver) {
    guard let walk else { return }
    driver.leaveSRCU(walk.section, of: candidate.enclave)
    self.walk = nil
  }
}
