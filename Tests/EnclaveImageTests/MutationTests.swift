import EnclaveImage
import ImageWriters
import SGXArchitecture
import Testing

/// Broken images: whatever the bytes, there is an image or a refusal that says where, and memory follows the size of the file.
@Suite("Broken images") struct MutationTests {
  static let mutantsOfAKind = 200_000

  /// Samples of a kind that mutants are made of; small ones, since the whole image is copied for each.
  private static func seeds(_ kind: Sample.Kind) -> [Sample] { Sample.all.filter { $0.kind == kind } }

  @Test(arguments: Sample.Kind.allCases) func seededMutants(of kind: Sample.Kind) {
    var random = Mutator(seed: 0x5eed ^ UInt64(kind.rawValue.utf8.count))
    var (images, refused) = (0, 0)
    let seeds = Self.seeds(kind)
    for number in 0..<Self.mutantsOfAKind {
      let seed = seeds[number % seeds.count]
      if check(random.mutant(of: seed.bytes), "mutant \(number) of \(seed.name)") { images += 1 } else { refused += 1 }
    }
    // Mutants that are all refused, or none, test one side only.
    #expect(images > Self.mutantsOfAKind / 100)
    #expect(refused > Self.mutantsOfAKind / 100)
    #expect(images + refused == Self.mutantsOfAKind)
  }

  @Test(arguments: Sample.all) func everyPrefix(of sample: Sample) {
    // Past the headers a prefix differs in what it cuts off only: every length there would take minutes.
    let lengths = (0..<sample.bytes.count).filter { $0 < 0x900 || $0 % 61 == 0 || sample.bytes.count - $0 < 0x400 }
    for length in lengths { _ = check(Array(sample.bytes[..<length]), "\(length) bytes of \(sample.name)") }
  }

  /// Every two bytes of the structures, one after the other, as the values at which arithmetic goes wrong.
  @Test(arguments: Sample.all) func everyField(of sample: Sample) {
    for place in stride(from: 0, to: min(sample.bytes.count, 0x400), by: 2) {
      for value in [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_ffff_ffff_ffff, 0x8000_0000_0000_0000] as [UInt64] {
        for size in [2, 4, 8] where place + size <= sample.bytes.count {
          var bytes = sample.bytes
          for index in 0..<size { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
          _ = check(bytes, "\(value) at \(place) of \(sample.name)")
        }
      }
    }
  }

  /// True for an image. A refusal must say something.
  private func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) -> Bool {
    do throws(ImageRefusal) {
      let plan = try EnclaveImage(name: "mutant", bytes: ContentBlock(bytes)).plan
      // A page of a stream needs 64 bytes and may name one piece; templates and fillings take a page each.
      let held = plan.heldBytes
      if held > bytes.count * 66 + 65_536 { Issue.record("\(what()): \(held) bytes held") }
      if plan.ranges.count > bytes.count * 16 + 65_536 { Issue.record("\(what()): \(plan.ranges.count) ranges") }
      return true
    } catch {
      let isGood = !error.field.isEmpty && !error.found.isEmpty && !error.allowed.isEmpty && error.offset <= UInt64(bytes.count)
      if !isGood { Issue.record("\(what()): \(error.text)") }
      return false
    }
  }
}

extension LoadPlan {
  /// Bytes of all blocks that the plan keeps alive.
  var heldBytes: Int {
    var blocks: [ObjectIdentifier: Int] = [:]
    for range in ranges {
      switch range.contents {
      case .same(.fill): break
      case .same(.bytes(let block, _)), .consecutive(let block, _): blocks[ObjectIdentifier(block)] = block.count
      }
    }
    return blocks.values.reduce(0, +)
  }
}

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
      for index in 0..<size where start + index < bytes.count { bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
    }
  }
}
