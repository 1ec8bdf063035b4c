import SGXArchitecture

/// A block of the SDK's metadata, as `sgx_sign` would write it.
public struct SDKBlock {
  public enum Layout {
    case entry(attributes: UInt16, pages: UInt32, rva: UInt64, contentSize: UInt32 = 0, content: [UInt8]? = nil, flags: UInt64)
    case group(count: UInt16, times: UInt32, step: UInt64)
  }

  public var major: UInt32
  public var minor: UInt32
  public var enclaveSize: UInt64 = 0x40000
  public var frameSize: UInt32 = 1
  public var attributes: UInt64 = 4
  public var xfrm: UInt64 = 7
  public var miscSelect: UInt32 = 0
  /// Over which bytes of the file to write what.
  public var patches: [(target: UInt64, bytes: [UInt8])] = []
  public var layout: [Layout] = []
  public var range: (image: UInt64, start: UInt64, size: UInt64)?
  public var sharedObject: (fileOffset: UInt64, address: UInt64, size: UInt64)?
  public var sigStruct = SigStruct()

  public init(_ major: UInt32, _ minor: UInt32, layout: [Layout]) {
    self.major = major
    self.minor = minor
    self.layout = layout
    // A modulus that says: this was signed.
    sigStruct[.modulus] = [UInt8](repeating: 0x5a, count: 383) + [0x80]
  }

  var hasFourDirectories: Bool { major % 10 == 1 && minor >= 5 || major % 10 == 3 && minor >= 2 }

  public var bytes: [UInt8] {
    var writer = ByteWriter([UInt8](repeating: 0, count: hasFourDirectories || range != nil ? 1904 : 1888))
    writer.put(UInt64(0x86a8_0294_635d_0e4c), at: 0)
    writer.put(minor, at: 8)
    writer.put(major, at: 12)
    writer.put(frameSize, at: 24)
    writer.put(UInt32(2632), at: 28)
    writer.put(miscSelect, at: 32)
    writer.put(enclaveSize, at: 40)
    writer.put(attributes, at: 48)
    writer.put(xfrm, at: 56)
    writer.put(sigStruct.bytes, at: 64)
    // Data first, then the tables that point at it.
    let patchRecords = patches.map { patch -> (UInt64, Int, Int) in
      defer { writer.append(patch.bytes) }
      return (patch.target, writer.count, patch.bytes.count)
    }
    let contents = layout.map { entry -> Int in
      guard case .entry(_, _, _, _, let content?, _) = entry else { return 0 }
      defer { writer.append(content) }
      return writer.count
    }
    directory(0, &writer, patchRecords.flatMap { record($0.0, UInt32($0.1), UInt32($0.2)) })
    directory(1, &writer, zip(layout, contents).flatMap { record($0, contentOffset: $1) })
    if let range {
      var entry = ByteWriter()
      for word in [range.image, range.start, range.size] { entry.append(word) }
      directory(2, &writer, entry.bytes)
    }
    if let sharedObject {
      var object = ByteWriter()
      for word in [sharedObject.fileOffset, sharedObject.address, sharedObject.size, 0] { object.append(word) }
      let place = writer.count
      writer.append(object.bytes)
      var table = ByteWriter()
      for word: UInt32 in [0x1001, 4, 1904, 0, 0x1002, 32, UInt32(place), 0] { table.append(word) }
      directory(3, &writer, table.bytes)
    }
    writer.put(UInt32(writer.count), at: 16)
    return writer.bytes
  }

  private func directory(_ index: Int, _ writer: inout ByteWriter, _ table: [UInt8]) {
    writer.put(UInt32(writer.count), at: 1872 + index * 8)
    writer.put(UInt32(table.count), at: 1876 + index * 8)
    writer.append(table)
  }

  private func record(_ target: UInt64, _ source: UInt32, _ size: UInt32) -> [UInt8] {
    var record = ByteWriter([UInt8](repeating: 0, count: 32))
    record.put(target, at: 0)
    record.put(source, at: 8)
    record.put(size, at: 12)
    return record.bytes
  }

  private func record(_ layout: Layout, contentOffset: Int) -> [UInt8] {
    var record = ByteWriter([UInt8](repeating: 0, count: 32))
    switch layout {
    case .entry(let attributes, let pages, let rva, let contentSize, let content, let flags):
      record.put(UInt16(4), at: 0)
      record.put(attributes, at: 2)
      record.put(pages, at: 4)
      record.put(rva, at: 8)
      record.put(content.map { UInt32($0.count) } ?? contentSize, at: 16)
      record.put(UInt32(contentOffset), at: 20)
      record.put(flags, at: 24)
    case .group(let count, let times, let step):
      record.put(UInt16(0x1009), at: 0)
      record.put(count, at: 2)
      record.put(times, at: 4)
      record.put(step, at: 8)
    }
    return record.bytes
  }

  /// The template of a TCS: NSSA 2, OENTRY, OSSA behind the TCS, thread data at `data` from it.
  public static func threadTemplate(data: UInt64 = 0x3000, delta: UInt64 = 0) -> [UInt8] {
    var template = ByteWriter([UInt8](repeating: 0, count: 72))
    template.put(0x1000 + delta, at: 16)
    template.put(UInt32(2), at: 28)
    template.put(UInt64(0x1040), at: 32)
    template.put(data + delta, at: 48)
    template.put(data + delta, at: 56)
    template.put(UInt32.max, at: 64)
    template.put(UInt32.max, at: 68)
    return template.bytes
  }
}

/// A signed ELF file: segments, and a note with the blocks.
public struct SDKWriter {
  public var elf = ELFWriter()
  public var blocks: [SDKBlock]
  /// The description's capacity, which is more than the blocks need.
  public var capacity: Int?

  public init(blocks: [SDKBlock]) { self.blocks = blocks }

  public func file() -> [UInt8] {
    var elf = elf
    let list = blocks.flatMap(\.bytes)
    let capacity = capacity ?? list.count + 64
    var note = ByteWriter()
    for word: UInt32 in [13, UInt32(capacity), 1] { note.append(word) }
    note.append(Array("sgx_metadata\0".utf8) + list + [UInt8](repeating: 0, count: capacity - list.count))
    elf.sections.append(ELFWriter.Section(".note.sgxmeta", type: 7, data: note.bytes))
    return elf.file().bytes
  }
}
