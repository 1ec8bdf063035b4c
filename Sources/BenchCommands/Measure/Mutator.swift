/// Makes broken images of good ones, always the same ones for a seed.
struct Mutator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }

  private mutating func draw(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() >> 1) % max(bound, 1) }

  private static let boundaries: [UInt64] = [
    0, 1, 2, 7, 8, 0x18, 0x40, 0xff, 0x100, 0xfff, 0x1000, 0x1001, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_f000, 0xffff_ffff,
    0x1_0000_0000, 1 << 52, 1 << 63, .max - 8, .max,
  ]

  mutating func mutant(of original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...draw(2) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    // Structures lie at the beginning and at the end of most images.
    let place =
      switch draw(4) {
      case 0: draw(bytes.count)
      case 1: draw(min(bytes.count, 0x200))
      default: bytes.count - 1 - draw(min(bytes.count, 0x900))
      }
    switch draw(8) {
    case 0:
      bytes[place] ^= 1 << UInt8(draw(8))
    case 1:
      bytes[place] = UInt8(truncatingIfNeeded: next())
    case 2:
      bytes.removeSubrange(place..<min(bytes.count, place + draw(64)))
      if bytes.isEmpty { bytes = [0] }
    case 3:
      bytes.insert(contentsOf: [UInt8](repeating: UInt8(draw(256)), count: draw(64)), at: place)
    case 4:
      bytes.removeLast(bytes.count - max(place, 1))
    default:
      let value = Self.boundaries[draw(Self.boundaries.count)]
      let size = [2, 4, 8, 8][draw(4)]
      let start = place & ~(size - 1)
      bytes.write(value, size: size, at: start)
    }
  }
}
