import SGXArchitecture
import Simulation
import TestSupport
import Testing

/// AES-128-GCM of pages against the published vectors of the choice of header and nonce, and PCMD byte by byte.
@Suite struct PageCipherTests {
  static let ciphers: [any PageSealing] = [
    LibraryPageCipher(key: 0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908),
    DirectPageCipher(key: 0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908),
  ]
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

  @Test(arguments: ciphers.indices) func theVectors(which: Int) {
    let cipher = Self.ciphers[which]
    let (ciphertext, mac) = cipher.seal(VectorPage.named("CNT"), header: header(enclaveID: 1), version: 7)
    #expect(Array(ciphertext.bytes()[..<16]).hex == "86820da90d6eb5a23d4eafb36c3cefac")
    var hash = RunningSHA256()
    ciphertext.bytes().withUnsafeBytes { hash.update($0) }
    #expect(hash.digest().hex == "a247000c7c5762248f2f59eb5dc7cac5ffcf50e40605611f9939c76e6161c235")
    #expect(hex(mac) == "7f338d5783477520db317c5c5cbc723a")
    let other = cipher.seal(VectorPage.named("CNT"), header: header(enclaveID: 2), version: 7)
    #expect(hex(other.mac) == "62cda5a8b36797eb1e878853ea3fdccd")
  }

  @Test(arguments: VectorPage.names, ciphers.indices) func whatIsSealedOpens(name: String, which: Int) {
    let cipher = Self.ciphers[which]
    let page = VectorPage.named(name)
    let (ciphertext, mac) = cipher.seal(page, header: header(enclaveID: 1), version: 9)
    #expect(ciphertext.bytes() != page.bytes())
    #expect(cipher.open(ciphertext, mac: mac, header: header(enclaveID: 1), version: 9)?.bytes() == page.bytes())
    #expect(cipher.open(ciphertext, mac: mac, header: header(enclaveID: 1), version: 10) == nil)
    #expect(cipher.open(ciphertext, mac: mac, header: header(enclaveID: 2), version: 9) == nil)
  }

  @Test(arguments: 0..<64 as Range<UInt64>) func bothGiveTheSameBytesAndOpenEachOthers(seed: UInt64) {
    var chance = RandomStream(seed: seed, purpose: .script)
    let key = (chance.next(), chance.next())
    let library = LibraryPageCipher(key: key.0, key.1)
    let direct = DirectPageCipher(key: key.0, key.1)
    var pcmd = PCMD.zero
    for byte in 0..<112 { pcmd[byte: byte] = UInt8(truncatingIfNeeded: chance.next()) }
    let header = SealHeader(enclaveID: chance.next(), linearAddress: LinearAddress(chance.next()), pcmd: pcmd)
    let version = chance.next()
    let page = PageContents((0..<4096).map { _ in UInt8(truncatingIfNeeded: chance.next()) })
    let first = library.seal(page, header: header, version: version)
    let second = direct.seal(page, header: header, version: version)
    #expect(first.ciphertext.bytes() == second.ciphertext.bytes())
    #expect(first.mac == second.mac)
    #expect(library.open(second.ciphertext, mac: second.mac, header: header, version: version)?.bytes() == page.bytes())
    #expect(direct.open(first.ciphertext, mac: first.mac, header: header, version: version)?.bytes() == page.bytes())
    let wrong = PageMAC(low: first.mac.low, high: first.mac.high ^ 1 << chance.next(below: 64))
    #expect(library.open(first.ciphertext, mac: wrong, header: header, version: version) == nil)
    #expect(direct.open(first.ciphertext, mac: wrong, header: header, version: version) == nil)
  }

  @Test(arguments: ciphers.indices) func aPageInTheMiddleOfABlockAndOnePastItsEnd(which: Int) {
    let cipher = Self.ciphers[which]
    let image = ContentBlock((0..<5000).map { UInt8(truncatingIfNeeded: $0 / 3) })
    for offset in [0, 1, 904, 905, 4999] as [UInt32] {
      let page = PageContents.bytes(image, offset: offset)
      let (ciphertext, mac) = cipher.seal(page, header: header(enclaveID: 1), version: 1)
      let opened = cipher.open(ciphertext, mac: mac, header: header(enclaveID: 1), version: 1)
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
