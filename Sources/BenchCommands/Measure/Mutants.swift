import ArgumentParser
import EnclaveImage
import LuaHost
import SGXArchitecture

/// `sgxbench mutants IMAGE…`: reads broken versions of images. Any bytes must be an image or a refusal that says where; a trap ends the
/// process, and whoever runs it limits its memory and time. It is here, and not in the tests, because it is slow without optimisation.
struct Mutants: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads broken versions of enclave images, which must all be refused or read.", shouldDisplay: false)

  @Argument(help: ArgumentHelp("Good images to break.", valueName: "image"), completion: .file())
  var images: [String]

  @Option(help: "Broken versions to make by chance, of all images together.")
  var count = 200_000

  @Option(help: "Of prefixes and fields takes one in so many.")
  var step = 1

  @Option(help: "Where chance begins.")
  var seed: UInt64 = 1

  mutating func run() throws {
    var tally = Tally()
    var originals: [[UInt8]] = []
    for image in images {
      do throws(Refusal) { originals.append(try ScriptFile.read(image, limit: 1 << 20)) } catch { throw error.told() }
    }
    for bytes in originals {
      for length in stride(from: 0, to: bytes.count, by: max(step, 1)) { tally.read(Array(bytes[..<length])) }
    }
    let prefixes = tally.count
    for bytes in originals { Self.eachField(of: bytes, step: max(step, 1)) { tally.read($0) } }
    let fields = tally.count - prefixes
    var mutator = Mutator(seed: seed)
    for number in 0..<count { tally.read(mutator.mutant(of: originals[number % originals.count])) }
    var output = Output(descriptor: 1)
    output.write("\(prefixes) prefixes, \(fields) fields, \(count) mutants: \(tally.images) images, \(tally.refused) refused, \(tally.bad) wrong\n")
    output.complain()
    throw ExitCode((output.error != 0 ? ExitStatus.output : tally.bad > 0 ? .benchBroken : .passed).rawValue)
  }

  /// Every two bytes of the first kilobyte and the last three, one after the other, as values at which arithmetic goes wrong.
  private static func eachField(of bytes: [UInt8], step: Int, _ body: ([UInt8]) -> Void) {
    let places = stride(from: 0, to: bytes.count, by: 2 * step).filter { $0 < 0x400 || bytes.count - $0 < 0xc00 }
    for place in places {
      for value in [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, .max, 1 << 63] as [UInt64] {
        for size in [2, 4, 8] where place + size <= bytes.count {
          var broken = bytes
          broken.write(value, size: size, at: place)
          body(broken)
        }
      }
    }
  }

  /// What became of the versions read.
  private struct Tally {
    var images = 0
    var refused = 0
    var bad = 0
    var count: Int { images + refused }

    mutating func read(_ bytes: [UInt8]) {
      do throws(ImageRefusal) {
        let plan = try EnclaveImage(name: "mutant", bytes: ContentBlock(bytes)).plan
        images += 1
        // Hashing is of interest where it is short.
        if images % 64 == 0, plan.hashedBytes < 1 << 16 { _ = plan.mrenclave() }
        if plan.ranges.isEmpty || plan.ranges.count > bytes.count * 16 + 65_536 { bad += 1 }
      } catch {
        refused += 1
        if error.field.isEmpty || error.found.isEmpty || error.allowed.isEmpty || error.offset > UInt64(bytes.count) {
          bad += 1
          Message.write(error.text)
        }
      }
    }
  }
}

extension [UInt8] {
  /// The lowest `size` bytes of a number, the least significant first, as far as there is room.
  mutating func write(_ value: UInt64, size: Int, at place: Int) {
    for index in 0..<size where place + index < count { self[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
  }
}
