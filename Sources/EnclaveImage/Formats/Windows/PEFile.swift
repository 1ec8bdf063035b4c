/// The parts of a PE file that the loader of enclaves looks at (Microsoft, "PE Format").
struct PEFile {
  let bytes: ImageBytes
  let is64Bit: Bool
  /// Where the optional header begins.
  let optionalHeader: UInt64
  let headersSize: UInt64
  let sections: [PESection]
  /// Data directories: where they begin, and how many there are.
  private let directories: UInt64
  private let directoryCount: UInt64

  private static let sectionsMax: UInt64 = 96

  init(_ bytes: ImageBytes) throws(ImageRefusal) {
    self.bytes = bytes
    let start = try bytes.u32(60, "e_lfanew")
    try bytes.demand(bytes.holds("PE\0\0", at: start), at: 60, "e_lfanew", found: start, allowed: "the place of a PE signature")
    let sectionCount = try bytes.u16(start.plus(6), "NumberOfSections")
    try bytes.demand(
      (1...Self.sectionsMax).contains(sectionCount), at: start.plus(6), "NumberOfSections", found: sectionCount,
      allowed: "1 to \(Self.sectionsMax)")
    let optionalSize = try bytes.u16(start.plus(20), "SizeOfOptionalHeader")
    optionalHeader = start.plus(24)
    let magic = try bytes.u16(optionalHeader, "optional header: Magic")
    try bytes.demand(
      magic == 0x10b || magic == 0x20b, at: optionalHeader, "optional header: Magic", found: magic, allowed: "0x10b (PE32) or 0x20b (PE32+)")
    is64Bit = magic == 0x20b
    headersSize = try bytes.u32(optionalHeader.plus(60), "SizeOfHeaders")
    let countPlace = optionalHeader.plus(is64Bit ? 108 : 92)
    directories = countPlace.plus(4)
    directoryCount = try bytes.u32(countPlace, "NumberOfRvaAndSizes")
    try bytes.demand(directoryCount <= 16, at: countPlace, "NumberOfRvaAndSizes", found: directoryCount, allowed: "at most 16")
    let table = try bytes.slice(
      at: optionalHeader.plus(optionalSize), count: sectionCount.times(PESection.size), "section table")
    var sections: [PESection] = []
    for index in 0..<sectionCount {
      sections.append(try PESection(table.slice(at: index.times(PESection.size), count: PESection.size, "section \(index)"), file: bytes))
    }
    self.sections = sections
    // Sections that share bytes of the file could ask for much more memory than the file has.
    let total = sections.reduce(UInt64(0)) { $0.plus($1.raw.count) }
    try table.demand(total <= bytes.count, at: 0, "SizeOfRawData of all sections", found: total, allowed: "at most the file's \(bytes.count)")
  }

  /// The address that the file would like to be loaded at, from which its own absolute addresses count.
  func imageBase() throws(ImageRefusal) -> UInt64 {
    try is64Bit ? bytes.u64(optionalHeader.plus(24), "ImageBase") : bytes.u32(optionalHeader.plus(28), "ImageBase")
  }

  /// Where the entry of a data directory stands in the file; nil where there is none.
  func directoryEntry(_ index: UInt64) -> UInt64? { index < directoryCount ? directories.plus(index.times(8)) : nil }

  /// The bytes that a data directory points at; nil where there is none.
  func directory(_ index: UInt64, _ name: String) throws(ImageRefusal) -> ImageBytes? {
    guard let entry = directoryEntry(index) else { return nil }
    let address = try bytes.u32(entry, "\(name): VirtualAddress")
    let size = try bytes.u32(entry.plus(4), "\(name): Size")
    return size == 0 ? nil : try slice(atAddress: address, count: size, name, origin: entry)
  }

  /// The bytes that are loaded at an address, which stands in the file at `origin`.
  func slice(atAddress address: UInt64, count: UInt64, _ field: String, origin: UInt64) throws(ImageRefusal) -> ImageBytes {
    for section in sections where address >= section.address {
      let offset = address.minus(section.address)
      if offset < section.raw.count { return try section.raw.slice(at: offset, count: count, field) }
    }
    throw bytes.refusal(at: origin, field, found: "\(count) bytes at address \(address.hex)", allowed: "bytes of a section")
  }
}

/// A section header, with the section's bytes in the file.
struct PESection {
  static let size: UInt64 = 40

  let address: UInt64
  let memorySize: UInt64
  let raw: ImageBytes
  let characteristics: UInt64
  private let header: ImageBytes

  /// Where the header stands in the file.
  var origin: UInt64 { header.start }

  init(_ header: ImageBytes, file: ImageBytes) throws(ImageRefusal) {
    self.header = header
    memorySize = try header.u32(8, "section: VirtualSize")
    address = try header.u32(12, "section: VirtualAddress")
    let rawSize = try header.u32(16, "section: SizeOfRawData")
    let rawPlace = try header.u32(20, "section: PointerToRawData")
    characteristics = try header.u32(36, "section: Characteristics")
    try header.demand(
      rawSize == 0 || file.contains(rawPlace, rawSize), at: 20, "section: PointerToRawData", found: "\(rawSize) bytes at \(rawPlace.hex)",
      allowed: "bytes within the file's \(file.count)")
    raw = try file.slice(at: rawSize == 0 ? 0 : rawPlace, count: rawSize, "section")
  }

  /// Names have eight bytes, padded with zeros.
  func isNamed(_ name: StaticString) -> Bool {
    let length = UInt64(name.utf8CodeUnitCount)
    return header.holds(name, at: 0) && header.isZero(at: length, count: UInt64(8).minus(length))
  }

  /// Rights by bits 30, 31 and 29, as SECINFO.FLAGS of a regular page has them.
  var secInfoFlags: UInt64 { 0x200 | characteristics.bits(30, 1) | characteristics.bits(31, 1) << 1 | characteristics.bits(29, 1) << 2 }
}
