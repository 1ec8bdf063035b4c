import SGXArchitecture

/// The signed ELF file of Open Enclave (openenclave, `host/sgx/loadelf.c` and `create.c`), without a submodule.
///
/// - OpenEnclaveProperties.swift: what the section `.oeinfo` says
/// - OpenEnclaveLayout.swift: sizes and places
/// - OpenEnclavePatches.swift: what the loader writes into the image
enum OpenEnclaveImage {
  static func read(_ elf: ELFFile, info section: Section) throws(ImageRefusal) -> EnclaveImage {
    try elf.demandDynamic()
    let properties = try OpenEnclaveProperties(elf, section)
    let layout = try OpenEnclaveLayout(elf, properties)
    let parameters = EnclaveParameters(size: layout.enclaveSize, attributes: properties.attributes)
    // Of the two numbers that the size follows from, the larger one is to blame.
    let sizeOrigin = properties.bytes.start.plus(properties.stackPages > properties.heapPages ? 16 : 8)
    var builder = try LoadPlanBuilder(elf.bytes, parameters, sizeOrigin: sizeOrigin)
    let pages = SegmentPages(file: elf.bytes, overlays: try OpenEnclavePatches.overlays(elf, properties, layout))
    for segment in elf.loads { try pages.add(segment, to: &builder) }

    let origin = properties.bytes.start
    try builder.add(
      at: layout.imageSize, pages: layout.relocations.wholeSize / pageSize, flags: 0x201,
      .consecutive(try layout.relocations.block(), offset: 0), .all, .relocations, origin: origin)
    try builder.add(at: layout.heap, pages: properties.heapPages, flags: 0x203, .zero, .none, .heap, origin: origin.plus(8))
    for thread in 0..<properties.threads { try layout.addThread(thread, entry: elf.entry, to: &builder, origin: origin.plus(24)) }
    return EnclaveImage(
      name: elf.bytes.file, format: .openEnclave, plan: try builder.finish(),
      sigStruct: properties.sigStruct)
  }
}
