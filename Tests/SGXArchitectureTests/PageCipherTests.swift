import SGXArchitecture
import TestSupport
import Testing

/// AES-128-GCM of pages against the published vectors of the choice of header and nonce, and PCMD byte by byte.
@Suite struct PageCipherTests {
  static let cipher = PageCipher(key: 0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
  static let pcmd = PCMD(secInfo: SecInfo(flags: 0x203), enclaveID: 77, mac: PageMAC(low: 0, high: 0))

  private func header(enclaveID: UInt64) -> SealHeader {
    SealHeader(enclaveID: enclaveID, linearAddress: LinearAddress(0x7000_0000_1000), pcmd: Self.pcmd)
  }

  private func hex(_ mac: PageMAC) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    bytes.store(mac.low, at: 0)
    bytes.store(mac.high, at: 8)
    return bytes.hex
  }

  @Test func theVectors() {
    let (ciphertext, mac) = Self.cipher.seal(VectorPage.named("CNT"), header: header(enclaveID: 1), version: 7)
    #expect(Array(ciphertext.bytes()[..<16]).hex == "86820da90d6eb5a23d4eafb36c3cefac")
    var hash = RunningSHA256()
    ciphertext.bytes().withUnsafeBytes { hash.update($0) }
    #expect(hash.digest().hex == "a247000c7c5762248f2f59eb5dc7cac5ffcf50e40605611f9939c76e6161c235")
    #expect(hex(mac) == "7f338d5783477520db317c5c5cbc723a")
    let other = Self.cipher.seal(VectorPage.named("CNT"), header: header(enclaveID: 2), version: 7)
    #expect(hex(other.mac) == "62cda5a8b36797eb1e878853ea3fdccd")
  }

  @Test(arguments: VectorPage.names) func whatIsSealedOpens(name: String) {
    let page = VectorPage.named(name)
    let (ciphertext, mac) = Self.cipher.seal(page, header: header(enclaveID: 1), version: 9)
    #expect(ciphertext.bytes() != page.bytes())
    #expect(Self.cipher.open(ciphertext, mac: mac, header: header(enclaveID: 1), version: 9)?.bytes() == page.bytes())
    #expect(Self.cipher.open(ciphertext, mac: mac, header: header(enclaveID: 1), version: 10) == nil)
    #expect(Self.cipher.open(ciphertext, mac: mac, header: header(enclaveID: 2), version: 9) == nil)
  }

  @Test func aPageInTheMiddleOfABlockAndOnePastItsEnd() {
    let image = ContentBlock((0..<5000).map { UInt8(truncatingIfNeeded: $0 / 3) })
    for offset in [0, 1, 904, 905, 4999] as [UInt32] {
      let page = PageContents.bytes(image, offset: offset)
      let (ciphertext, mac) = Self.cipher.seal(page, header: header(enclaveID: 1), version: 1)
      let opened = Self.cipher.open(ciphertext, mac: mac, header: header(enclaveID: 1), version: 1)
      #expect(opened?.bytes() == page.bytes(), "offset \(offset)")
    }
  }

  @Test func everyByteOfPCMDHasItsPlace() {
    var secInfo = SecInfo(flags: 0x0807_0605_0403_0201)
    for byte in 0..<56 { secInfo.reserved.setByte(byte, to: UInt8(9 + byte)) }
    var pcmd = PCMD(
      secInfo: secInfo, enclaveID: 0x4847_4645_4443_4241, mac: PageMAC(low: 0x7877_7675_7473_7271, high: 0x807f_7e7d_7c7b_7a79))
    for byte in 72..<112 { pcmd[byte: byte] = UInt8(byte + 1) }
    for byte in 0..<PCMD.size { #expect(pcmd[byte: byte] == UInt8(byte + 1)) }
    #expect(pcmd.secInfo == secInfo)
    #expect(pcmd.enclaveID == 0x4847_4645_4443_4241)
    #expect(pcmd.mac == PageMAC(low: 0x7877_7675_7473_7271, high: 0x807f_7e7d_7c7b_7a79))
  }

  @Test func pcmdIsComparedByteByByte() {
    #expect(PCMD.zero.isZero)
    for byte in 0..<PCMD.size {
      var pcmd = PCMD.zero
      pcmd[byte: byte] = 0x80
      #expect(pcmd != .zero)
      pcmd[byte: byte] = 0
      #expect(pcmd == .zero)
    }
  }
}
