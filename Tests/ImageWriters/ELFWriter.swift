/// Writes small ELF64 files as linkers and signing tools of enclaves leave them.
public struct ELFWriter {
  public struct Segment {
    public var type: UInt32 = 1
    /// PF_X 1, PF_W 2, PF_R 4.
    public var flags: UInt32
    public var address: UInt64
    public var data: [UInt8]
    public var memorySize: UInt64
    public var alignment: UInt64 = 0x1000
    /// Where the data goes in the file; behind everything else unless given. Data given by another segment has none of its own.
    public var offset: Int?

    public init(flags: UInt32, address: UInt64, data: [UInt8], memorySize: UInt64? = nil) {
      self.flags = flags
      self.address = address
      self.data = data
      self.memorySize = memorySize ?? UInt64(data.count)
    }
  }

  public struct Section {
    public var name: String
    public var type: UInt32
    public var address: UInt64 = 0
    public var data: [UInt8] = []
    public var alignment: UInt64 = 1
    /// Size where it is not that of the data, for sections that lie in a segment or nowhere.
    public var byteCount: Int?

    public init(_ name: String, type: UInt32 = 1, data: [UInt8] = []) {
      self.name = name
      self.type = type
      self.data = data
    }
  }

  public var type: UInt16 = 3
  public var entry: UInt64 = 0x1040
  public var segments: [Segment] = []
  /// Headers that name a part of a segment: PT_DYNAMIC, PT_TLS.
  public var parts: [(type: UInt32, address: UInt64, fileSize: UInt64, memorySize: UInt64, alignment: UInt64)] = []
  public var sections: [Section] = []

  public init() {}

  /// The file, and where each section's data begins.
  public func file() -> (bytes: [UInt8], sectionOffsets: [String: Int]) {
    var writer = ByteWriter([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    writer.put(type, at: 16)
    writer.put(UInt16(62), at: 18)
    writer.put(UInt32(1), at: 20)
    writer.put(entry, at: 24)
    writer.put(UInt64(64), at: 32)
    writer.put(UInt16(64), at: 52)
    writer.put(UInt16(56), at: 54)
    writer.put(UInt16(segments.count + parts.count), at: 56)
    writer.put([UInt8](repeating: 0, count: 56 * (segments.count + parts.count)), at: 64)
    var places: [Int] = []
    for (index, segment) in segments.enumerated() {
      let place = segment.offset ?? writer.count
      places.append(place)
      writer.put(segment.data, at: place)
      putHeader(
        index, segment.type, segment.flags, place, segment.address, UInt64(segment.data.count), segment.memorySize, segment.alignment,
        &writer)
    }
    for (index, part) in parts.enumerated() {
      putHeader(
        segments.count + index, part.type, 4, fileOffset(part.address, places), part.address, part.fileSize, part.memorySize,
        part.alignment, &writer)
    }
    guard !sections.isEmpty else { return (writer.bytes, [:]) }
    return putSections(places, &writer)
  }

  private func fileOffset(_ address: UInt64, _ places: [Int]) -> Int {
    for (segment, place) in zip(segments, places) where (segment.address..<(segment.address + segment.memorySize)).contains(address) {
      return place + Int(address - segment.address)
    }
    return 0
  }

  private func putHeader(
    _ index: Int, _ type: UInt32, _ flags: UInt32, _ offset: Int, _ address: UInt64, _ fileSize: UInt64, _ memorySize: UInt64,
    _ alignment: UInt64, _ writer: inout ByteWriter
  ) {
    let at = 64 + index * 56
    writer.put(type, at: at)
    writer.put(flags, at: at + 4)
    for (field, value) in [UInt64(offset), address, address, fileSize, memorySize, alignment].enumerated() {
      writer.put(value, at: at + 8 + field * 8)
    }
  }

  private func putSections(_ places: [Int], _ writer: inout ByteWriter) -> ([UInt8], [String: Int]) {
    var names: [UInt8] = [0]
    var headers: [(name: Int, section: Section, offset: Int)] = []
    for section in sections {
      var offset = section.address == 0 ? writer.count : fileOffset(section.address, places)
      if section.byteCount == nil {
        if section.alignment > 1 { writer.align(to: Int(section.alignment)) }
        offset = writer.count
        writer.append(section.data)
      }
      headers.append((names.count, section, offset))
      names += Array(section.name.utf8) + [0]
    }
    let namesName = names.count
    names += Array(".shstrtab".utf8) + [0]
    let namesOffset = writer.count
    writer.append(names)
    writer.align(to: 8)
    let table = writer.count
    writer.put(UInt64(table), at: 40)
    writer.put(UInt16(64), at: 58)
    writer.put(UInt16(headers.count + 2), at: 60)
    writer.put(UInt16(headers.count + 1), at: 62)
    writer.append([UInt8](repeating: 0, count: 64))
    func putSection(_ name: Int, _ type: UInt32, _ address: UInt64, _ offset: Int, _ size: Int, _ alignment: UInt64) {
      let at = writer.count
      writer.put(UInt32(name), at: at)
      writer.put(type, at: at + 4)
      for (field, value) in [0, address, UInt64(offset), UInt64(size), 0, alignment, 0].enumerated() {
        writer.put(value, at: at + 8 + field * 8)
      }
    }
    var offsets: [String: Int] = [:]
    for (name, section, offset) in headers {
      putSection(name, section.type, section.address, offset, section.byteCount ?? section.data.count, section.alignment)
      offsets[section.name] = offset
    }
    putSection(namesName, 3, 0, namesOffset, names.count, 1)
    return (writer.bytes, offsets)
  }
}
