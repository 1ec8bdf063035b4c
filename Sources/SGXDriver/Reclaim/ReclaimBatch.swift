import SGXArchitecture
import SGXProcessor
import Simulation

/// One batch of the reclaimer (main.c, sgx_reclaim_pages): up to sixteen of the oldest pages are written out and freed.
///
/// Phases, each over all pages: isolate, age (with the backing store and the mark that keeps faults out), block, write. A step ends
/// where other tasks can come between: after each address space that was asked, and wherever `encl->lock` was given back.
///
/// - ReclaimBatch+Phases.swift: what happens to one page in each
/// - Driver+WriteBack.swift: EWB with its retries; Driver+LoadBack.swift: the way back
public struct ReclaimBatch: Sendable {
  /// Pages of a batch (SGX_NR_TO_SCAN).
  public static let size = 16

  /// A page that was taken off the queue.
  struct Candidate: Sendable {
    let enclave: EnclaveID
    let pageIndex: UInt64
    let page: PhysPageNumber
  }

  /// Where the batch stands; numbers are candidates'.
  enum Phase: Sendable {
    case isolate
    /// Every address space is asked whether the page was used; then the page is marked, or goes back to the queue.
    case age(Int), mark(Int), requeue(Int), letGo(Int)
    /// Its entries go from every address space; then EBLOCK.
    case zap(Int), block(Int)
    /// EWB, that of the SECS behind it where this was the last child, and what becomes of the page then.
    case write(Int), writeAgain(Int, into: VersionSlot), writeSECS(Int), writeSECSAgain(Int, into: VersionSlot), free(Int)
    case done
  }

  /// A walk of the address spaces that map an enclave, between two of them: under `encl->srcu`.
  struct Walk: Sendable {
    let section: Int
    /// The list's version when the walk began.
    let version: UInt32
    /// Spaces that came before this one are still to be visited.
    var serial = UInt32.max
    /// The one whose lock is waited for; it stays the next one though it may go off the list meanwhile.
    var awaited: EnclaveSpace?
  }

  var walk: Walk?
  /// The walk that has just ended met an address space.
  var visitedSpaces = false
  /// EWB would not write the page that is about to be freed.
  var isLost = false
  var phase = Phase.isolate
  var candidates: [Candidate] = []
  /// A page's step begins with the moment in which others may still come before it.
  var hasArrived = false
  /// Pages taken off the queue.
  public internal(set) var isolated: UInt64 = 0
  /// Pages written out and freed.
  public internal(set) var freed: UInt64 = 0
  /// Moments reached just before a page's accessed bits are looked at, and just before its page-table entries are removed.
  public internal(set) var agesReached: UInt64 = 0
  public internal(set) var removalsReached: UInt64 = 0

  public init() {}

  /// Goes on to the end of the next step; true when the batch is done.
  mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> Bool {
    switch phase {
    case .isolate:
      isolate(&driver)
      phase = .age(0)
    case .age(let index) where index == candidates.count:
      phase = .zap(0)
      return candidates.isEmpty
    case .age(let index):
      if arrives() {
        agesReached += 1
        return false
      }
      try age(index, &driver, &environment)
    case .mark(let index):
      try mark(index, &driver, &environment)
    case .requeue(let index):
      requeue(index, &driver)
    case .letGo(let index):
      letGo(index, &driver, &processor, &environment)
    case .zap(let index) where index == candidates.count:
      phase = .write(0)
    case .zap(let index):
      if arrives() {
        removalsReached += 1
        return false
      }
      try zap(index, &driver, &processor, &environment)
    case .block(let index):
      try block(index, &driver, &processor, &environment)
    case .write(let index) where index == candidates.count:
      phase = .done
      return true
    case .write(let index):
      try write(index, &driver, &processor, &environment)
    case .writeAgain(let index, let slot):
      writeAgain(index, into: slot, &driver, &processor, &environment)
    case .writeSECS(let index):
      writeSECS(index, &driver, &processor, &environment)
    case .writeSECSAgain(let index, let slot):
      writeSECSAgain(index, into: slot, &driver, &processor, &environment)
    case .free(let index):
      free(index, &driver, &processor, &environment)
    case .done:
      return true
    }
    return false
  }

  /// True once in front of each page's work; not between the steps of a walk, nor when a step is made again that had to wait.
  private mutating func arrives() -> Bool {
    if hasArrived { return false }
    hasArrived = true
    return true
  }
}
