import EnclaveImage
import ImageWriters
import SGXArchitecture
import Testing

/// What the readers make of the samples' corner cases: that each sample holds the case it is there for.
@Suite("Load plans") struct PlanTests {
  private func plan(_ name: String, block: String? = nil) throws -> LoadPlan {
    var options = ImageOptions()
    options.block = block.flatMap { MetadataVersion($0) }
    return try Sample.named(name).read(options).plan
  }

  private func range(_ plan: LoadPlan, at offset: UInt64) -> PageRange? {
    plan.ranges.first { $0.offset.rawValue == offset }
  }

  @Test func aGroupRepeatsWhatIsBeforeIt() throws {
    let plan = try plan("sdk-1.4")
    #expect(plan.threads == 3)
    for thread: UInt64 in 0..<3 {
      let tcs = try #require(range(plan, at: 0x1b000 + thread * 0x8000))
      #expect(tcs.role == .tcs)
      let page = tcs.page(0).bytes()
      #expect(page.load(UInt64.self, at: TCS.ossa) == tcs.offset.rawValue + 0x1000)
      #expect(page.load(UInt64.self, at: TCS.ofsBase) == tcs.offset.rawValue + 0x3000)
      #expect(page.load(UInt64.self, at: TCS.oentry) == 0x1040)
    }
    #expect(plan.ranges.contains { $0.measured == .none && $0.pageCount == 4 }, "the heap is one range, and not measured")
  }

  @Test func aPageHoldsItsSegmentOnly() throws {
    let plan = try plan("sdk-1.4")
    let first = try #require(range(plan, at: 0x2000))
    let page = first.page(0).bytes()
    #expect(page[..<0x10].allSatisfy { $0 == 0 }, "what the file has before the segment is not in the page")
    #expect(page[0x10..<0x110].elementsEqual(patterned(0x1204, seed: 3)[..<0x100]))
    // A patch of the block lies over the segment from byte 0x110 on.
    #expect(page[0x120..<(0x120 + 40)].elementsEqual(patterned(40, seed: 77)))
    let header = try #require(range(plan, at: 0)).page(0).bytes()
    #expect(header[40..<48].allSatisfy { $0 == 0 }, "e_shoff is patched away")
    #expect(header[60..<64].allSatisfy { $0 == 0 }, "e_shnum and e_shstrndx are patched away")
    // Zeros behind the data come as a range of their own.
    #expect(range(plan, at: 0x6000)?.pageCount == 2)
  }

  @Test func theBlockThatCounts() throws {
    let image = try Sample.named("sdk-three-blocks").read()
    #expect(image.blocks.map(\.version.text) == ["2.4", "2.1", "1.4"])
    #expect(image.blocks.map(\.isTaken) == [false, false, true])
    #expect(image.choice == "1.4: the highest that a current runtime takes; it passes over 2.x (2.4, 2.1)")
    #expect(image.plan.pagesRemoved == 0)
    let older = try plan("sdk-three-blocks", block: "2.4")
    #expect(older.pagesRemoved == 18)
    #expect(older.threads == 0, "its threads are removed before EINIT")
    #expect(older.mrenclave() == image.plan.mrenclave(), "what is removed was measured")
    #expect(try Sample.named("sdk-1.5").read().choice.hasPrefix("3.3: the highest that a current runtime takes"))
    #expect(try Sample.named("sdk-2.0").read().choice.hasPrefix("2.2: the highest; current runtimes take no 2.x at all"))
    #expect(try Sample.named("sdk-1.4").read().choice == "1.4: the only one")
  }

  @Test func relocatedCodeIsWritable() throws {
    let plan = try plan("sdk-text-relocations")
    func flags(_ offset: UInt64) -> UInt64? {
      plan.ranges.first { $0.offset.rawValue <= offset && offset < $0.offset.rawValue + $0.byteCount.rawValue }?.secInfoFlags
    }
    #expect(flags(0x2000) == 0x207)
    #expect(flags(0x3000) == 0x207, "an address of eight bytes reaches the next page")
    #expect(flags(0x8000) == 0x203, "a relocation of the PLT in read-only data")
    #expect(flags(0x9000) == 0x201)
    #expect(flags(0x7000) == 0x203)
  }

  @Test func metadata13PadsSegments() throws {
    let padding = try plan("sdk-1.3-padded").ranges.filter { $0.role == .padding }
    #expect(padding.map(\.offset.rawValue) == [0x3000, 0x7000])
    #expect(padding.map(\.secInfoFlags) == [0x205, 0x203])
  }

  @Test func aRangeOfItsOwn() throws {
    let plan = try plan("sdk-elrange-11")
    #expect(plan.parameters.size == 0x400000)
    #expect(plan.ranges.first?.offset.rawValue == 0x100000)
    let tcs = try #require(range(plan, at: 0x11b000))
    #expect(tcs.page(0).bytes().load(UInt64.self, at: TCS.ossa) == 0x11c000)
  }

  @Test func aSecondFileInTheFirst() throws {
    let plan = try plan("sdk-shared-object")
    #expect(range(plan, at: 0x9000)?.role == .segment)
    #expect(range(plan, at: 0xa000)?.page(0).bytes()[0x10..<0x30].elementsEqual(patterned(0x20, seed: 41)) == true)
  }

  @Test func whatNoToolWrites() throws {
    let plan = try plan("sdk-odd")
    #expect(plan.parameters.ssaFrameSize == 2)
    #expect(plan.parameters.miscSelect.rawValue == 1)
    #expect(range(plan, at: 0x32000)?.measured == .all, "data is measured whatever the attributes say")
    #expect(range(plan, at: 0x33000)?.page(0).bytes()[0x234...].allSatisfy { $0 == 0 } == true)
    #expect(range(plan, at: 0x36000)?.page(1).bytes().prefix(8) == [0x44, 0x33, 0x22, 0x11, 0x44, 0x33, 0x22, 0x11])
    #expect(range(plan, at: 0x38000) == nil)
  }

  @Test func whatOpenEnclaveWritesIntoTheImage() throws {
    let plan = try plan("oe-threads")
    #expect(plan.threads == 3)
    #expect(plan.parameters.size == 0x80000 || plan.parameters.size == 0x40000)
    var image = [UInt8](repeating: 0, count: 0x8000)
    for range in plan.ranges where range.role == .segment {
      for page in 0..<range.pageCount {
        let start = Int(range.offset.rawValue + page * pageSize)
        image.replaceSubrange(start..<(start + 4096), with: range.page(page).bytes())
      }
    }
    #expect(image.load(UInt64.self, at: 0x6ffc) == 0x6ffc)
    #expect(image.load(UInt64.self, at: 0x7010) == 0x8000)
    #expect(image.load(UInt64.self, at: 0x7018) == 0x1000)
    #expect(image.load(UInt64.self, at: 0x7030) == 0x40, "the alignment of PT_TLS, not of the section")
    #expect(image.load(UInt64.self, at: 0x7400) == 0x6000)
    let info = 0x1800 + 0x1700
    #expect(image[(info + 144)..<(info + 144 + 1808)].allSatisfy { $0 == 0 }, "the SIGSTRUCT is not part of what it signs")
    #expect(image.load(UInt64.self, at: info + 96 + 40) == plan.parameters.size)
    let heap = try #require(plan.ranges.first { $0.role == .heap })
    #expect(heap.measured == .none && heap.pageCount == 5)
    #expect(plan.ranges.filter { $0.role == .tls }.map(\.pageCount) == [3, 3, 3])
  }

  @Test func chunksInAnyOrder() throws {
    let odd = try plan("sgxs-odd").ranges
    #expect(odd.count == 3)
    guard case .some(let backwards) = odd[0].measured, case .some(let three) = odd[1].measured else {
      Issue.record("an order of their own")
      return
    }
    #expect(backwards.chunks == Array((0..<16).reversed()))
    #expect(three.chunks == [3, 1, 15])
    #expect(odd[1].page(0).bytes()[..<256].allSatisfy { $0 == 0 }, "what is not named is zero")
    let enhanced = try Sample.named("esgxs").read()
    #expect(enhanced.format == .esgxs)
    #expect(enhanced.plan.ranges[1].measured == .none)
    #expect(enhanced.plan.ranges[1].page(0).bytes()[..<256].elementsEqual(patterned(256, seed: 16)), "unmeasured data is loaded")
    #expect(enhanced.plan.pagesMeasured == 2)
    let plain = try Sample.named("sgxs-plain").read()
    #expect(plain.format == .sgxs)
    #expect(plain.plan.ranges.map(\.pageCount) == [1, 3, 3], "like pages are one range")
  }

  @Test func theKernelsOwn() throws {
    let elf = try plan("selftest-elf")
    #expect(elf.ranges.map(\.offset.rawValue) == [0, 0x2000, 0x3000, 0x5000])
    #expect(elf.ranges.map(\.secInfoFlags) == [0x100, 0x205, 0x203, 0x203])
    #expect(elf.ranges.last?.measured == MeasuredChunks.none)
    #expect(elf.threads == 2)
    let flat = try plan("flat")
    #expect(flat.ranges.map(\.secInfoFlags) == [0x100, 0x207])
    #expect(flat.parameters.size == 0x4000)
  }

  @Test func windows() throws {
    for (name, threads) in [("windows-64", 2), ("windows-32", 1)] as [(String, UInt64)] {
      let image = try Sample.named(name).read()
      let plan = image.plan
      #expect(plan.threads == threads)
      #expect(range(plan, at: 0x7000) == nil, "sgxmeta is not loaded")
      #expect(range(plan, at: 0x2000)?.secInfoFlags == 0x207, "a page with a relocation")
      #expect(range(plan, at: 0x4000)?.secInfoFlags == 0x203)
      #expect(range(plan, at: 0xb000)?.role == .heap)
      let tcs = plan.ranges.filter { $0.role == .tcs }.map(\.offset.rawValue)
      #expect(tcs.first == 0xb000 + 0x4000 + 0x10000)
      let page = try #require(range(plan, at: tcs[0])).page(0).bytes()
      #expect(page.load(UInt64.self, at: TCS.oentry) == 0x1700)
      #expect(page.load(UInt32.self, at: TCS.fsLimit) == 0xfff)
      let header = try #require(range(plan, at: 0)).page(0).bytes()
      #expect(!header.indices.dropLast(4).contains { header[$0...].starts(with: [0xef, 0xbe, 0xad, 0xde]) }, "the checksum is cleared")
    }
  }

  @Test func aSigStructFromBesideTheImage() throws {
    var sigStruct = SigStruct()
    sigStruct.attributes = AttributeFlags(rawValue: 0x24)
    sigStruct.xfrm = XFRM(rawValue: 7)
    for name in ["flat", "sgxs-plain"] {
      let image = try Sample.named(name).read()
      #expect(image.sigStruct == nil)
      let signed = image.attaching(sigStruct)
      #expect(signed.plan.parameters.attributes.rawValue == 0x24)
      #expect(signed.plan.parameters.xfrm.rawValue == 7)
      #expect(signed.plan.mrenclave() == image.plan.mrenclave())
    }
    let sdk = try Sample.named("sdk-1.4").read().attaching(sigStruct)
    #expect(sdk.plan.parameters.attributes == .mode64Bit, "its metadata says what it wants")
  }
}
