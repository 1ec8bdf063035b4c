import SGXArchitecture

/// A block of the Intel SDK's metadata: one signed description of how the file becomes an enclave (linux-sgx, `metadata.h`).
struct SDKMetadata {
  static let magic: UInt64 = 0x86a8_0294_635d_0e4c
  /// Up to the end of the two directories that all versions have.
  static let headerSize: UInt64 = 1888
  /// Blocks a file may have; three are the most seen.
  private static let blocksMax = 16

  let bytes: ImageBytes
  let version: MetadataVersion

  /// The blocks of a note section, in order. They lie back to back; what does not begin with the magic number ends the list.
  static func blocks(_ elf: ELFFile, note section: Section) throws(ImageRefusal) -> [SDKMetadata] {
    let note = try elf.contents(of: section, "section .note.sgxmeta")
    try elf.bytes.demand(
      section.type == Section.note, at: section.origin.plus(4), "section .note.sgxmeta: sh_type", found: section.type,
      allowed: "7 (SHT_NOTE)")
    let nameSize = try note.u32(0, "note: namesz")
    try note.demand(nameSize == 13, at: 0, "note: namesz", found: nameSize, allowed: "13")
    let capacity = try note.u32(4, "note: descsz")
    try note.demand(note.holds("sgx_metadata\0", at: 12), at: 12, "note: name", found: "another", allowed: "sgx_metadata")
    // The name is not padded: the description begins at an odd place.
    let list = try note.slice(at: 25, count: capacity, "note: descsz")
    var blocks: [SDKMetadata] = []
    var offset: UInt64 = 0
    while list.contains(offset, 20), try list.u64(offset, "magic") == magic {
      try list.demand(blocks.count < blocksMax, at: offset, "blocks of metadata", found: "more", allowed: "at most \(blocksMax)")
      let size = try list.u32(offset.plus(16), "metadata: size")
      let left = list.count.minus(offset)
      try list.demand(
        size >= headerSize && size <= left, at: offset.plus(16), "metadata: size", found: size,
        allowed: "\(headerSize.hex) to \(left.hex), what is left of the note")
      blocks.append(try SDKMetadata(list.slice(at: offset, count: size, "metadata")))
      offset = offset.plus(size)
    }
    if blocks.isEmpty {
      let found = try list.u64(0, "metadata: magic")
      // The linker leaves room for the signing tool.
      let advice = found == 0 ? ": the image is not signed" : ""
      throw list.refusal(at: 0, "metadata: magic", found: found.hex, allowed: "\(magic.hex)\(advice)")
    }
    return blocks
  }

  private init(_ bytes: ImageBytes) throws(ImageRefusal) {
    self.bytes = bytes
    version = MetadataVersion(
      major: UInt32(truncatingIfNeeded: try bytes.u32(12, "metadata: version")),
      minor: UInt32(truncatingIfNeeded: try bytes.u32(8, "metadata: version")))
  }

  /// A table that a directory entry points at.
  func directory(_ index: UInt64, _ name: String, entrySize: UInt64) throws(ImageRefusal) -> ImageBytes {
    let entry = UInt64(1872).plus(index.times(8))
    let offset = try bytes.u32(entry, "metadata: directory \(name)")
    let size = try bytes.u32(entry.plus(4), "metadata: directory \(name)")
    try bytes.demand(
      size % entrySize == 0, at: entry.plus(4), "metadata: directory \(name): size", found: size, allowed: "a multiple of \(entrySize)")
    try bytes.demand(
      size == 0 || bytes.contains(offset, size), at: entry, "metadata: directory \(name)", found: "\(size) bytes at \(offset.hex)",
      allowed: "bytes within the block's \(bytes.count)")
    return try bytes.slice(at: size == 0 ? 0 : offset, count: size, "metadata: directory \(name)")
  }

  /// Whether the directories ELRANGE and EXTEND are there (SDK 2.24 on). In other blocks data begins where they would be, and in
  /// blocks with an enclave range of its own the directory ELRANGE stands first in the data.
  var hasFourDirectories: Bool {
    switch version.family {
    case 1: version.minor >= 5
    case 3: version.minor >= 2
    default: false
    }
  }

  /// What ECREATE is to be given.
  func parameters() throws(ImageRefusal) -> EnclaveParameters {
    EnclaveParameters(
      size: try bytes.u64(40, "metadata: enclave_size"),
      ssaFrameSize: UInt32(truncatingIfNeeded: try bytes.u32(24, "metadata: ssa_frame_size")),
      attributes: AttributeFlags(rawValue: try bytes.u64(48, "metadata: attributes")),
      xfrm: XFRM(rawValue: try bytes.u64(56, "metadata: attributes.xfrm")),
      miscSelect: MiscSelect(rawValue: UInt32(truncatingIfNeeded: try bytes.u32(32, "metadata: desired_misc_select"))))
  }
}
