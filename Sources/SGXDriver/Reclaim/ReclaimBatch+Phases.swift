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

  /// A page that was used since the last look goes back to the end of the queue, and so does one without room in the backing store.
  /// False where the page is no candidate any more.
  func age(
    _ candidate: Candidate, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) -> Bool {
    let isDead = driver[candidate.enclave].state == .dead
    if isDead || !driver.testAndClearYoung(candidate.pageIndex, of: candidate.enclave) && driver.takeBacking(&environment) {
      driver.pool.mark(candidate.page)
      return true
    }
    driver.pool.enqueue(candidate.page)
    driver.drop(candidate.enclave, &processor, &environment)
    return false
  }

  /// No process shall reach the page any more, and the processor shall make no new translation (main.c, sgx_reclaimer_block).
  func block(
    _ candidate: Candidate, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) {
    driver.removeEntries(of: candidate.pageIndex, in: candidate.enclave)
    if driver[candidate.enclave].state == .dead { return }
    let outcome = processor.execute(EBLOCK(target: EPC.address(of: candidate.page)), in: &environment)
    if case .code(.SGX_PG_INVLD, _) = outcome, driver.version.blockAcceptsLostPage {
      driver[candidate.enclave].isKnownLost = driver.version.remembersLostEnclaves
      return
    }
    if outcome.hasFailed { driver.log.warnOnce(.EBLOCK, value: outcome.encoded.encoded, in: &environment) }
  }

  /// Writes the page out, and the SECS after the last child of an initialised enclave (main.c, sgx_reclaimer_write); then the page is
  /// free. EWB has made it invalid, so the real driver frees it as it is, even where EWB failed.
  mutating func write(
    _ candidate: Candidate, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) {
    let (enclave, page) = (candidate.enclave, candidate.page)
    freed += 1
    if driver[enclave].state == .dead {
      driver.freeReclaimed(page, at: candidate.pageIndex, ofDead: enclave, &processor, &environment)
      driver.drop(enclave, &processor, &environment)
      return
    }
    driver.fetch(page, at: candidate.pageIndex, of: enclave, &processor)
    let former = driver[enclave].slots.formerArrays[candidate.pageIndex]
    let evicted = driver.writeBack(page, of: enclave, formerArray: former, &processor, &environment)
    driver[enclave].slots.evict(candidate.pageIndex, as: evicted)
    driver[enclave].secsChildCount -= 1
    driver.evictions += 1
    environment.trace.record(.slotEvicted(enclave: enclave.rawValue, EnclaveOffset(pageIndex: candidate.pageIndex), page))
    if !evicted.isLost || !driver.version.keepsSECSAfterFailedWriteback {
      driver.writeBackSECS(of: enclave, &processor, &environment)
    }
    driver.drop(enclave, &processor, &environment)
    if evicted.isLost, driver.version.removesFrameAfterFailedEWB {
      let leaked = driver.pool.leakedCount
      driver.freePage(page, &processor, &environment)
      if driver.pool.leakedCount > leaked, driver.enclaves[Int(enclave.rawValue)] != nil { driver[enclave].hasLeakedChild = true }
    } else {
      driver.pool.free(page)
      environment.trace.record(.pageFreed(page))
    }
  }
}
