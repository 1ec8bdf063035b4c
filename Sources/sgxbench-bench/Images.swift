import EnclaveImage
import SGXArchitecture

/// How fast images are measured (goals 1 and 5): plans as the readers make them, against one call of SHA-256 over the same bytes.
enum Images {
  static var figures: [Figure] {
    [
      Figure(name: "image-measure", goal: .atLeast(0.95)) { one(rounds: $0, measured) },
      Figure(name: "image-heap", goal: .atLeast(0.95)) { one(rounds: $0, heap) },
      Figure(name: "images-at-once", goal: .atLeast(1.9), take: two),
      Figure(name: "limit-at-once", goal: .atLeast(1.9), take: twoAtTheLimit),
    ]
  }

  /// An image and its records in one buffer.
  private struct Sample {
    let plan: LoadPlan
    let records: [UInt8]

    /// Reads a stream of records, which is at the same time what is hashed.
    init(_ records: [UInt8]) {
      self.records = records
      do { plan = try EnclaveImage(name: "sample", bytes: ContentBlock(records)).plan } catch { fatalError(error.text) }
      precondition(plan.hashedBytes == UInt64(records.count), "the sample is hashed whole")
    }
  }

  /// 4096 different pages, all measured.
  private static let measured = different(pages: 4096)

  /// 64 MiB of pages, all measured: what starting a thread takes does not count beside it.
  private static let large = different(pages: 16384)

  private static func different(pages: Int) -> Sample {
    Sample(stream(pages: pages) { page, stream in
      let contents = Loading.contents.image.base + page % Loading.contents.pages * Int(pageSize)
      for chunk in 0..<extendChunksPerPage {
        let offset = chunk * Int(extendChunkSize)
        stream += record("EEXTEND\0", UInt64(page) * pageSize + UInt64(offset), 0)
        stream += UnsafeRawBufferPointer(start: contents + offset, count: Int(extendChunkSize))
      }
    })
  }

  /// A million pages that are only added.
  private static let heap = Sample(stream(pages: 1 << 20) { _, _ in })

  private static func one(rounds: Int, _ sample: Sample) -> Reading {
    let ratio = Ratio(rounds: rounds, limit: { hashAtOnce(sample.records) }) { blackHole(sample.plan.mrenclave()) }
    return reading(ratio, bytes: sample.records.count)
  }

  /// Two images on two threads, against one after the other at the limit.
  private static func two(rounds: Int) -> Reading {
    atOnce(rounds) { blackHole(large.plan.mrenclave()) }
  }

  /// What two threads can reach at all: the limit itself on both.
  private static func twoAtTheLimit(rounds: Int) -> Reading {
    atOnce(rounds) { hashAtOnce(large.records) }
  }

  private static func atOnce(_ rounds: Int, _ work: () -> Void) -> Reading {
    let limit = {
      hashAtOnce(large.records)
      hashAtOnce(large.records)
    }
    let ratio = Ratio(rounds: rounds, limit: limit) { blackHole(inParallel(2, jobs: 2) { _ in work() }) }
    return reading(ratio, bytes: large.records.count * 2)
  }

  private static func reading(_ ratio: Ratio, bytes: Int) -> Reading {
    func rate(_ nanoseconds: Double) -> String { (Double(bytes) / nanoseconds).text(digits: 2) + " GB/s" }
    return .ratio(ratio.speed, measured: rate(ratio.measured), limit: rate(ratio.limit))
  }

  private static func stream(pages: Int, _ chunks: (Int, inout [UInt8]) -> Void) -> [UInt8] {
    var stream = [UInt8]("ECREATE\0".utf8)
    stream.store(UInt32(1))
    stream.store(max((UInt64(pages) * pageSize).nextPowerOfTwo, 0x2000))
    stream += [UInt8](repeating: 0, count: 44)
    for page in 0..<pages {
      stream += record("EADD\0\0\0\0", UInt64(page) * pageSize, Load.secInfo.flags)
      chunks(page, &stream)
    }
    return stream
  }

  private static func record(_ tag: String, _ offset: UInt64, _ flags: UInt64) -> [UInt8] {
    var record = [UInt8](tag.utf8)
    record.store(offset)
    record.store(flags)
    return record + [UInt8](repeating: 0, count: 40)
  }
}

extension [UInt8] {
  fileprivate mutating func store(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
