import SGXArchitecture
import SGXProcessor
import TestSupport
import Testing

/// The measurement vectors once more, this time through ECREATE, EADD and EEXTEND.
@Suite struct MeasurementThroughLeavesTests {
  @Test(arguments: MeasurementVector.all) func aVectorComesOut(vector: MeasurementVector) throws {
    let record = try load(vector)
    #expect(record.measurement.blocks == vector.blocks)
    #expect(record.measurement.digest.hex == vector.digest)
  }

  /// The records that are kept come to the same when they are measured again: out of order, repeated, in part, with a CET bitmap.
  @Test(arguments: MeasurementVector.all) func theRecordsThatAreKept(vector: MeasurementVector) throws {
    let record = try load(vector, keepsRecords: true)
    var records = try #require(record.records).makeIterator()
    guard case .create(let frame, let size, let bitmap)? = records.next() else {
      Issue.record("ECREATE comes first")
      return
    }
    var measurement = Measurement(ssaFrameSize: frame, size: size, cetLegacyBitmapOffset: bitmap)
    while let next = records.next() {
      switch next {
      case .create: Issue.record("ECREATE comes once")
      case .add(let offset, let flags): measurement.add(offset: offset, secInfo: SecInfo(flags: flags))
      case .extend(let offset, let contents):
        measurement.extend(offset: offset, contents: contents, pageOffset: Int(offset.rawValue & (pageSize - 1)))
      }
    }
    #expect(measurement.blocks == vector.blocks)
    #expect(measurement.digest.hex == vector.digest)
    #expect(try load(vector).records == nil, "nobody asked for them")
  }

  /// A TCS page never has rights, and the processor's own fields are cleared before the page can be measured.
  @Test(arguments: [
    (0x101, []), (0x102, []), (0x104, []), (0x107, []),
    (0x100, [TCS.state]), (0x100, [TCS.flags]), (0x100, [TCS.cssa]), (0x100, [TCS.aep]),
    (0x107, [TCS.state, TCS.flags, TCS.cssa, TCS.aep]),
  ] as [(UInt64, [Int])])
  func whatEADDClearsOnATCSIsNotMeasured(flags: UInt64, offsets: [Int]) throws {
    let record = try load(MeasurementVector.named("V3"), changePage: { contents, secInfo in
      guard secInfo.type == .tcs else { return }
      secInfo.flags = flags
      var bytes = contents.bytes()
      for offset in offsets { bytes[offset] = 1 }
      contents = PageContents(bytes)
    })
    #expect(record.measurement.digest.hex == MeasurementVector.named("V3").digest)
  }

  @Test func whatEADDKeepsOnATCSIsMeasured() throws {
    for offset in [TCS.flags + 1, TCS.ossa + 1, TCS.nssa, TCS.oentry, TCS.ofsBase, TCS.ogsBase, TCS.fsLimit, TCS.gsLimit] {
      let record = try load(MeasurementVector.named("V3"), changePage: { contents, secInfo in
        guard secInfo.type == .tcs else { return }
        var bytes = contents.bytes()
        bytes[offset] ^= 4
        contents = PageContents(bytes)
      })
      #expect(record.measurement.digest.hex != MeasurementVector.named("V3").digest, "TCS offset \(offset)")
    }
  }

  @Test(arguments: [0, 0x2000, 0x10_0000, 0x7fff_ffff_e000, 0xffff_8000_0000_0000] as [UInt64])
  func theBaseIsNotMeasured(base: UInt64) throws {
    let record = try load(MeasurementVector.named("V1"), changeSECS: { $0.baseAddress = LinearAddress(base) })
    #expect(record.measurement.digest.hex == MeasurementVector.named("V1").digest)
  }

  @Test(arguments: [
    [], [.mode64Bit, .debug], [.mode64Bit, .provisionKey], [.mode64Bit, .einitTokenKey], [.mode64Bit, .cet],
    [.mode64Bit, .kss], [.mode64Bit, .aexNotify], [.mode64Bit, .debug, .kss, .cet, .aexNotify],
  ] as [AttributeFlags])
  func attributesAreNotMeasured(attributes: AttributeFlags) throws {
    let record = try load(MeasurementVector.named("V1"), changeSECS: { secs in
      secs.attributes = attributes
      secs.baseAddress = LinearAddress(0x10_0000)
      secs.miscSelect = [.exInfo]
      secs.xfrm = XFRM(rawValue: 0xe7)
      if attributes.contains(.kss) { (secs.configSVN, secs.configID[5]) = (7, 7) }
    })
    #expect(record.attributes == attributes)
    #expect(record.measurement.digest.hex == MeasurementVector.named("V1").digest)
  }

  /// The smallest enclave that runs: EEXIT at its entry. The value is printed in the README of pandora-tee/sgx-tracer.
  @Test(arguments: [
    (0xfff, "6972ee47174d2bc74b98aa77107cec2c6ec20b30b88a8e8c1ba5af876c25067a"), (0, "3cb705ea"), (.max, "aa46a79f"),
  ] as [(UInt32, String)])
  func theThreePagesOfEEXIT(limit: UInt32, digest: String) {
    var bench = Bench()
    #expect(bench.create(SECS(size: 0x4000, baseAddress: Bench.base), at: 0).isDone)
    let code = PageContents([0x48, 0x89, 0xcb, 0xb8, 4, 0, 0, 0, 0x0f, 0x01, 0xd7])
    let thread = PageContents(TCS.image(ossa: 0x2000, nssa: 1, fsLimit: limit, gsLimit: limit))
    let pages: [(PageContents, UInt64)] = [(code, 0x205), (thread, 0x100), (.zero, 0x203)]
    for (page, (contents, flags)) in zip(UInt32(1)..., pages) {
      #expect(bench.add(contents, SecInfo(flags: flags), at: UInt64(page - 1) * pageSize, in: page, of: 0).isDone)
      for chunk in 0..<16 { #expect(bench.extend(page, chunk: chunk, of: 0).isDone) }
    }
    #expect(bench.record(0).measurement.digest.hex.hasPrefix(digest))
    #expect(bench.record(0).measurement.blocks == 1 + 3 * 81)
  }

  @Test func aForkOfTheProcessorMeasuresAlone() {
    var bench = Bench()
    #expect(bench.create(at: 0).isDone)
    #expect(bench.add(.fill(1), at: 0, in: 1, of: 0).isDone)
    let before = bench.record(0).measurement.digest
    var fork = bench
    #expect(fork.extend(1, of: 0).isDone)
    #expect(bench.record(0).measurement.digest == before)
    #expect(fork.record(0).measurement.digest != before)
    #expect(bench.extend(1, of: 0).isDone)
    #expect(bench.record(0).measurement.digest == fork.record(0).measurement.digest)
  }

  /// Loads a vector as a driver would: SECS in page 0, then one page of EPC for each page that is added.
  private func load(
    _ vector: MeasurementVector, keepsRecords: Bool = false, changeSECS: (inout SECS) -> Void = { _ in },
    changePage: (inout PageContents, inout SecInfo) -> Void = { _, _ in }
  ) throws -> SECSRecord {
    var secs = SECS(size: vector.size, baseAddress: Bench.base, ssaFrameSize: vector.ssaFrameSize)
    secs.cetLegacyBitmapOffset = vector.cetLegacyBitmapOffset
    if vector.cetLegacyBitmapOffset != 0 { secs.attributes.insert(.cet) }
    changeSECS(&secs)
    var bench = Bench(.serverWithCET)
    bench.processor.keepsRecords = keepsRecords
    try #require(bench.create(secs, at: 0).isDone)
    var placed: [UInt64: UInt32] = [:]
    for step in vector.steps {
      switch step {
      case .add(let offset, var secInfo):
        var contents = vector.contents(at: offset)
        changePage(&contents, &secInfo)
        let page = UInt32(placed.count + 1)
        try #require(bench.add(contents, secInfo, at: offset.rawValue, in: page, of: 0).isDone)
        placed[offset.pageIndex] = page
      case .extend(let chunk):
        let page = try #require(placed[chunk.pageIndex])
        let outcome = bench.extend(page, chunk: Int(chunk.rawValue % pageSize / extendChunkSize), of: 0)
        try #require(outcome.isDone)
      }
    }
    return bench.record(0)
  }
}
