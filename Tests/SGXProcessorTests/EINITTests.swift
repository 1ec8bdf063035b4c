@testable import SGXArchitecture
@testable import SGXProcessor
import Simulation
import TestSupport
import Testing

/// What EINIT does, and how launch control, masks and a supplied verdict decide.
@Suite struct EINITTests {
  /// The tiny enclave of the vector `V3`, which the synthetic SIGSTRUCT is for: SECS in page 0.
  private static func loaded(
    _ profile: ProcessorProfile = .server, attributes: AttributeFlags = .mode64Bit, xfrm: XFRM = .legacy
  ) -> Bench {
    var bench = Bench(profile)
    #expect(bench.create(SECS(size: 0x2000, baseAddress: Bench.base, attributes: attributes, xfrm: xfrm), at: 0).isDone)
    let vector = MeasurementVector.named("V3")
    var page: UInt32 = 0
    for step in vector.steps {
      switch step {
      case .add(let offset, let secInfo):
        page += 1
        #expect(bench.add(vector.contents(at: offset), secInfo, at: offset.rawValue, in: page, of: 0).isDone)
      case .extend(let chunk):
        #expect(bench.extend(page, chunk: Int(chunk.rawValue % 4096 / 256), of: 0).isDone)
      }
    }
    return bench
  }

  private static let sigStruct = SigStructVector.synthetic.sigStruct

  @Test func initialisesTheVectorsEnclave() {
    var bench = Self.loaded()
    #expect(bench.processor.writeLaunchKeyHash(Self.sigStruct.signer) == nil)
    #expect(bench.initialize(Self.sigStruct) == .done)
    let record = bench.record(0)
    #expect(record.isInitialized)
    #expect(record.attributes == [.initialized, .mode64Bit])
    #expect(record.identity?.mrEnclave.hex == MeasurementVector.named("V3").digest)
    #expect(record.identity?.mrSigner.hex == SigStructVector.synthetic.signer)
    #expect(record.identity?.isvProdID == 1)
    #expect(record.identity?.isvSVN == 2)
    #expect(bench.initialize(Self.sigStruct) == .fault(.generalProtection, row: 11), "once is enough")
    #expect(bench.add(at: 0x1000, in: 7, of: 0) == .fault(.generalProtection, row: 14), "nothing more is added")
  }

  @Test func kSSFieldsAreKept() {
    var bench = Bench()
    #expect(bench.create(SECS(size: 0x2000, baseAddress: Bench.base, attributes: [.mode64Bit, .kss]), at: 0).isDone)
    var sigStruct = SigStruct()
    sigStruct.enclaveHash = bench.record(0).measurement.digest
    sigStruct[.isvFamilyID] = Array(1...16)
    sigStruct[.isvExtProdID] = Array(17...32)
    sigStruct.sign(with: .otherTest)
    _ = bench.processor.writeLaunchKeyHash(sigStruct.signer)
    #expect(bench.initialize(sigStruct) == .done, "an enclave without pages")
    #expect(bench.record(0).identity?.isvFamilyID == Array(1...16))
    #expect(bench.record(0).identity?.isvExtProdID == Array(17...32))
  }

  @Test func aRefusalCanBeRepeated() {
    var bench = Self.loaded()
    let before = ProcessorSnapshot(bench.processor)
    #expect(bench.initialize(Self.sigStruct) == .code(.SGX_INVALID_EINITTOKEN, row: 17), "the registers hold Intel's")
    #expect(before == ProcessorSnapshot(bench.processor))
    #expect(bench.processor.writeLaunchKeyHash(Self.sigStruct.signer) == nil)
    #expect(bench.initialize(Self.sigStruct) == .done)
  }

  @Test func theLaunchKeyHashIsIntelsAtReset() {
    #expect(Processor.intelLaunchKeyHash.hex == "acb77012053e05a63d413b8bbae8fb6c5d73b3f2996d91c43bbbf90959c0f8d4")
  }

  @Test func withoutFlexibleLaunchControlTheHashStays() {
    var profile = ProcessorProfile.client
    profile.hasFlexibleLaunchControl = false
    var bench = Bench(profile)
    #expect(bench.processor.writeLaunchKeyHash(Self.sigStruct.signer) == .generalProtection)
    #expect(bench.processor.launchKeyHash == Processor.intelLaunchKeyHash)
  }

  @Test func thePowerCycleKeepsTheHash() {
    var bench = Self.loaded()
    _ = bench.processor.writeLaunchKeyHash(Self.sigStruct.signer)
    bench.processor.powerCycle(.s3, in: &bench.environment)
    #expect(bench.processor.launchKeyHash == Self.sigStruct.signer)
    let fault = LeafOutcome.fault(.pageFault(address: bench.address(0), write: true), row: 8)
    #expect(bench.initialize(Self.sigStruct) == fault, "a good signature")
    var bad = Self.sigStruct
    bad[offset: 600] ^= 1
    #expect(bench.initialize(bad) == .code(.SGX_INVALID_SIGNATURE, row: 6), "a bad one is found first")
  }

  /// The mask decides: the vector's leaves DEBUG open and pins the rest.
  @Test(arguments: [
    (AttributeFlags.mode64Bit, true), ([.mode64Bit, .debug], true), ([.mode64Bit, .provisionKey], false), ([.mode64Bit, .kss], false),
    ([.mode64Bit, .debug, .aexNotify], false),
  ] as [(AttributeFlags, Bool)])
  func masks(attributes: AttributeFlags, isGood: Bool) {
    var bench = Self.loaded(attributes: attributes)
    _ = bench.processor.writeLaunchKeyHash(Self.sigStruct.signer)
    #expect(bench.initialize(Self.sigStruct) == (isGood ? .done : .code(.SGX_INVALID_ATTRIBUTE, row: 14)))
  }

  /// Every pair of one bit in SECS, SIGSTRUCT and mask, on KSS and on MISCSELECT.
  @Test func truthTableOfOneBit() {
    for bits in 0..<8 {
      let (inEnclave, inSigStruct, inMask) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0)
      let isGood = !inMask || inEnclave == inSigStruct
      var bench = Bench()
      let secs = SECS(
        size: 0x2000, baseAddress: Bench.base, miscSelect: inEnclave ? .exInfo : [], attributes: inEnclave ? [.mode64Bit, .kss] : .mode64Bit)
      #expect(bench.create(secs, at: 0).isDone)
      var sigStruct = SigStruct()
      sigStruct.enclaveHash = bench.record(0).measurement.digest
      var other = sigStruct
      if inSigStruct { sigStruct.attributes = .kss }
      if inMask { sigStruct.attributeMask = .kss }
      if inSigStruct { other.miscSelect = .exInfo }
      if inMask { other.miscMask = .exInfo }
      sigStruct.sign(with: .test)
      other.sign(with: .test)
      _ = bench.processor.writeLaunchKeyHash(sigStruct.signer)
      var fork = bench
      #expect(bench.initialize(sigStruct) == (isGood ? .done : .code(.SGX_INVALID_ATTRIBUTE, row: 14)), "KSS \(bits)")
      #expect(fork.initialize(other) == (isGood ? .done : .code(.SGX_INVALID_ATTRIBUTE, row: 15)), "EXINFO \(bits)")
    }
  }

  /// EINITTOKENKEY is for the launch enclave alone, and that one needs no token.
  @Test func launchEnclave() {
    var sigStruct = Self.sigStruct
    sigStruct.attributes.insert(.einitTokenKey)
    sigStruct.sign(with: .test)
    var bench = Self.loaded(attributes: [.mode64Bit, .einitTokenKey])
    #expect(bench.initialize(sigStruct) == .code(.SGX_INVALID_ATTRIBUTE, row: 13))
    _ = bench.processor.writeLaunchKeyHash(sigStruct.signer)
    #expect(bench.initialize(sigStruct) == .done)
  }

  /// A debug launch enclave may launch debug enclaves.
  @Test func tokenOfADebugLaunchEnclave() {
    var token = EINITToken()
    token.valid = 1
    token.attributes = [.mode64Bit, .debug]
    token.xfrm = .legacy
    token.mrEnclave = Self.sigStruct.enclaveHash
    token.mrSigner = Self.sigStruct.signer
    token.launchAttributes = [.mode64Bit, .debug, .initialized]
    token.mac = token.expectedMAC(of: .model, launchKeyHash: Processor.intelLaunchKeyHash)
    var bench = Self.loaded(attributes: [.mode64Bit, .debug])
    #expect(bench.initialize(Self.sigStruct, token) == .done)
    var production = Self.loaded()
    token.attributes = .mode64Bit
    token.mac = token.expectedMAC(of: .model, launchKeyHash: Processor.intelLaunchKeyHash)
    #expect(production.initialize(Self.sigStruct, token) == .code(.SGX_INVALID_EINITTOKEN, row: 18))
  }

  @Test func cetFieldsCountAsReservedWithoutCET() {
    var sigStruct = SigStruct()
    sigStruct.cetAttributesMask = 1
    sigStruct.sign(with: .test)
    for (profile, row) in [(ProcessorProfile.server, UInt8(4)), (.serverWithCET, 12)] {
      var bench = Bench(profile)
      #expect(bench.create(at: 0).isDone)
      #expect(bench.initialize(sigStruct).row == row)
    }
  }

  // MARK: What comes from outside

  @Test func anEventIsInjected() {
    var bench = Self.loaded()
    _ = bench.processor.writeLaunchKeyHash(Self.sigStruct.signer)
    bench.environment.plan.add(.leafError(.SGX_UNMASKED_EVENT), at: InjectionTrigger(sites: SiteSet(name: "leaf:EINIT")!, count: .nth(1)))
    #expect(bench.initialize(Self.sigStruct) == .code(.SGX_UNMASKED_EVENT, row: 0))
    #expect(bench.initialize(Self.sigStruct) == .done)
  }

  /// In a replay the code comes from the recording: 1 and 8 before the SECS is looked at, the others after.
  @Test(arguments: LeafError.allCases) func suppliedCodes(code: LeafError) {
    var bench = Self.loaded()
    bench.processor.suppliedVerdict = .code(code)
    let before = ProcessorSnapshot(bench.processor)
    #expect(bench.initialize(SigStruct()) == .code(code, row: 0))
    #expect(before == ProcessorSnapshot(bench.processor))
    bench.processor.powerCycle(.s3, in: &bench.environment)
    let isAboutSigStruct = code == .SGX_INVALID_SIG_STRUCT || code == .SGX_INVALID_SIGNATURE
    #expect(bench.initialize(SigStruct()).row == (isAboutSigStruct ? 0 : 8))
  }

  @Test func suppliedSuccess() {
    var bench = Self.loaded()
    bench.processor.suppliedVerdict = .success
    #expect(bench.initialize(SigStruct()) == .done)
    #expect(bench.record(0).isInitialized)
    #expect(bench.initialize(SigStruct()) == .fault(.generalProtection, row: 11))
    #expect(bench.run(EINIT(sigStruct: SigStruct(), secs: bench.address(1))).row == 8)
  }
}

extension Bench {
  /// EINIT of the enclave whose SECS is in page 0.
  fileprivate mutating func initialize(_ sigStruct: SigStruct, _ token: EINITToken = .none) -> LeafOutcome {
    run(EINIT(sigStruct: sigStruct, secs: address(0), token: token))
  }
}
