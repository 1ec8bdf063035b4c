/// A section header.
struct Section {
  static let size: UInt64 = 64
  static let note: UInt64 = 7
  /// A section without bytes in the file.
  static let noBits: UInt64 = 8

  let index: UInt64
  let nameOffset: UInt64
  let type: UInt64
  let address: UInt64
  let offset: UInt64
  let byteCount: UInt64
  let link: UInt64
  let alignment: UInt64
  /// Where the header stands in the file.
  let origin: UInt64

  init(_ header: ImageBytes, index: UInt64) throws(ImageRefusal) {
    self.index = index
    origin = header.start
    nameOffset = try header.u32(0, "sh_name")
    type = try header.u32(4, "sh_type")
    address = try header.u64(16, "sh_addr")
    offset = try header.u64(24, "sh_offset")
    byteCount = try header.u64(32, "sh_size")
    link = try header.u32(40, "sh_link")
    alignment = try header.u64(48, "sh_addralign")
  }
}

extension ELFFile {
  /// Section headers a file may have: from 0xff00 on numbers mean something else.
  private static let sectionsMax: UInt64 = 0xff00

  static func sections(_ bytes: ImageBytes) throws(ImageRefusal) -> [Section] {
    let table = try bytes.u64(40, "e_shoff")
    let count = try bytes.u16(60, "e_shnum")
    guard count > 0 else { return [] }
    let size = try bytes.u16(58, "e_shentsize")
    try bytes.demand(size == Section.size, at: 58, "e_shentsize", found: size, allowed: "64")
    try bytes.demand(count < sectionsMax, at: 60, "e_shnum", found: count, allowed: "less than \(sectionsMax.hex)")
    let headers = try bytes.slice(at: table, count: count.times(size), "section headers")
    var sections: [Section] = []
    sections.reserveCapacity(Int(count))
    for index in 0..<count {
      sections.append(try Section(headers.slice(at: index.times(size), count: size, "section header \(index)"), index: index))
    }
    return sections
  }

  static func sectionNames(_ bytes: ImageBytes, _ sections: [Section]) throws(ImageRefusal) -> Section? {
    guard !sections.isEmpty else { return nil }
    let index = try bytes.u16(62, "e_shstrndx")
    guard let number = Int(exactly: index), sections.indices.contains(number) else {
      throw bytes.refusal(at: 62, "e_shstrndx", found: index.hex, allowed: "a section, of \(sections.count)")
    }
    return sections[number]
  }

  /// The first section of that name.
  func section(named name: StaticString) throws(ImageRefusal) -> Section? {
    guard let sectionNames else { return nil }
    let names = try contents(of: sectionNames, "section names")
    for section in sections {
      try bytes.demand(
        section.nameOffset < names.count, at: section.origin, "section header \(section.index): sh_name", found: section.nameOffset,
        allowed: "less than the names' \(names.count) bytes")
      if names.holds(name, at: section.nameOffset),
        names.isZero(at: section.nameOffset.plus(UInt64(name.utf8CodeUnitCount)), count: 1)
      {
        return section
      }
    }
    return nil
  }

  /// The bytes of a section; none for one that has none in the file.
  func contents(of section: Section, _ field: @autoclosure () -> String) throws(ImageRefusal) -> ImageBytes {
    try bytes.slice(
      at: section.offset, count: section.type == Section.noBits ? 0 : section.byteCount,
      "\(field()) (section \(section.index), header at \(section.origin.hex))")
  }

  /// The section that is loaded at an address, which is how the SDK's loader finds what a dynamic entry points at.
  func section(at address: UInt64) -> Section? { sections.first { $0.address == address && $0.type != Section.noBits } }
}
