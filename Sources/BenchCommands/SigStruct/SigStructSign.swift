import ArgumentParser
import BenchReport
import LuaHost
import SGXArchitecture

/// `sgxbench sigstruct sign --key KEY.pem --mrenclave HEX`
struct SigStructSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Makes a SIGSTRUCT and signs it.",
    discussion: """
      Without --out the 1808 bytes go to standard output. The same options and the same key give the same bytes: no date is put in unless \
      asked for. Numbers are decimal, or hexadecimal after 0x. With --public-key the SIGSTRUCT has MODULUS and no signature: one that is \
      made elsewhere is put in by 'catsig'.
      """)

  @Option(help: ArgumentHelp("A private RSA key in PEM: 3072 bits, exponent 3, no pass phrase.", valueName: "file"), completion: .file())
  var key: String?

  @Option(help: ArgumentHelp("The signer's public key or certificate in PEM, where the private one is elsewhere.", valueName: "file"), completion: .file())
  var publicKey: String?

  @OptionGroup(title: "What is signed") var fields: SignedFields
  @OptionGroup(title: "Where it goes") var output: SignatureOutput

  @Flag(help: "Prints JSON about it, the image as hexadecimal text included.")
  var json = false

  func validate() throws {
    guard (key == nil) != (publicKey == nil) else { throw ValidationError("say either --key or --public-key") }
  }

  mutating func run() throws {
    let sigStruct: SigStruct, file: WholeFile?
    do throws(Refusal) {
      file = try output.file(of: .sigStruct, besides: [key, publicKey, fields.image])
      sigStruct = try made()
    } catch { throw error.told() }
    guard json else {
      try end(writing: sigStruct.bytes, to: file, report: { text(sigStruct, $0) }, output.out)
    }
    do throws(Refusal) { try file?.write(sigStruct.bytes) } catch { throw error.told() }
    throw end(.passed, printing: document(sigStruct).text)
  }

  private func made() throws(Refusal) -> SigStruct {
    var sigStruct = try fields.unsigned()
    if let key { sigStruct.sign(with: try SigStructSource.signingKey(key)) }
    if let publicKey { sigStruct[.modulus] = try SigStructSource.signerKey(publicKey).modulus }
    return sigStruct
  }

  private func text(_ sigStruct: SigStruct, _ name: String) -> String {
    let done = key == nil ? "written, not signed" : "written"
    return "\(name): \(done)\n  MRENCLAVE \(sigStruct.enclaveHash.hex)\n  MRSIGNER  \(sigStruct.signer.hex)\n"
  }

  private func document(_ sigStruct: SigStruct) -> JSONText {
    .object([
      ("file", output.out.map { .string($0) } ?? .null), ("mrenclave", .string(sigStruct.enclaveHash.hex)),
      ("mrsigner", .string(sigStruct.signer.hex)), ("image", .string(sigStruct.bytes.hex)),
    ])
  }
}
