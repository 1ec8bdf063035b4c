import SGXArchitecture

/// The signed ELF file of the Intel SDK, as `sgx_sign` leaves it (linux-sgx, `psw/urts/loader.cpp`).
///
/// - SDKMetadata.swift, SDKBlockChoice.swift: the blocks in the note, and which one counts
/// - SDKPatches.swift, SDKTextRelocations.swift: what happens to the segments first
/// - SDKSegments.swift, SDKElrange.swift, SDKSharedObject.swift: what some versions add
/// - SDKLayout.swift: heap and threads
enum SDKImage {
  static func read(_ elf: ELFFile, note: Section, _ options: ImageOptions) throws(ImageRefusal) -> EnclaveImage {
    try elf.demandDynamic()
    let blocks = try SDKMetadata.blocks(elf, note: note)
    let choice = try SDKBlockChoice(blocks, wanted: options.block, in: elf.bytes)
    let metadata = choice.taken
    let sigStruct = try metadata.bytes.signedSigStruct(at: 64)

    var parameters = try metadata.parameters()
    let range = try SDKElrange(metadata, imageSize: parameters.size)
    if let range { parameters.size = range.size }
    var builder = try LoadPlanBuilder(elf.bytes, parameters, sizeOrigin: metadata.bytes.start.plus(40), frameOrigin: metadata.bytes.start.plus(24))
    let pages = SegmentPages(
      file: try SDKPatches.apply(metadata, to: elf.bytes), delta: range?.delta ?? 0, madeWritable: try SDKTextRelocations.pages(elf))
    var segments = SDKSegments(pads: metadata.version == MetadataVersion(major: 1, minor: 3), pages: pages)
    for segment in elf.loads { try segments.add(segment, to: &builder) }
    if let object = try SDKSharedObject(metadata, in: pages.file) {
      segments.pages.file = object.elf.bytes
      for segment in object.elf.loads { try segments.add(segment.moved(by: object.address), to: &builder) }
    }
    try segments.finish(to: &builder)
    try SDKLayout.add(metadata, delta: range?.delta ?? 0, to: &builder)
    return EnclaveImage(
      name: elf.bytes.file, format: .intelSDK, plan: try builder.finish(), sigStruct: sigStruct,
      blocks: blocks.map { MetadataBlock(version: $0.version, offset: $0.bytes.start, isTaken: $0.bytes.start == metadata.bytes.start) },
      choice: choice.reason)
  }
}
