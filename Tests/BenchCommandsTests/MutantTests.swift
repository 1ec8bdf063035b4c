import Foundation
import ImageWriters
import Testing

/// Broken images, read by the program itself with little memory and time: every prefix, every field at the values at which arithmetic
/// goes wrong, and 200,000 mutants of each format.
@Suite("Broken images") struct MutantTests {
  /// A program that is not optimised takes twenty times as long: it gets through a part.
  private static let isOptimised = Sgxbench.path.contains("/release/")
  private static let count = isOptimised ? 200_000 : 2_000
  private static let step = isOptimised ? 1 : 53
  private static let memory = isOptimised ? 400_000 : 4_000_000

  @Test(arguments: Sample.Kind.allCases) func nothingTraps(_ kind: Sample.Kind) throws {
    let folder = try Scratch()
    let samples = Sample.all.filter { $0.kind == kind }
    for sample in samples { try folder.write(sample.bytes, to: sample.name) }
    for (index, sample) in samples.enumerated() {
      // The first takes what cannot be divided evenly.
      let share = Self.count / samples.count + (index == 0 ? Self.count % samples.count : 0)
      let ended = try Sgxbench.run(
        ["mutants", sample.name, "--count", "\(share)", "--step", "\(Self.step)", "--seed", "\(index + 1)"], in: folder.path,
        shell: "ulimit -v \(Self.memory); " + #"exec "$@""#)
      #expect(ended.status == 0, "\(sample): \(ended.errors.prefix(400))")
      #expect(!ended.wasSignalled)
      #expect(ended.output.contains(", \(share) mutants: "), "\(sample): \(ended.output)")
      #expect(ended.output.hasSuffix(" 0 wrong\n"), "\(sample): \(ended.output)")
      // Versions that are all refused, or none, test one side only.
      let numbers = ended.output.split(separator: " ").compactMap { Int($0) }
      #expect(numbers.count == 6, "\(sample): \(ended.output)")
      #expect(numbers[0] == (sample.bytes.count + Self.step - 1) / Self.step)
      #expect(numbers[3] > 100 && numbers[4] > share / 10, "\(sample): \(ended.output)")
    }
  }
}
