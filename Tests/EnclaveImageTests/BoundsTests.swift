import EnclaveImage
import Foundation
import ImageWriters
import SGXArchitecture
import Testing

/// Sizes at which a reader could take too much memory or time.
@Suite("Images of any size") struct BoundsTests {
  @Test func thirtyMillionPagesAreOneRange() throws {
    let sample = Sample.named("oe-plain").bytes
    let info = sample.place(of: [0xa8, 0x07, 0, 0, 2, 0, 0, 0])
    let plan = try EnclaveImage(name: "large", bytes: ContentBlock(sample.with(UInt64(31_324_288), at: info + 8))).plan
    #expect(plan.parameters.size == 1 << 37)
    #expect(plan.ranges.count < 20)
    #expect(plan.pagesAdded > 31_324_288)
    #expect(plan.hashedBytes < 31_324_288 * 64 + 1_000_000)
  }

  /// Long ranges are measured in pieces of 16,384 pages.
  @Test func aRangeOfSeveralPieces() throws {
    let pages = 16_384 + 17
    let block = ContentBlock(count: pages * Int(pageSize)) { memory in
      memory.initializeMemory(as: UInt8.self, repeating: 0)
      for page in 0..<pages { memory.storeBytes(of: page, toByteOffset: page * Int(pageSize) + 96, as: Int.self) }
      // The first page is a TCS.
      memory.storeBytes(of: 0, toByteOffset: 96, as: Int.self)
      memory.storeBytes(of: 0x2000, toByteOffset: TCS.ossa, as: Int.self)
      memory.storeBytes(of: 1, toByteOffset: TCS.nssa, as: UInt32.self)
    }
    let plan = try EnclaveImage(name: "flat", bytes: block).plan
    var single = Measurement(ssaFrameSize: 1, size: plan.parameters.size)
    for page in 0..<UInt64(pages) {
      let offset = EnclaveOffset(pageIndex: page)
      single.add(offset: offset, secInfo: SecInfo(flags: page == 0 ? 0x100 : 0x207))
      single.extendPage(offset: offset, contents: .bytes(block, offset: UInt32(offset.rawValue)))
    }
    #expect(plan.ranges.count == 2)
    #expect(plan.mrenclave() == single.digest)
  }

  @Test func repeatedThreadsShareTheirContents() throws {
    // A group may make 65,536 entries; those with contents of their own are TCS pages, which are kept as 128 bytes.
    let layout: [SDKBlock.Layout] = [
      .entry(attributes: 3, pages: 1, rva: 0x10000, content: SDKBlock.threadTemplate(), flags: 0x100),
      .entry(attributes: 3, pages: 2, rva: 0x11000, contentSize: 0x0102_0304, flags: 0x203),
      .entry(attributes: 3, pages: 2, rva: 0x13000, content: patterned(0x1800, seed: 1), flags: 0x203),
      .group(count: 3, times: 16_000, step: 0x10000),
    ]
    var block = SDKBlock(1, 4, layout: layout)
    block.enclaveSize = 1 << 31
    var writer = SDKWriter(blocks: [block])
    writer.elf.segments = [ELFWriter.Segment(flags: 5, address: 0, data: patterned(64, seed: 1))]
    let plan = try EnclaveImage(name: "threads", bytes: ContentBlock(writer.file())).plan
    #expect(plan.threads == 16_001)
    #expect(plan.heldBytes < 16_001 * 128 + 0x10000)
  }

  @Test func filesThatAreNone() throws {
    let scratch = try Scratch()
    func refused(_ path: String, _ says: String, limit: UInt64 = 1 << 20) {
      var options = ImageOptions()
      options.fileSizeMax = limit
      do throws(ImageError) {
        _ = try EnclaveImage(path: path, options: options)
        Issue.record("\(path) is no image")
      } catch {
        guard case .unreadable(let text) = error else {
          Issue.record("\(error.text)")
          return
        }
        #expect(text.contains(says))
      }
    }
    refused(scratch.path + "/missing", "cannot open")
    refused(scratch.path, "is a directory")
    refused("/dev/zero", "is not a regular file")
    refused(try scratch.write([], to: "empty"), "is empty")
    refused(try scratch.write([1, 2, 3, 4, 5], to: "long"), "5 bytes is over the limit of 4", limit: 4)
    #expect(mkfifo(scratch.path + "/fifo", 0o600) == 0)
    refused(scratch.path + "/fifo", "is not a regular file")
    // A terabyte that takes no room on the disk.
    let sparse = try scratch.write([1], to: "sparse")
    #expect(truncate(sparse, 1 << 40) == 0)
    refused(sparse, "is over the limit")
    refused(sparse, "is over the limit", limit: .max)
  }

  @Test func aFileIsReadWhole() throws {
    let scratch = try Scratch()
    let path = try scratch.write(Sample.named("sdk-1.4").bytes, to: "app.signed.so")
    #expect(try EnclaveImage(path: path).plan.mrenclave() == Sample.named("sdk-1.4").read().plan.mrenclave())
  }

  @Test func threadsGiveTheSame() {
    let samples = Sample.all.filter { $0.bytes.count > 0 }
    func digests(_ jobs: Int) -> [String] {
      inParallel(samples.count, jobs: jobs) { index in (try? samples[index].read())?.plan.mrenclave().hex ?? "" }
    }
    let one = digests(1)
    for jobs in [2, 3, 100] { #expect(digests(jobs) == one) }
    #expect(Set(one).count > samples.count / 2)
    #expect(inParallel(0, jobs: 4) { $0 }.isEmpty)
  }

  @Test func progressEndsAtTheWhole() throws {
    let plan = try Sample.named("sdk-1.4").read().plan
    var last: UInt64 = 0
    var isRising = true
    _ = plan.mrenclave { done in
      isRising = isRising && done > last
      last = done
    }
    #expect(isRising)
    #expect(last == plan.hashedBytes)
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
