@testable import SGXArchitecture
@testable import SGXProcessor
import TestSupport
import Testing

/// EGETKEY and EREPORT: the vectors of the fact sheets, and that a report verifies where it should and nowhere else.
@Suite struct KeysAndReportsTests {
  private static let v3 = Digest(bytes: bytes(hexadecimal: MeasurementVector.named("V3").digest))
  private static let signer = SigStructVector.synthetic.sigStruct.signer

  private static func claims(_ attributes: UInt64) -> EnclaveClaims {
    EnclaveClaims(
      attributes: AttributeFlags(rawValue: attributes), xfrm: .legacy, miscSelect: [], mrEnclave: v3, mrSigner: signer, isvProdID: 1,
      isvSVN: 2)
  }

  @Test func vectorOfTheReportKeyAndMAC() {
    let keyID = [UInt8](repeating: 0x44, count: 32)
    let claims = Self.claims(5)
    let key = KeyDependencies.report(for: TargetInfo(claims), keyID: keyID, cpuSVN: KeyMaterial.model.cpuSVN, of: .model).key(under: KeyMaterial.model.root)
    #expect(key.hex == "ad7f9c974b2e4ba9ab7de74f88e1fdce")
    let report = Report(claims, cpuSVN: KeyMaterial.model.cpuSVN, reportData: Array(0..<64), keyID: keyID)
    #expect(report.expectedMAC(under: key).hex == "ef9076c0709e57687b54c88e8d4c64ff")
  }

  @Test(arguments: [(KeyRequest.Policy.mrEnclave, "29e4f93214ae813d5c4c5b91f4e370aa"), (.mrSigner, "6a7561b26aaa35703cde3a1763b718d7")])
  func vectorsOfSealingKeys(_ policy: KeyRequest.Policy, _ expected: String) {
    var request = KeyRequest(.seal)
    request.policy = policy
    request.isvSVN = 2
    request[.cpuSVN] = KeyMaterial.model.cpuSVN
    let key = KeyDependencies.requested(.seal, request, by: Self.claims(1), cpuSVN: KeyMaterial.model.cpuSVN, of: .model)
    #expect(key.key(under: KeyMaterial.model.root).hex == expected)
  }

  @Test func vectorOfTheLaunchKey() {
    var request = KeyRequest(.einitToken)
    request.isvSVN = 1
    request[.cpuSVN] = KeyMaterial.model.cpuSVN
    request.attributeMask = AttributeFlags(rawValue: .max)
    request.xfrmMask = XFRM(rawValue: .max)
    request[.keyID] = [UInt8](repeating: 0x55, count: 32)
    var claims = Self.claims(0x25)
    claims.isvProdID = 0x20
    let key = KeyDependencies.requested(.einitToken, request, by: claims, cpuSVN: KeyMaterial.model.cpuSVN, of: .model)
    #expect(key.key(under: KeyMaterial.model.root).hex == "9d053ebec95aca28e11194880014ff8a")
  }

  /// TARGETINFO at a000h, REPORTDATA at 6000h, the report at 6200h, KEYREQUEST at 6400h, the key at 6600h.
  private static func inside() -> ThreadBench {
    var bench = ThreadBench()
    #expect(bench.enter() == .done)
    return bench
  }

  private static func report(_ bench: inout ThreadBench, for target: TargetInfo) -> Report? {
    guard bench.store(target.bytes, at: 0xa000) == nil, bench.store(Array(0..<64), at: 0x6000) == nil else { return nil }
    let leaf = EREPORT(
      targetInfo: ThreadBench.address(0xa000), reportData: ThreadBench.address(0x6000), output: ThreadBench.address(0x6200))
    guard bench.run(leaf) == .done, case .success(let bytes) = bench.load(Report.size, at: 0x6200) else { return nil }
    return Report(bytes: bytes)
  }

  private static func key(_ bench: inout ThreadBench, _ request: KeyRequest) -> (LeafOutcome, [UInt8]) {
    guard bench.store(request.bytes, at: 0x6400) == nil else { return (.done, []) }
    let outcome = bench.run(EGETKEY(request: ThreadBench.address(0x6400), output: ThreadBench.address(0x6600)))
    guard case .success(let key) = bench.load(16, at: 0x6600) else { return (outcome, []) }
    return (outcome, key)
  }

  private static func reportKey(_ bench: inout ThreadBench, of report: Report) -> [UInt8] {
    var request = KeyRequest(.report)
    request[.keyID] = report[.keyID]
    let (outcome, key) = key(&bench, request)
    #expect(outcome == .done)
    return key
  }

  @Test func aReportVerifiesWhereItIsForAndNoChangedBitDoes() throws {
    var bench = Self.inside()
    let claims = try #require(bench.bench.record(0).claims)
    let made = Self.report(&bench, for: TargetInfo(claims))
    let report = try #require(made)
    #expect(report[.mrEnclave] == claims.mrEnclave.bytes && report[.reportData] == Array(0..<64))
    #expect(report[.cpuSVN] == KeyMaterial.model.cpuSVN && report[.keyID] == bench.bench.processor.reportKeyID)
    let key = Self.reportKey(&bench, of: report)
    #expect(report.isGenuine(under: key))
    for offset in 0..<Report.size where !Report.Field.keyID.range.contains(offset) {
      var changed = report
      changed[offset: offset] ^= 1
      #expect(!changed.isGenuine(under: key), "byte \(offset)")
    }
    var other = report
    other[.keyID] = [UInt8](repeating: 0, count: 32)
    #expect(!report.isGenuine(under: Self.reportKey(&bench, of: other)), "KEYID is outside of the MAC and in the key")
  }

  @Test func aReportForAnotherDoesNotVerifyHere() throws {
    var bench = Self.inside()
    var claims = try #require(bench.bench.record(0).claims)
    claims.mrEnclave = Self.v3
    let made = Self.report(&bench, for: TargetInfo(claims))
    let report = try #require(made)
    #expect(!report.isGenuine(under: Self.reportKey(&bench, of: report)))
  }

  /// Another boot is another key of reports; sealing keys stay.
  @Test func whatAPowerCycleChanges() throws {
    var bench = Self.inside()
    var request = KeyRequest(.seal)
    request.policy = .mrSigner
    let (outcome, sealing) = Self.key(&bench, request)
    #expect(outcome == .done && sealing != [UInt8](repeating: 0, count: 16))
    let before = bench.bench.processor.reportKeyID
    bench.bench.processor.powerCycle(.s3, in: &bench.bench.environment)
    #expect(bench.bench.processor.reportKeyID != before)
    var again = Self.inside()
    let (_, same) = Self.key(&again, request)
    #expect(same == sealing)
  }

  /// Each key differs from each other, and each input that a policy chooses makes another key.
  @Test func everyNameAndPolicyIsAnotherKey() {
    var claims = Self.claims(0x35)
    claims.configID = [UInt8](repeating: 7, count: 64)
    claims.isvFamilyID = [UInt8](repeating: 8, count: 16)
    claims.isvExtProdID = [UInt8](repeating: 9, count: 16)
    var seen: Set<[UInt8]> = []
    var count = 0
    for name in KeyDependencies.Name.allCases {
      let policies: [UInt16] = name == .seal || name == .provisionSeal ? [0, 1, 2, 4, 8, 16, 32, 63] : [0]
      for policy in policies {
        var request = KeyRequest(name)
        request.policy = KeyRequest.Policy(rawValue: policy)
        request.configSVN = 1
        let key = KeyDependencies.requested(name, request, by: claims, cpuSVN: KeyMaterial.model.cpuSVN, of: .model)
        seen.insert(key.key(under: KeyMaterial.model.root))
        count += 1
      }
    }
    #expect(seen.count == count)
  }

  @Test func eUPDATESVNChangesTheCPUSVN() {
    var bench = Bench()
    let before = bench.processor.cpuSVN
    bench.processor.updateMicrocode()
    #expect(bench.processor.cpuSVN == before, "not before the leaf has run")
    #expect(bench.run(EUPDATESVN()) == .done)
    #expect(bench.processor.cpuSVN[0] == before[0] + 1)
    #expect(bench.processor.cpuSVN.dropFirst() == before.dropFirst())
  }
}
