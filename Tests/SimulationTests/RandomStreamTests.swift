import Simulation
import Testing

@Suite struct RandomStreamTests {
  static let purposes: [RandomStream.Purpose] = [.script, .faults, .schedule, .processor]

  private func draws(_ seed: UInt64, _ purpose: RandomStream.Purpose, _ count: Int = 64) -> [UInt64] {
    var stream = RandomStream(seed: seed, purpose: purpose)
    return (0..<count).map { _ in stream.next() }
  }

  /// SplitMix64 written out again, the state one step on from seed and purpose.
  @Test func theNumbersAreThoseOfSplitMix64() {
    for (number, purpose) in zip(UInt64(1)..., Self.purposes) {
      var state = 42 &+ number &* 0x632b_e59b_d9b4_e019 &+ 0x9e37_79b9_7f4a_7c15
      let expected = (0..<64).map { _ -> UInt64 in
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
      }
      #expect(draws(42, purpose) == expected)
    }
  }

  @Test func aSeedAndAPurposeNameOneStream() {
    var seen: Set<UInt64> = []
    for seed: UInt64 in [0, 1, 2, .max] {
      for purpose in Self.purposes {
        #expect(draws(seed, purpose) == draws(seed, purpose))
        seen.formUnion(draws(seed, purpose))
      }
    }
    #expect(seen.count == 4 * 4 * 64, "two streams share a number")
  }

  @Test func oneMoreDrawOfAStreamDoesNotMoveTheOthers() {
    let quiet = Environment(seed: 7)
    var busy = Environment(seed: 7)
    for _ in 0..<100 { _ = busy.faults.next() }
    #expect(quiet.faults != busy.faults)
    #expect(Environment(seed: 7).faults != Environment(seed: 8).faults)
  }

  @Test func visitsAndEventsDrawNothing() {
    var environment = Environment(seed: 7)
    for site in Site.all { _ = environment.visit(site) }
    #expect(environment.faults == Environment(seed: 7).faults)
  }

  @Test(arguments: [1, 2, 3, 7, 256, 1000, (1 << 63) + 1, .max] as [UInt64])
  func aBoundedDrawStaysBelowItsBound(bound: UInt64) {
    var stream = RandomStream(seed: 3, purpose: .script)
    for _ in 0..<200 { #expect(stream.next(below: bound) < bound) }
  }

  @Test func aBoundedDrawIsEven() {
    var stream = RandomStream(seed: 3, purpose: .script)
    var counts = [Int](repeating: 0, count: 5)
    for _ in 0..<5000 { counts[Int(stream.next(below: 5))] += 1 }
    for count in counts { #expect((850...1150).contains(count), "\(counts)") }
  }

  @Test func aCopyGoesOnAlone() {
    var stream = RandomStream(seed: 3, purpose: .script)
    var copy = stream
    let first = stream.next()
    _ = stream.next()
    #expect(copy.next() == first)
  }
}
