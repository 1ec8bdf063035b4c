/// Where the data of a thread lie that the loader of enclaves writes its own numbers into: what the TLS directory (data directory 9) points at.
///
/// Metadata 1.1 has it at the start of a section of its own, `.tls`; 1.2 within another section. There the size is the directory's.
struct PEThreadTemplate {
  private static let directory: UInt64 = 9

  /// The section that holds it, by the place of its header.
  let sectionOrigin: UInt64
  /// Bytes from the start of that section.
  let offset: UInt64
  let size: UInt64

  /// Nil where there is neither a section `.tls` nor a directory.
  init?(_ file: PEFile) throws(ImageRefusal) {
    if let section = file.sections.first(where: { $0.isNamed(".tls") }) {
      (sectionOrigin, offset, size) = (section.origin, 0, section.memorySize)
      return
    }
    guard let table = try file.directory(Self.directory, "TLS directory"), let entry = file.directoryEntry(Self.directory) else { return nil }
    let first = try file.is64Bit ? table.u64(0, "StartAddressOfRawData") : table.u32(0, "StartAddressOfRawData")
    let end = try file.is64Bit ? table.u64(8, "EndAddressOfRawData") : table.u32(4, "EndAddressOfRawData")
    let base = try file.imageBase()
    try table.demand(
      first >= base && end >= first, at: 0, "TLS directory: raw data", found: "\(first.hex) to \(end.hex)",
      allowed: "a range behind ImageBase, \(base.hex)")
    let address = first.minus(base)
    guard let section = file.sections.first(where: { $0.address <= address && address.minus($0.address) < $0.memorySize }) else {
      throw file.bytes.refusal(at: entry, "StartAddressOfRawData", found: address.hex, allowed: "an address in a section")
    }
    (sectionOrigin, offset, size) = (section.origin, address.minus(section.address), end.minus(first))
  }
}
