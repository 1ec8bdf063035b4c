/// The parts of an ELF64 file that loaders of enclaves look at (System V ABI, "Object Files"; AMD64 supplement).
///
/// - ELFFile+Sections.swift: section headers and names
/// - SegmentPages.swift: the pages of a PT_LOAD
struct ELFFile {
  let bytes: ImageBytes
  let type: UInt64
  let entry: UInt64
  let programHeaders: [ProgramHeader]
  let sections: [Section]
  /// The section that holds the names of sections; nil where there are no sections.
  let sectionNames: Section?

  static let typeExecutable: UInt64 = 2
  static let typeDynamic: UInt64 = 3
  private static let machineX86_64: UInt64 = 62
  /// Program headers a file may have; real ones have up to about ten.
  private static let programHeadersMax: UInt64 = 128

  init(_ bytes: ImageBytes) throws(ImageRefusal) {
    self.bytes = bytes
    let kind = try bytes.u8(4, "e_ident[EI_CLASS]")
    try bytes.demand(kind == 2, at: 4, "e_ident[EI_CLASS]", found: kind, allowed: "2 (ELF64): no runtime for 32-bit ELF enclaves is known")
    let order = try bytes.u8(5, "e_ident[EI_DATA]")
    try bytes.demand(order == 1, at: 5, "e_ident[EI_DATA]", found: order, allowed: "1 (little-endian)")
    type = try bytes.u16(16, "e_type")
    let machine = try bytes.u16(18, "e_machine")
    try bytes.demand(machine == Self.machineX86_64, at: 18, "e_machine", found: machine, allowed: "62 (x86-64)")
    entry = try bytes.u64(24, "e_entry")
    programHeaders = try Self.programHeaders(bytes)
    sections = try Self.sections(bytes)
    sectionNames = try Self.sectionNames(bytes, sections)
  }

  /// The PT_LOADs, in the file's order.
  var loads: [ProgramHeader] { programHeaders.filter { $0.type == ProgramHeader.load } }

  /// Refuses a file of another type.
  func demandDynamic() throws(ImageRefusal) {
    try bytes.demand(type == Self.typeDynamic, at: 16, "e_type", found: type, allowed: "3 (ET_DYN)")
  }

  private static func programHeaders(_ bytes: ImageBytes) throws(ImageRefusal) -> [ProgramHeader] {
    let table = try bytes.u64(32, "e_phoff")
    let size = try bytes.u16(54, "e_phentsize")
    let count = try bytes.u16(56, "e_phnum")
    try bytes.demand(count > 0, at: 56, "e_phnum", found: count, allowed: "1 or more")
    try bytes.demand(count <= programHeadersMax, at: 56, "e_phnum", found: count, allowed: "at most \(programHeadersMax)")
    try bytes.demand(size == ProgramHeader.size, at: 54, "e_phentsize", found: size, allowed: "56")
    let entries = try bytes.slice(at: table, count: count.times(size), "program headers")
    var headers: [ProgramHeader] = []
    for index in 0..<count {
      let header = try entries.slice(at: index.times(size), count: size, "program header \(index)")
      headers.append(try ProgramHeader(header, index: index, file: bytes))
    }
    return headers
  }
}

/// A program header.
struct ProgramHeader {
  static let size: UInt64 = 56
  static let load: UInt64 = 1
  static let dynamic: UInt64 = 2
  static let tls: UInt64 = 7

  let index: UInt64
  let type: UInt64
  let flags: UInt64
  let offset: UInt64
  private(set) var address: UInt64
  let fileSize: UInt64
  let memorySize: UInt64
  let alignment: UInt64
  /// Where the header stands in the file.
  let origin: UInt64

  init(_ header: ImageBytes, index: UInt64, file: ImageBytes) throws(ImageRefusal) {
    self.index = index
    origin = header.start
    type = try header.u32(0, "p_type")
    flags = try header.u32(4, "p_flags")
    offset = try header.u64(8, "p_offset")
    address = try header.u64(16, "p_vaddr")
    fileSize = try header.u64(32, "p_filesz")
    memorySize = try header.u64(40, "p_memsz")
    alignment = try header.u64(48, "p_align")
    guard type == Self.load else { return }
    let name = "program header \(index) (PT_LOAD)"
    try header.demand(memorySize > 0, at: 40, "\(name): p_memsz", found: memorySize, allowed: "1 or more")
    try header.demand(fileSize <= memorySize, at: 32, "\(name): p_filesz", found: fileSize, allowed: "at most p_memsz, \(memorySize.hex)")
    try header.demand(
      file.contains(offset, fileSize), at: 8, "\(name): p_offset", found: "\(fileSize) bytes at \(offset.hex)",
      allowed: "bytes within the file's \(file.count)")
    try header.demand(
      alignment <= 1 || alignment.isPowerOfTwo && alignment.isPageAligned, at: 48, "\(name): p_align", found: alignment,
      allowed: "0, 1, or a power of two from 0x1000")
    try header.demand(
      endAddress.pageEnd < .max, at: 16, "\(name): p_vaddr", found: "\(memorySize.hex) bytes at \(address.hex)",
      allowed: "addresses of 64 bits")
  }

  /// The same segment that many bytes higher.
  func moved(by bytes: UInt64) -> ProgramHeader {
    var moved = self
    moved.address = address.plus(bytes)
    return moved
  }

  /// First address behind what comes from the file, and behind all.
  var endOfFilePart: UInt64 { address.plus(fileSize) }
  var endAddress: UInt64 { address.plus(memorySize) }

  /// Rights by PF_R 4, PF_W 2 and PF_X 1, as SECINFO.FLAGS of a regular page has them.
  var secInfoFlags: UInt64 { 0x200 | flags.bits(2, 1) | flags & 2 | flags.bits(0, 1) << 2 }
}
