import SGXArchitecture

/// The patches of a block: bytes of the block that go over the file before it is loaded.
enum SDKPatches {
  private static let entrySize: UInt64 = 32
  /// Patches a block may have; all blocks seen have four.
  private static let patchesMax: UInt64 = 1024

  /// The file with the patches, as a copy: every block starts from the pristine file.
  static func apply(_ metadata: SDKMetadata, to file: ImageBytes) throws(ImageRefusal) -> ImageBytes {
    let table = try metadata.directory(0, "PATCH", entrySize: entrySize)
    var patches: [(source: ImageBytes, target: UInt64)] = []
    let count = table.count / entrySize
    try table.demand(count <= patchesMax, at: 0, "patches", found: count, allowed: "at most \(patchesMax)")
    var total: UInt64 = 0
    for index in 0..<count {
      let entry = try table.slice(at: index.times(entrySize), count: entrySize, "patch \(index)")
      let target = try entry.u64(0, "patch \(index): dst")
      let place = try entry.u32(8, "patch \(index): src")
      let size = try entry.u32(12, "patch \(index): size")
      try entry.demand(
        file.contains(target, size), at: 0, "patch \(index): dst", found: "\(size) bytes at \(target.hex)",
        allowed: "bytes within the file's \(file.count)")
      try entry.demand(
        metadata.bytes.contains(place, size), at: 8, "patch \(index): src", found: "\(size) bytes at \(place.hex)",
        allowed: "bytes within the block's \(metadata.bytes.count)")
      total = total.plus(size)
      try entry.demand(total <= file.count, at: 12, "patches: bytes in all", found: total, allowed: "at most the file's \(file.count)")
      patches.append((try metadata.bytes.slice(at: place, count: size, "patch \(index): src"), target))
    }
    let patched = ContentBlock(count: Int(file.count)) { memory in
      memory.copyMemory(from: file.memory)
      for (source, target) in patches {
        UnsafeMutableRawBufferPointer(rebasing: memory[Int(target)...]).copyMemory(from: source.memory)
      }
    }
    return ImageBytes(file: file.file, block: patched)
  }
}
