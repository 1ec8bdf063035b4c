@testable import SGXProcessor
import SGXArchitecture
import Simulation
import TestSupport
import Testing

/// Tracking: when a blocked page may leave, against a model that remembers every thread.
@Suite struct TrackingTests {
  private static var bench: Bench {
    var bench = Bench()
    _ = bench.create(at: 0)
    _ = bench.add(.fill(1), at: 0, in: 1, of: 0)
    _ = bench.add(.fill(2), at: 0x1000, in: 2, of: 0)
    _ = bench.makeVersionArray(3)
    return bench
  }

  @Test func theOrderOfAKernel() {
    var bench = Self.bench
    let thread = bench.processor.threadEnters(PhysPageNumber(0))!
    #expect(bench.writeBack(1, to: 0, of: 3).outcome == .code(.SGX_PAGE_NOT_BLOCKED, row: 13))
    #expect(bench.block(1) == .done)
    #expect(bench.writeBack(1, to: 0, of: 3).outcome == .code(.SGX_NOT_TRACKED, row: 14))
    #expect(bench.track(0) == .done)
    #expect(bench.writeBack(1, to: 0, of: 3).outcome == .code(.SGX_NOT_TRACKED, row: 14))
    #expect(bench.track(0) == .code(.SGX_PREV_TRK_INCMPL, row: 6))
    let late = bench.processor.threadEnters(PhysPageNumber(0))!
    #expect(bench.remove(1) == .code(.SGX_ENCLAVE_ACT, row: 8))
    bench.processor.threadLeaves(thread)
    #expect(bench.writeBack(1, to: 0, of: 3).outcome == .done, "the late thread entered after the page was blocked")
    #expect(bench.remove(2) == .code(.SGX_ENCLAVE_ACT, row: 8))
    bench.processor.threadLeaves(late)
    #expect(bench.remove(2) == .done)
  }

  @Test func nobodyEntersWhereNoSECSIs() {
    var bench = Self.bench
    for page: UInt32 in [1, 3, 5] { #expect(bench.processor.threadEnters(PhysPageNumber(page)) == nil) }
  }

  @Test func aThreadIsCountedWithItsEnclave() {
    var bench = Self.bench
    _ = bench.create(at: 4)
    let thread = bench.processor.threadEnters(PhysPageNumber(4))!
    #expect(bench.record(0).tracking.threadsInside == 0)
    #expect(bench.record(4).tracking.threadsInside == 1)
    #expect(bench.remove(1) == .done)
    bench.processor.threadLeaves(thread)
    #expect(bench.record(4).tracking.threadsInside == 0)
  }

  /// Each event at random; the model keeps every thread with its moment of entry and every cycle with its beginning.
  @Test(arguments: 0..<20 as Range<UInt64>) func fiveHundredEventsAgainstAModel(seed: UInt64) {
    var chance = RandomStream(seed: seed, purpose: .script)
    var tracking = EpochTracking()
    var threads: [(epoch: UInt32, entered: Int)] = []
    var stamps: [(epoch: UInt32, blocked: Int)] = []
    var cycles: [Int] = []
    var answers: [Bool: Int] = [:]
    for moment in 0..<500 {
      switch chance.next(below: 5) {
      case 0, 1:
        if threads.count < 6 { threads.append((tracking.enter(), moment)) }
      case 2 where !threads.isEmpty:
        let thread = threads.remove(at: Int(chance.next(below: UInt64(threads.count))))
        tracking.leave(entered: thread.epoch)
      case 3:
        stamps.append((tracking.epoch, moment))
      default:
        // The one before is complete when nobody is inside from before it began.
        let isComplete = cycles.last.map { start in threads.allSatisfy { $0.entered > start } } ?? true
        #expect(tracking.beginCycle() == isComplete)
        if isComplete { cycles.append(moment) }
      }
      #expect(Int(tracking.threadsInside) == threads.count)
      for stamp in stamps {
        // The first cycle that began after the page was blocked is complete. Once so, it stays so.
        let first = cycles.first { $0 > stamp.blocked }
        let isTracked = first.map { start in threads.allSatisfy { $0.entered > start } } ?? false
        #expect(tracking.isTracked(since: stamp.epoch) == isTracked, "seed \(seed), moment \(moment)")
        answers[tracking.isTracked(since: stamp.epoch), default: 0] += 1
      }
    }
    #expect(answers.count == 2, "both answers came up")
  }
}
