/// A second ELF file inside the first, whose segments are loaded behind it: extension 0x1002 (linux-sgx, `loader.cpp`, build_sections).
/// From the loader's source; no image with it is known. Other extensions do not touch the measurement.
struct SDKSharedObject {
  private static let id: UInt64 = 0x1002
  private static let entrySize: UInt64 = 16

  let elf: ELFFile
  /// Where its address 0 goes.
  let address: UInt64

  init?(_ metadata: SDKMetadata, in file: ImageBytes) throws(ImageRefusal) {
    guard metadata.hasFourDirectories else { return nil }
    let table = try metadata.directory(3, "EXTEND", entrySize: Self.entrySize)
    for index in 0..<(table.count / Self.entrySize) {
      let entry = index.times(Self.entrySize)
      let name = "extension \(index)"
      guard try table.u32(entry, "\(name): entry_id") == Self.id else { continue }
      let size = try table.u32(entry.plus(4), "\(name): size")
      let offset = try table.u32(entry.plus(8), "\(name): offset")
      guard size > 0, offset > 0 else { continue }
      let object = try metadata.bytes.slice(at: offset, count: 32, "\(name): shared object")
      address = try object.u64(8, "\(name): mem_offset")
      let start = try object.u64(0, "\(name): file_offset")
      let bytes = try file.slice(at: start, count: try object.u64(16, "\(name): size"), "\(name): file_offset")
      try bytes.demand(bytes.holds("\u{7f}ELF", at: 0), at: 0, "\(name): magic", found: "another", allowed: "an ELF file")
      elf = try ELFFile(bytes)
      return
    }
    return nil
  }
}
