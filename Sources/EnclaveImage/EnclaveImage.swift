import SGXArchitecture

/// An enclave image, read: what a loader would do with it, and the SIGSTRUCT that comes with it.
public struct EnclaveImage: Sendable {
  /// The file, as its reader was told.
  public let name: String
  public let format: ImageFormat
  public let plan: LoadPlan
  /// What EINIT is to be given; nil where the image has none and none was named.
  public let sigStruct: SigStruct?
  /// The blocks of metadata in the file, for formats that have any.
  public let blocks: [MetadataBlock]
  /// Which block was taken and why, in a line; empty where there was nothing to choose.
  public let choice: String

  init(
    name: String, format: ImageFormat, plan: LoadPlan, sigStruct: SigStruct?, blocks: [MetadataBlock] = [], choice: String = ""
  ) {
    self.name = name
    self.format = format
    self.plan = plan
    self.sigStruct = sigStruct
    self.blocks = blocks
    self.choice = choice
  }

  /// Reads a file.
  public init(path: String, options: ImageOptions = ImageOptions()) throws(ImageError) {
    let limit = min(options.fileSizeMax, ImageOptions.fileSizeMaxMax)
    let block = try ImageFile.read(path, limit: limit)
    do throws(ImageRefusal) { self = try Self(name: path, bytes: block, options: options) } catch { throw .refused(error) }
  }

  /// Reads an image in memory.
  ///
  /// - Parameter name: what refusals call it.
  public init(name: String, bytes block: ContentBlock, options: ImageOptions = ImageOptions()) throws(ImageRefusal) {
    let bytes = ImageBytes(file: name, block: block)
    try bytes.demand(
      bytes.count <= ImageOptions.fileSizeMaxMax, at: 0, "size of the file", found: bytes.count,
      allowed: "at most \(ImageOptions.fileSizeMaxMax.hex)")
    switch try Self.kind(of: bytes) {
    case .elf: self = try Self.readELF(bytes, options)
    case .pe: self = try WindowsImage.read(bytes)
    case .stream: self = try RecordStream.read(bytes)
    case .flat: self = try FlatImage.read(bytes)
    }
  }

  /// What the first bytes say.
  private enum Kind { case elf, pe, stream, flat }

  private static func kind(of bytes: ImageBytes) throws(ImageRefusal) -> Kind {
    if bytes.holds("\u{7f}ELF", at: 0) { return .elf }
    if bytes.holds("MZ", at: 0) { return .pe }
    if bytes.holds("ECREATE\0", at: 0) || bytes.holds("UNSIZED\0", at: 0) { return .stream }
    if FlatImage.beginsWithTCS(bytes) { return .flat }
    let formats = "a signed ELF or PE file, an SGXS stream, or a flat image that begins with a TCS"
    if bytes.count == UInt64(SigStruct.size), bytes.holds("\u{6}\0\0\0", at: 0) {
      throw bytes.refusal(at: 0, "format", found: "a SIGSTRUCT", allowed: formats)
    }
    throw bytes.refusal(at: 0, "format", found: "none that is known", allowed: formats)
  }

  /// One of three kinds of ELF file, by their sections.
  private static func readELF(_ bytes: ImageBytes, _ options: ImageOptions) throws(ImageRefusal) -> EnclaveImage {
    let elf = try ELFFile(bytes)
    if let section = try elf.section(named: ".note.sgxmeta") { return try SDKImage.read(elf, note: section, options) }
    if let section = try elf.section(named: ".oeinfo") { return try OpenEnclaveImage.read(elf, info: section) }
    if try SelftestELF.isOne(elf) { return try SelftestELF.read(elf, options) }
    throw bytes.refusal(
      at: 0, "format", found: "an ELF file that no tool has signed",
      allowed: "one with a section .note.sgxmeta (Intel SDK: sgx_sign) or .oeinfo (Open Enclave: oesign), or the kernel's test_encl.elf")
  }
}

/// A block of metadata in a file.
public struct MetadataBlock: Hashable, Sendable {
  public let version: MetadataVersion
  /// Where it begins in the file.
  public let offset: UInt64
  public let isTaken: Bool
}

extension EnclaveImage {
  /// The image with a SIGSTRUCT that was kept beside it. Where the format says nothing of the enclave's attributes, loaders take those
  /// that the SIGSTRUCT wants, and so does the plan.
  public func attaching(_ sigStruct: SigStruct) -> EnclaveImage {
    var parameters = plan.parameters
    switch format {
    case .sgxs, .esgxs, .flat:
      parameters.attributes = sigStruct.attributes
      parameters.xfrm = sigStruct.xfrm
      parameters.miscSelect = sigStruct.miscSelect
    case .intelSDK, .openEnclave, .selftestELF, .windowsPE: break
    }
    return EnclaveImage(
      name: name, format: format, plan: LoadPlan(parameters: parameters, ranges: plan.ranges), sigStruct: sigStruct, blocks: blocks,
      choice: choice)
  }
}

extension ImageBytes {
  /// The SIGSTRUCT that a signing tool left here. One without a modulus was never signed, and what surrounds it need not make sense.
  func signedSigStruct(at offset: UInt64) throws(ImageRefusal) -> SigStruct? {
    let sigStruct = try slice(at: offset, count: UInt64(SigStruct.size), "SIGSTRUCT")
    let modulus = SigStruct.Field.modulus.range
    if sigStruct.isZero(at: UInt64(modulus.lowerBound), count: UInt64(modulus.count)) {
      throw sigStruct.refusal(at: UInt64(modulus.lowerBound), "SIGSTRUCT: MODULUS", found: "0", allowed: "a key: the image is not signed")
    }
    return try? SigStruct(bytes: [UInt8](sigStruct.memory))
  }
}
