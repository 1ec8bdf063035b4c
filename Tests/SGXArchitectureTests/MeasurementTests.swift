import SGXArchitecture
import TestSupport
import Testing

@Suite struct MeasurementTests {
  @Test func theFileHoldsTheTwentySevenVectors() {
    #expect(MeasurementVector.all.count == 27)
    #expect(Set(MeasurementVector.all.map(\.id)).count == 27)
  }

  @Test(arguments: VectorPage.names) func aVectorsPageIsTheOneTheFileMeans(name: String) {
    var hash = RunningSHA256()
    VectorPage.named(name).bytes().withUnsafeBytes { hash.update($0) }
    #expect(hash.digest().hex == MeasurementVector.pageDigests[name])
  }

  @Test(arguments: MeasurementVector.all) func aVectorComesOut(vector: MeasurementVector) {
    var measurement = Measurement(vector)
    for step in vector.steps { measurement.take(step, of: vector) }
    #expect(measurement.blocks == vector.blocks)
    #expect(measurement.digest.hex == vector.digest)
  }

  @Test func lookingAtTheDigestDisturbsNothing() {
    let vector = MeasurementVector.named("V7")
    var measurement = Measurement(vector)
    for step in vector.steps {
      measurement.take(step, of: vector)
      #expect(measurement.digest == measurement.digest)
    }
    #expect(measurement.digest.hex == vector.digest)
  }

  @Test func aForkContinuesAloneFromEveryStep() {
    let ours = MeasurementVector.named("V7")
    let steps = ours.steps
    for fork in 0...steps.count {
      var original = Measurement(ours)
      for step in steps[..<fork] { original.take(step, of: ours) }
      var copy = original
      let digestAtFork = original.digest
      for _ in 0..<20 { copy.extend(offset: EnclaveOffset(0), contents: .fill(0xff), pageOffset: 0) }
      #expect(original.digest == digestAtFork, "a write into the copy reached the original, fork at \(fork)")
      let digestOfCopy = copy.digest
      for step in steps[fork...] { original.take(step, of: ours) }
      #expect(original.digest.hex == ours.digest, "fork at \(fork)")
      #expect(copy.digest == digestOfCopy, "a write into the original reached the copy, fork at \(fork)")
      #expect(copy.blocks == original.blocks - blocks(of: steps[fork...]) + 100)
    }
  }

  @Test func everyByteOfTheMeasuredSecInfoCounts() {
    var digests: Set<Digest> = []
    for byte in 0..<48 {
      var measurement = Measurement(ssaFrameSize: 1, size: 0x2000)
      var secInfo = SecInfo(flags: 0)
      if byte < 8 { secInfo.flags = 1 << UInt64(byte * 8) } else { secInfo.reserved.setByte(byte - 8, to: 1) }
      measurement.add(offset: EnclaveOffset(0), secInfo: secInfo)
      digests.insert(measurement.digest)
    }
    #expect(digests.count == 48)
  }

  @Test func theLastSixteenBytesOfSecInfoAreNotMeasured() {
    var plain = Measurement(ssaFrameSize: 1, size: 0x2000)
    plain.add(offset: EnclaveOffset(0), secInfo: SecInfo(flags: 0x205))
    for byte in 48..<64 {
      var measurement = Measurement(ssaFrameSize: 1, size: 0x2000)
      var secInfo = SecInfo(flags: 0x205)
      secInfo.reserved.setByte(byte - 8, to: 0xff)
      measurement.add(offset: EnclaveOffset(0), secInfo: secInfo)
      #expect(measurement.digest == plain.digest, "SECINFO byte \(byte)")
    }
  }

  private func blocks(of steps: ArraySlice<MeasurementVector.Step>) -> UInt64 {
    steps.reduce(0) { count, step in
      if case .extend = step { return count + 5 }
      return count + 1
    }
  }
}

extension Measurement {
  init(_ vector: MeasurementVector) {
    self.init(
      ssaFrameSize: vector.ssaFrameSize, size: vector.size, cetLegacyBitmapOffset: vector.cetLegacyBitmapOffset)
  }

  mutating func take(_ step: MeasurementVector.Step, of vector: MeasurementVector) {
    switch step {
    case .add(let page, let secInfo):
      add(offset: page, secInfo: secInfo)
    case .extend(let chunk):
      extend(offset: chunk, contents: vector.contents(at: chunk), pageOffset: Int(chunk.rawValue % pageSize))
    }
  }
}
