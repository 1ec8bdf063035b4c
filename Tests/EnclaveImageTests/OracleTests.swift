import EnclaveImage
import Foundation
import ImageWriters
import SGXArchitecture
import Testing

/// Every sample against `Scripts/dev/image_oracle.py`, which builds and hashes page by page and knows nothing of ranges.
@Suite("Measured images against the oracle") struct OracleTests {
  /// One way to measure a sample.
  struct Case: CustomTestStringConvertible, Sendable {
    let sample: Sample
    var block: String?
    var heapPages = 1
    var testDescription: String { "\(sample.name) \(block ?? "") \(heapPages)" }
  }

  static let cases: [Case] =
    Sample.all.map { Case(sample: $0) }
    + ["2.4", "2.1", "1.4"].map { Case(sample: .named("sdk-three-blocks"), block: $0) }
    + ["3.3", "1.5"].map { Case(sample: .named("sdk-1.5"), block: $0) }
    + [0, 7].map { Case(sample: .named("selftest-elf"), heapPages: $0) }

  @Test(arguments: cases) func aSampleComesOut(_ test: Case) throws {
    var options = ImageOptions()
    options.block = test.block.flatMap { MetadataVersion($0) }
    options.selftestHeapPages = UInt64(test.heapPages)
    let plan = try test.sample.read(options).plan
    let words = try oracle(test)
    #expect(plan.mrenclave().hex == words[0])
    #expect(String(plan.pagesAdded) == words[1])
    #expect(String(plan.pagesMeasured) == words[2])
  }

  @Test(arguments: cases) func aStreamHashesToTheSame(_ test: Case) throws {
    var options = ImageOptions()
    options.block = test.block.flatMap { MetadataVersion($0) }
    options.selftestHeapPages = UInt64(test.heapPages)
    let plan = try test.sample.read(options).plan
    var stream: [UInt8] = []
    var hash = RunningSHA256()
    #expect(
      plan.writeStream { bytes in
        stream += bytes
        hash.update(bytes)
        return true
      })
    #expect(hash.digest() == plan.mrenclave())
    #expect(UInt64(stream.count) == plan.hashedBytes)
    // What was written can be read, where its pages are in ascending order.
    guard zip(plan.ranges, plan.ranges.dropFirst()).allSatisfy({ $0.offset < $1.offset }) else { return }
    let again = try EnclaveImage(name: "stream", bytes: ContentBlock(stream))
    #expect(again.plan.mrenclave() == plan.mrenclave())
    #expect(again.plan.parameters.size == plan.parameters.size)
  }

  /// Its answer: MRENCLAVE, pages added, pages measured.
  private func oracle(_ test: Case) throws -> [String] {
    let scratch = try Scratch()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", Repository.root + "/Scripts/dev/image_oracle.py", "--heap-pages", "\(test.heapPages)"]
    if let block = test.block { process.arguments?.append(contentsOf: ["--block", block]) }
    process.arguments?.append(try scratch.write(test.sample.bytes, to: "image"))
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let answer = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "python3 runs the oracle")
    return answer.split(separator: " ").map(String.init)
  }
}
