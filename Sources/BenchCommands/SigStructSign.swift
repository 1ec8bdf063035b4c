import ArgumentParser
import LuaHost
import SGXArchitecture
#if canImport(Glibc)
  import Glibc
#endif

/// `sgxbench sigstruct sign --key KEY.pem --mrenclave HEX`
struct SigStructSign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Makes a SIGSTRUCT and signs it.",
    discussion: """
      Without --out the 1808 bytes go to standard output. The same options and the same key give the same bytes: no date is put in unless \
      asked for. Numbers are decimal, or hexadecimal after 0x.
      """)

  @Option(help: ArgumentHelp("A private RSA key in PEM: 3072 bits, exponent 3, no pass phrase.", valueName: "file"), completion: .file())
  var key: String

  @Option(help: ArgumentHelp("The enclave's measurement, 64 digits.", valueName: "hex"))
  var mrenclave: HexText

  @Option(help: "ATTRIBUTES, its flags: 4 is MODE64BIT.")
  var attributes = NumberText<UInt64>(4)

  @Option(help: "The flags that the enclave must have as they are here; by default all but DEBUG.")
  var attributeMask = NumberText<UInt64>(~2)

  @Option(help: "XFRM: 3 is x87 and SSE.")
  var xfrm = NumberText<UInt64>(3)

  @Option(help: "The bits of XFRM that the enclave must have as they are here.")
  var xfrmMask = NumberText<UInt64>(~0)

  @Option(help: "MISCSELECT.")
  var miscselect = NumberText<UInt32>(0)

  @Option(help: "The bits of MISCSELECT that the enclave must have as they are here.")
  var miscmask = NumberText<UInt32>(~0)

  @Option(help: "CET_ATTRIBUTES.")
  var cetAttributes = NumberText<UInt8>(0)

  @Option(help: "The bits of CET_ATTRIBUTES that the enclave must have as they are here.")
  var cetAttributesMask = NumberText<UInt8>(0)

  @Option(help: "ISVPRODID.")
  var isvprodid = NumberText<UInt16>(0)

  @Option(help: "ISVSVN.")
  var isvsvn = NumberText<UInt16>(0)

  @Option(help: ArgumentHelp("ISVFAMILYID, 32 digits; needs KSS.", valueName: "hex"))
  var isvfamilyid: HexText?

  @Option(help: ArgumentHelp("ISVEXTPRODID, 32 digits; needs KSS.", valueName: "hex"))
  var isvextprodid: HexText?

  @Option(help: ArgumentHelp("DATE.", valueName: "yyyymmdd"))
  var date: SigningDate?

  @Option(help: "VENDOR: 0, or 0x8086 for Intel.")
  var vendor = NumberText<UInt32>(0)

  @Option(help: "SWDEFINED.")
  var swdefined = NumberText<UInt32>(0)

  @Option(help: ArgumentHelp("Where the SIGSTRUCT is written.", valueName: "file"), completion: .file())
  var out: String?

  @Flag(help: "Prints JSON about it, the image as hexadecimal text included.")
  var json = false

  func validate() throws {
    try mrenclave.require(bytes: 32, for: "--mrenclave")
    try isvfamilyid?.require(bytes: 16, for: "--isvfamilyid")
    try isvextprodid?.require(bytes: 16, for: "--isvextprodid")
    guard vendor.value == 0 || vendor.value == SigStruct.intelVendor else {
      throw ValidationError("--vendor: \(hexadecimal(vendor.value)); EINIT takes 0 and 0x8086")
    }
  }

  mutating func run() throws {
    var sigStruct = unsigned
    do throws(ScriptFile.Problem) { sigStruct.sign(with: try readKey()) } catch {
      Message.write(error.text)
      throw ExitCode(ExitStatus.badInput.rawValue)
    }
    if let out {
      do throws(WholeFile.Problem) { try WholeFile(out).write(sigStruct.bytes) } catch {
        Message.write(error.text)
        throw ExitCode(ExitStatus.output.rawValue)
      }
    }
    if json { throw end(.passed, printing: document(sigStruct).text) }
    guard let out else {
      var output = Output(descriptor: 1)
      sigStruct.bytes.withUnsafeBufferPointer { output.write($0) }
      output.complain()
      throw ExitCode((output.error == 0 ? ExitStatus.passed : .output).rawValue)
    }
    let (signer, enclave) = (sigStruct.signer.hex, sigStruct.enclaveHash.hex)
    throw end(.passed, printing: "\(escapeForDisplay(Array(out.utf8))): written\n  MRENCLAVE \(enclave)\n  MRSIGNER  \(signer)\n")
  }

  private var unsigned: SigStruct {
    var sigStruct = SigStruct()
    sigStruct[.enclaveHash] = mrenclave.bytes
    sigStruct.attributes = AttributeFlags(rawValue: attributes.value)
    sigStruct.attributeMask = AttributeFlags(rawValue: attributeMask.value)
    sigStruct.xfrm = XFRM(rawValue: xfrm.value)
    sigStruct.xfrmMask = XFRM(rawValue: xfrmMask.value)
    sigStruct.miscSelect = MiscSelect(rawValue: miscselect.value)
    sigStruct.miscMask = MiscSelect(rawValue: miscmask.value)
    sigStruct.cetAttributes = cetAttributes.value
    sigStruct.cetAttributesMask = cetAttributesMask.value
    sigStruct.isvProdID = isvprodid.value
    sigStruct.isvSVN = isvsvn.value
    if let isvfamilyid { sigStruct[.isvFamilyID] = isvfamilyid.bytes }
    if let isvextprodid { sigStruct[.isvExtProdID] = isvextprodid.bytes }
    if let date { sigStruct.date = date.value }
    sigStruct.vendor = vendor.value
    sigStruct.swDefined = swdefined.value
    return sigStruct
  }

  private func readKey() throws(ScriptFile.Problem) -> SigningKey {
    let text = String(decoding: try ScriptFile.read(key, limit: 1 << 16, folderAdvice: ""), as: UTF8.self)
    do throws(SigningKey.Problem) { return try SigningKey(pem: text) } catch {
      throw ScriptFile.Problem(text: "\(escapeForDisplay(Array(key.utf8))): \(error.text)")
    }
  }

  private func document(_ sigStruct: SigStruct) -> JSONText {
    .object([
      ("file", out.map { .string($0) } ?? .null), ("mrenclave", .string(sigStruct.enclaveHash.hex)),
      ("mrsigner", .string(sigStruct.signer.hex)), ("image", .string(sigStruct.bytes.hex)),
    ])
  }
}
