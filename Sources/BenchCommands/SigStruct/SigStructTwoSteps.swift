import ArgumentParser
import LuaHost
import SGXArchitecture

/// `sgxbench sigstruct gendata --mrenclave HEX --out FILE`
struct SigStructGenData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gendata", abstract: "Writes the 256 bytes that a signature covers, for a key that is elsewhere.",
    discussion: """
      They are bytes 0 to 127 and 900 to 1027 of the SIGSTRUCT. Have them signed by RSA with 3072 bits and exponent 3, PKCS#1 v1.5 and \
      SHA-256, as 'openssl dgst -sha256 -sign' does; then 'catsig' makes the SIGSTRUCT.
      """)

  @OptionGroup(title: "What is signed") var fields: SignedFields
  @OptionGroup(title: "Where it goes") var output: SignatureOutput

  mutating func run() throws {
    let sigStruct: SigStruct, file: WholeFile?
    do throws(Refusal) {
      file = try output.file(of: .signedData, besides: [fields.image])
      sigStruct = try fields.unsigned()
    } catch { throw error.told() }
    try end(
      writing: sigStruct.signedBytes, to: file,
      report: { "\($0): written\n  MRENCLAVE \(sigStruct.enclaveHash.hex)\n  SHA-256   \(sigStruct.signedDigest.hex)\n" }, output.out)
  }
}

/// `sgxbench sigstruct catsig --public-key KEY.pem --signature FILE --unsigned FILE --out FILE`
struct SigStructCatSig: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catsig", abstract: "Puts a signature that was made elsewhere into a SIGSTRUCT.",
    discussion: """
      The result is, byte for byte, what 'sign' makes with the private key. A signature that is not one of these bytes by this key is \
      refused, and the message says what it is instead.
      """)

  @Option(help: ArgumentHelp("The signer's public key or certificate, in PEM.", valueName: "file"), completion: .file())
  var publicKey: String

  @Option(help: ArgumentHelp("The signature: 384 bytes, most significant first.", valueName: "file"), completion: .file())
  var signature: String

  @Option(
    help: ArgumentHelp("What was signed: the 256 bytes of 'gendata', or a SIGSTRUCT without signature.", valueName: "file"), completion: .file())
  var unsigned: String

  @OptionGroup(title: "Where it goes") var output: SignatureOutput

  mutating func run() throws {
    var sigStruct: SigStruct
    let file: WholeFile?
    do throws(Refusal) {
      file = try output.file(of: .sigStruct, besides: [publicKey, signature, unsigned])
      sigStruct = try SigStructSource.unsigned(unsigned)
      let key = try SigStructSource.signerKey(publicKey)
      let bytes = try ScriptFile.read(signature, limit: 1 << 16, folderAdvice: "")
      do throws(SigStruct.WrongSignature) { try sigStruct.attach(bytes, by: key) } catch {
        throw Refusal("\(shown(signature)): \(error.text)")
      }
    } catch { throw error.told() }
    try end(
      writing: sigStruct.bytes, to: file,
      report: { "\($0): written\n  MRENCLAVE \(sigStruct.enclaveHash.hex)\n  MRSIGNER  \(sigStruct.signer.hex)\n" }, output.out)
  }
}

/// `sgxbench sigstruct mrsigner FILE`
struct SigStructMRSigner: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mrsigner", abstract: "Prints MRSIGNER of a key, a certificate, a SIGSTRUCT or a signed image.",
    discussion: "It is the SHA-256 of the modulus, least significant byte first.")

  @Argument(help: ArgumentHelp("A key or certificate in PEM, a SIGSTRUCT, or a signed image.", valueName: "file"), completion: .file())
  var file: String

  mutating func run() throws {
    let signer: Digest
    do throws(Refusal) {
      let start = FileKind.start(of: file) ?? []
      let isText = !start.isEmpty && !start.contains { $0 == 0 || $0 > 0x7e }
      signer = isText ? try SigStructSource.signerKey(file).mrSigner : try SigStructSource.read(file).signer
    } catch { throw error.told() }
    throw end(.passed, printing: signer.hex + "\n")
  }
}

/// `sgxbench sigstruct extract IMAGE --out FILE`
struct SigStructExtract: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract", abstract: "Writes the SIGSTRUCT of a signed image, of any kind that 'measure' reads.")

  @Argument(help: ArgumentHelp("The image.", valueName: "image"), completion: .file())
  var image: String

  @OptionGroup(title: "Where it goes") var output: SignatureOutput

  mutating func run() throws {
    let sigStruct: SigStruct, file: WholeFile?
    do throws(Refusal) {
      file = try output.file(of: .sigStruct, besides: [image])
      sigStruct = try SigStructSource.read(image)
    } catch { throw error.told() }
    try end(
      writing: sigStruct.bytes, to: file,
      report: { "\($0): written\n  MRENCLAVE \(sigStruct.enclaveHash.hex)\n  MRSIGNER  \(sigStruct.signer.hex)\n" }, output.out)
  }
}
