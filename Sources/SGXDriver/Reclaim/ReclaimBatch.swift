import SGXArchitecture
import SGXProcessor
import Simulation

/// One batch of the reclaimer (main.c, sgx_reclaim_pages): up to sixteen of the oldest pages are written out and freed.
///
/// Phases, each over all pages: isolate, age (with the backing store and the mark that keeps faults out), block, write. A step ends
/// where other tasks can come between.
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

  enum Phase: Sendable { case isolate, age(Int), block(Int), write(Int), done }

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
  mutating func step(_ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment) -> Bool {
    switch phase {
    case .isolate:
      isolate(&driver)
      phase = .age(0)
    case .age(let index) where index == candidates.count:
      phase = .block(0)
      return candidates.isEmpty
    case .age(let index):
      if arrives() {
        agesReached += 1
        return false
      }
      if age(candidates[index], &driver, &processor, &environment) {
        phase = .age(index + 1)
      } else {
        candidates.remove(at: index)
      }
    case .block(let index) where index == candidates.count:
      phase = .write(0)
    case .block(let index):
      if arrives() {
        removalsReached += 1
        return false
      }
      block(candidates[index], &driver, &processor, &environment)
      phase = .block(index + 1)
    case .write(let index) where index == candidates.count:
      phase = .done
      return true
    case .write(let index):
      write(candidates[index], &driver, &processor, &environment)
      phase = .write(index + 1)
    case .done:
      return true
    }
    return false
  }

  /// Runs the batch to its end.
  mutating func run(_ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment) {
    while !step(&driver, &processor, &environment) {}
  }

  /// True once in front of each page's work.
  private mutating func arrives() -> Bool {
    hasArrived.toggle()
    return hasArrived
  }
}
