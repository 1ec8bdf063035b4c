import ArgumentParser
import EnclaveImage
import SGXArchitecture

/// What a SIGSTRUCT says of its enclave, as options: the same for every command that makes one.
struct SignedFields: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An enclave image of any kind that 'measure' reads: MRENCLAVE, and where nothing else is said its attributes, masks and product.",
      valueName: "file"), completion: .file())
  var image: String?

  @Option(help: ArgumentHelp("The enclave's measurement, 64 digits; an --image gives its own.", valueName: "hex"))
  var mrenclave: HexText?

  @Option(help: "ATTRIBUTES, its flags; by default 4, MODE64BIT.")
  var attributes: NumberText<UInt64>?

  @Option(help: "The flags that the enclave must have as they are here; by default all but DEBUG.")
  var attributeMask: NumberText<UInt64>?

  @Option(help: "XFRM; by default 3, x87 and SSE.")
  var xfrm: NumberText<UInt64>?

  @Option(help: "The bits of XFRM that the enclave must have as they are here; by default all.")
  var xfrmMask: NumberText<UInt64>?

  @Option(help: "MISCSELECT; by default 0.")
  var miscselect: NumberText<UInt32>?

  @Option(help: "The bits of MISCSELECT that the enclave must have as they are here; by default all.")
  var miscmask: NumberText<UInt32>?

  @Option(help: "CET_ATTRIBUTES; by default 0.")
  var cetAttributes: NumberText<UInt8>?

  @Option(help: "The bits of CET_ATTRIBUTES that the enclave must have as they are here; by default none.")
  var cetAttributesMask: NumberText<UInt8>?

  @Option(help: "ISVPRODID; by default 0.")
  var isvprodid: NumberText<UInt16>?

  @Option(help: "ISVSVN; by default 0.")
  var isvsvn: NumberText<UInt16>?

  @Option(help: ArgumentHelp("ISVFAMILYID, 32 digits; needs KSS.", valueName: "hex"))
  var isvfamilyid: HexText?

  @Option(help: ArgumentHelp("ISVEXTPRODID, 32 digits; needs KSS.", valueName: "hex"))
  var isvextprodid: HexText?

  @Option(help: ArgumentHelp("DATE.", valueName: "yyyymmdd"))
  var date: SigningDate?

  @Option(help: "VENDOR: 0, or 0x8086 for Intel; by default 0.")
  var vendor: NumberText<UInt32>?

  @Option(help: "SWDEFINED; by default 0.")
  var swdefined: NumberText<UInt32>?

  mutating func validate() throws {
    guard mrenclave != nil || image != nil else { throw ValidationError("say which enclave is signed: --mrenclave or --image") }
    if mrenclave != nil, image != nil { throw ValidationError("--mrenclave and --image: an image has its measurement") }
    try mrenclave?.require(bytes: 32, for: "--mrenclave")
    try isvfamilyid?.require(bytes: 16, for: "--isvfamilyid")
    try isvextprodid?.require(bytes: 16, for: "--isvextprodid")
    if let vendor, vendor.value != 0, vendor.value != SigStruct.intelVendor {
      throw ValidationError("--vendor: \(hexadecimal(vendor.value)); EINIT takes 0 and 0x8086")
    }
  }

  /// The structure with everything but a signature.
  func unsigned() throws(Refusal) -> SigStruct {
    var sigStruct = try start()
    if let mrenclave { sigStruct[.enclaveHash] = mrenclave.bytes }
    if let attributes { sigStruct.attributes = AttributeFlags(rawValue: attributes.value) }
    if let attributeMask { sigStruct.attributeMask = AttributeFlags(rawValue: attributeMask.value) }
    if let xfrm { sigStruct.xfrm = XFRM(rawValue: xfrm.value) }
    if let xfrmMask { sigStruct.xfrmMask = XFRM(rawValue: xfrmMask.value) }
    if let miscselect { sigStruct.miscSelect = MiscSelect(rawValue: miscselect.value) }
    if let miscmask { sigStruct.miscMask = MiscSelect(rawValue: miscmask.value) }
    if let cetAttributes { sigStruct.cetAttributes = cetAttributes.value }
    if let cetAttributesMask { sigStruct.cetAttributesMask = cetAttributesMask.value }
    if let isvprodid { sigStruct.isvProdID = isvprodid.value }
    if let isvsvn { sigStruct.isvSVN = isvsvn.value }
    if let isvfamilyid { sigStruct[.isvFamilyID] = isvfamilyid.bytes }
    if let isvextprodid { sigStruct[.isvExtProdID] = isvextprodid.bytes }
    if let date { sigStruct.date = date.value }
    if let vendor { sigStruct.vendor = vendor.value }
    if let swdefined { sigStruct.swDefined = swdefined.value }
    return sigStruct
  }

  /// What stands where no option says otherwise: the usual, or what an image says. One that is signed is signed anew as it was, since its
  /// signer knew what its loader makes of it.
  private func start() throws(Refusal) -> SigStruct {
    var sigStruct = SigStruct()
    sigStruct.attributes = .mode64Bit
    sigStruct.attributeMask = AttributeFlags(rawValue: ~AttributeFlags.debug.rawValue)
    sigStruct.xfrm = .legacy
    sigStruct.xfrmMask = XFRM(rawValue: ~0)
    sigStruct.miscMask = MiscSelect(rawValue: ~0)
    guard let image else { return sigStruct }
    let read = try SigStructSource.image(image)
    if let signed = read.sigStruct {
      sigStruct = signed.withoutSignature
    } else {
      sigStruct.attributes = read.plan.parameters.attributes
      sigStruct.xfrm = read.plan.parameters.xfrm
      sigStruct.miscSelect = read.plan.parameters.miscSelect
    }
    sigStruct.enclaveHash = read.plan.mrenclave()
    return sigStruct
  }
}

/// Where a SIGSTRUCT goes.
struct SignatureOutput: ParsableArguments {
  @Option(help: ArgumentHelp("Where it is written; standard output where nothing is said.", valueName: "file"), completion: .file())
  var out: String?

  @Flag(help: "Replaces a file of another kind, too.")
  var force = false

  /// Where bytes are to be written. Looked at before the work.
  ///
  /// - Parameter read: files of the command, none of which is replaced unless that is forced.
  func file(of kind: FileKind, besides read: [String?]) throws(Refusal) -> WholeFile? {
    guard let out else { return nil }
    return try WholeFile.replacing(out, of: kind, besides: read.compactMap { $0 }, force: force)
  }
}

extension ParsableCommand {
  /// Writes bytes to their file and ends with what `report` says, or to standard output and ends with nothing else.
  func end(writing bytes: [UInt8], to file: WholeFile?, report: (String) -> String, _ name: String?) throws -> Never {
    guard let file, let name else {
      var output = Output(descriptor: 1)
      bytes.withUnsafeBufferPointer { output.write($0) }
      output.complain()
      throw ExitCode((output.error == 0 ? ExitStatus.passed : .output).rawValue)
    }
    do throws(Refusal) { try file.write(bytes) } catch { throw error.told() }
    throw end(.passed, printing: report(shown(name)))
  }
}
