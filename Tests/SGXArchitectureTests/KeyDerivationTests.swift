@testable import SGXArchitecture
import TestSupport
import Testing

/// The vectors of the fact sheets for the bench's own derivation; the CMAC's are those of RFC 4493.
@Suite struct KeyDerivationTests {
  private static let v3 = Digest(bytes: bytes(hexadecimal: MeasurementVector.named("V3").digest))
  private static let signer = SigStructVector.synthetic.sigStruct.signer

  @Test(arguments: [
    (0, "bb1d6929e95937287fa37d129b756746"), (16, "070a16b46b4d4144f79bdd9dd04a287c"), (40, "dfa66747de9ae63030ca32611497c827"),
    (64, "51f0bebf7e3b9d92fc49741779363cfe"),
  ])
  func cmac(count: Int, mac: String) {
    let key = bytes(hexadecimal: "2b7e151628aed2a6abf7158809cf4f3c")
    let message = bytes(
      hexadecimal: "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
    #expect(aesCMAC(of: Array(message[..<count]), key: key).hex == mac)
  }

  /// The launch key and the MAC of a token under it.
  @Test func tokenVector() {
    var token = EINITToken()
    token.valid = 1
    token.attributes = .mode64Bit
    token.xfrm = .legacy
    token.mrEnclave = Self.v3
    token.mrSigner = Self.signer
    token.launchCPUSVN = KeyMaterial.model.cpuSVN
    token.launchISVProdID = 0x20
    token.launchISVSVN = 1
    token.launchAttributes = AttributeFlags(rawValue: 0x25)
    token.launchXFRM = .legacy
    token.keyID = [UInt8](repeating: 0x55, count: 32)
    #expect(token.launchKey(of: .model, launchKeyHash: Self.signer).hex == "9d053ebec95aca28e11194880014ff8a")
    #expect(token.expectedMAC(of: .model, launchKeyHash: Self.signer).hex == "4e7942663572e7c7614cce13491fee7a")
  }

  /// The report key, which uses other places of the block: so the layout is checked beyond the token's needs.
  @Test func reportVector() {
    var dependencies = KeyDependencies(.report)
    dependencies.store(UInt64(5), at: .attributes)
    dependencies.store(UInt64(3), at: .xfrm)
    Self.storePackage(&dependencies)
    dependencies.store(Self.v3.bytes, at: .mrEnclave)
    dependencies.store([UInt8](repeating: 0x44, count: 32), at: .keyID)
    #expect(dependencies.key(under: KeyMaterial.model.root).hex == "ad7f9c974b2e4ba9ab7de74f88e1fdce")
  }

  @Test(arguments: [(UInt16(1), "29e4f93214ae813d5c4c5b91f4e370aa"), (2, "6a7561b26aaa35703cde3a1763b718d7")])
  func sealVectors(policy: UInt16, key: String) {
    var dependencies = KeyDependencies(.seal)
    dependencies.store(policy, at: .keyPolicy)
    dependencies.store(UInt16(1), at: .isvProdID)
    dependencies.store(UInt16(2), at: .isvSVN)
    dependencies.store(UInt64(1), at: .attributes)
    dependencies.store(UInt32.max, at: .miscMask)
    Self.storePackage(&dependencies)
    if policy == 1 { dependencies.store(Self.v3.bytes, at: .mrEnclave) } else { dependencies.store(Self.signer.bytes, at: .mrSigner) }
    #expect(dependencies.key(under: KeyMaterial.model.root).hex == key)
  }

  private static func storePackage(_ dependencies: inout KeyDependencies) {
    let material = KeyMaterial.model
    dependencies.store(material.cpuSVN, at: .cpuSVN)
    dependencies.store(material.ownerEpoch, at: .ownerEpoch)
    dependencies.store(material.sealFuses, at: .sealFuses)
    dependencies.store(SigStruct.padding, at: .padding)
  }

  /// Each field of a token writes its own bytes, at the manual's offset.
  @Test func tokenLayout() {
    func check<Value: Equatable>(_ path: WritableKeyPath<EINITToken, Value>, _ value: Value, at offset: Int, _ bytes: [UInt8]) {
      var token = EINITToken()
      token[keyPath: path] = value
      #expect(token[keyPath: path] == value)
      #expect(Array(token.bytes[offset..<(offset + bytes.count)]) == bytes)
      #expect(token.bytes.count == EINITToken.size)
      for index in bytes.indices { token[offset: offset + index] = 0 }
      #expect(token == .none)
    }
    let digest = Self.v3
    let eight: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
    check(\.valid, 0x0102_0304, at: 0, [4, 3, 2, 1])
    check(\.attributes, AttributeFlags(rawValue: 0x0102_0304_0506_0708), at: 48, eight)
    check(\.xfrm, XFRM(rawValue: 0x0102_0304_0506_0708), at: 56, eight)
    check(\.mrEnclave, digest, at: 64, digest.bytes)
    check(\.mrSigner, digest, at: 128, digest.bytes)
    check(\.launchCPUSVN, Array(1...16), at: 192, Array(1...16))
    check(\.launchISVProdID, 0x0102, at: 208, [2, 1])
    check(\.launchISVSVN, 0x0102, at: 210, [2, 1])
    check(\.launchCETAttributes, 7, at: 212, [7])
    check(\.launchMiscSelect, MiscSelect(rawValue: 0x0102_0304), at: 236, [4, 3, 2, 1])
    check(\.launchAttributes, AttributeFlags(rawValue: 0x0102_0304_0506_0708), at: 240, eight)
    check(\.launchXFRM, XFRM(rawValue: 0x0102_0304_0506_0708), at: 248, eight)
    check(\.keyID, Array(1...32), at: 256, Array(1...32))
    check(\.mac, Array(1...16), at: 288, Array(1...16))
    #expect(EINITToken(bytes: [UInt8](repeating: 0, count: 303)) == nil)
  }

  @Test func reservedBytesOfAToken() {
    for offset in 0..<EINITToken.size {
      var token = EINITToken()
      token[offset: offset] = 0x10
      let isReserved = offset < 48 || (96..<128).contains(offset) || (160..<192).contains(offset) || (213..<236).contains(offset)
      #expect(token.hasCleanReserved == !isReserved, "byte \(offset)")
    }
    var token = EINITToken()
    token.valid = 1
    #expect(token.hasCleanReserved)
  }
}
