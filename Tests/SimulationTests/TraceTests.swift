import SGXArchitecture
import Simulation
import Testing

@Suite struct TraceTests {
  private func event(_ number: Int) -> Event { .pageAllocated(PhysPageNumber(UInt32(number))) }

  private func trace(of count: Int, keepsAll: Bool = false) -> Trace {
    var trace = Trace(keepsAll: keepsAll)
    for number in 0..<count { trace.record(event(number)) }
    return trace
  }

  @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 4095, 4096, 4097, 4159, 4160, 4161, 4223, 4224, 4225, 8191, 8192, 8193, 20_000])
  func theLastFourThousandAndNinetySixAreKept(count: Int) {
    let trace = trace(of: count)
    #expect(trace.count == UInt64(count))
    #expect(trace.suffix(4096) == (max(0, count - 4096)..<count).map(event))
    #expect(trace.events.count <= 4096 + 64, "more than a chunk beyond what is promised")
    #expect(trace.events == (count - trace.events.count..<count).map(event), "oldest first, without a gap")
  }

  @Test func theWholeRunIsKeptWhenAsked() {
    #expect(trace(of: 20_000, keepsAll: true).events == (0..<20_000).map(event))
  }

  @Test(arguments: [6_400, 6_463, 100]) func theWholeRunHasABoundWhenAsked(_ bound: Int) {
    var trace = Trace(keepsAll: true, eventsMax: bound)
    for number in 0..<20_000 { trace.record(event(number)) }
    let kept = trace.events.count
    #expect((max(bound / 64 * 64, 4096)...max(bound, 4096) + 64).contains(kept))
    #expect(trace.events == (20_000 - kept..<20_000).map(event), "oldest first, without a gap")
  }

  @Test func aSuffixIsTheEndOfWhatIsKept() {
    let trace = trace(of: 100)
    #expect(trace.suffix(3) == (97..<100).map(event))
    #expect(trace.suffix(0) == [])
    #expect(trace.suffix(1000) == (0..<100).map(event))
  }

  @Test(arguments: [0, 1, 63, 64, 100, 4095, 4096, 4100, 5000]) func forksGoOnAlone(count: Int) {
    var original = trace(of: count)
    var fork = original
    let kept = original.events
    for number in 0..<5000 { fork.record(event(1_000_000 + number)) }
    #expect(original.events == kept, "the fork wrote into the original")
    for number in 0..<5000 { original.record(event(2_000_000 + number)) }
    #expect(fork.suffix(4096) == (904..<5000).map { event(1_000_000 + $0) })
    #expect(original.suffix(4096) == (904..<5000).map { event(2_000_000 + $0) })
    #expect(original.count == UInt64(count + 5000))
  }

  @Test func manyForksOfOneTraceShareNothingThatIsWritten() {
    let original = trace(of: 4130)
    let forks = (0..<10).map { name in
      var fork = original
      for number in 0..<200 { fork.record(event(name * 1000 + number)) }
      return fork
    }
    for (name, fork) in forks.enumerated() { #expect(fork.suffix(200) == (0..<200).map { event(name * 1000 + $0) }) }
    #expect(original.suffix(4096) == (34..<4130).map(event))
  }

  /// Sixteen EEXTENDs of a page are one event, wherever in a chunk they begin.
  @Test(arguments: Array(0...130) + [4094, 4095, 4096]) func extendsOfOnePageAreOneEvent(before: Int) {
    var trace = trace(of: before)
    for _ in 0..<16 { trace.recordExtend(of: PhysPageNumber(7)) }
    #expect(trace.suffix(1) == [.extended(PhysPageNumber(7), chunks: 16)])
    #expect(trace.count == UInt64(before) + 1)
  }

  @Test func extendsThatAreNotInARowAreEventsOfTheirOwn() {
    var trace = Trace()
    for page: UInt32 in [1, 1, 2, 1] { trace.recordExtend(of: PhysPageNumber(page)) }
    trace.record(event(0))
    trace.recordExtend(of: PhysPageNumber(1))
    #expect(
      trace.events == [
        .extended(PhysPageNumber(1), chunks: 2), .extended(PhysPageNumber(2), chunks: 1),
        .extended(PhysPageNumber(1), chunks: 1), event(0), .extended(PhysPageNumber(1), chunks: 1),
      ])
  }

  @Test func aFullCountStartsANewEvent() {
    var trace = Trace()
    for _ in 0..<300 { trace.recordExtend(of: PhysPageNumber(1)) }
    #expect(trace.events == [.extended(PhysPageNumber(1), chunks: 255), .extended(PhysPageNumber(1), chunks: 45)])
  }

  @Test(arguments: [0, 62, 63, 64]) func aForkMergesExtendsAlone(before: Int) {
    var original = trace(of: before)
    original.recordExtend(of: PhysPageNumber(5))
    var fork = original
    for _ in 0..<3 { fork.recordExtend(of: PhysPageNumber(5)) }
    #expect(original.suffix(1) == [.extended(PhysPageNumber(5), chunks: 1)])
    #expect(fork.suffix(1) == [.extended(PhysPageNumber(5), chunks: 4)])
    #expect(fork.count == original.count)
  }
}
