import SGXArchitecture

/// Images of Open Enclave.
extension Sample {
  static let openEnclaveSamples = [
    openEnclave("oe-plain", threads: 1, hasThreadVariables: false), openEnclave("oe-threads", threads: 3, hasThreadVariables: true),
  ]

  private static func openEnclave(_ name: String, threads: UInt64, hasThreadVariables: Bool) -> Sample {
    var info = ByteWriter([UInt8](repeating: 0xee, count: 1960))
    info.put(UInt32(1960), at: 0)
    info.put(UInt32(2), at: 4)
    for (index, value) in [5, 2, threads].enumerated() { info.put(value, at: 8 + index * 8) }
    info.put(UInt32(0), at: 36)
    info.put(UInt64(6), at: 72)
    // The first variable straddles a page border, and so does .oeinfo.
    let symbols: [(String, UInt64)] = [
      ("_enclave_rva", 0x6ffc), ("_reloc_rva", 0x7010), ("_reloc_size", 0x7018), ("_tdata_rva", 0x7020), ("_tdata_size", 0x7028),
      ("_tdata_align", 0x7030), ("_tbss_size", 0x7038), ("_tbss_align", 0x7040), ("_td_from_tcs_offset", 0x7400), ("other", 0x10),
    ]
    var strings: [UInt8] = [0]
    var table = ByteWriter([UInt8](repeating: 0, count: 24))
    for (symbol, value) in symbols {
      let at = table.count
      table.put(UInt32(strings.count), at: at)
      table.put(value, at: at + 8)
      table.put(UInt64(8), at: at + 16)
      strings += Array(symbol.utf8) + [0]
    }
    var relocations = ByteWriter()
    for word in 0..<UInt64(30) { relocations.append(word * 3) }
    let readOnly = patterned(0x1700, seed: 1)
    let base: UInt64 = 0x1800
    var elf = ELFWriter()
    elf.entry = 0x5000
    elf.segments = [
      ELFWriter.Segment(flags: 4, address: 0, data: patterned(0x30, seed: 90), memorySize: 0x60),
      ELFWriter.Segment(flags: 4, address: base, data: readOnly + info.bytes + table.bytes + strings + relocations.bytes),
      ELFWriter.Segment(flags: 5, address: 0x5000, data: patterned(0x10, seed: 2)),
      ELFWriter.Segment(flags: 6, address: 0x6ff0, data: patterned(0x100, seed: 4), memorySize: 0x900),
    ]
    elf.segments[1].alignment = 1
    var places: [(String, UInt32, UInt64, Int)] = [
      (".oeinfo", 1, base + UInt64(readOnly.count), 1960),
      (".dynsym", 11, base + UInt64(readOnly.count + 1960), table.count),
      (".dynstr", 3, base + UInt64(readOnly.count + 1960 + table.count), strings.count),
      (".rela.dyn", 4, base + UInt64(readOnly.count + 1960 + table.count + strings.count), 192),
      (".rela.plt", 4, base + UInt64(readOnly.count + 1960 + table.count + strings.count + 192), 48),
    ]
    if hasThreadVariables {
      places.append((".tdata", 1, 0x7010, 0x20))
      places.append((".tbss", 8, 0x7030, 0x1801))
      elf.parts = [(7, 0x7010, 0x20, 0x1830, 0x40)]
    }
    for (name, type, address, size) in places {
      var section = ELFWriter.Section(name, type: type)
      section.address = address
      section.byteCount = size
      section.alignment = 16
      elf.sections.append(section)
    }
    return Sample(name, elf.file().bytes, .openEnclave)
  }
}

/// Streams of records.
extension Sample {
  static let streamSamples: [Sample] = [
    stream("sgxs-plain") { writer in
      writer.page(0, 0x100, chunks: (0..<16).map { ($0, true) })
      for page in 1..<4 { writer.page(page, 0x205, chunks: (0..<16).map { ($0, true) }) }
      for page in 6..<9 { writer.page(page, 0x203, chunks: []) }
    },
    stream("sgxs-odd") { writer in
      writer.page(0, 0x100, chunks: (0..<16).reversed().map { ($0, true) })
      writer.page(1, 0x205, chunks: [(3, true), (1, true), (15, true)])
      writer.page(9, 0x203, chunks: [(0, true)])
    },
    stream("esgxs") { writer in
      writer.page(0, 0x100, chunks: (0..<16).map { ($0, true) })
      writer.page(1, 0x203, chunks: (0..<16).map { ($0, false) })
      writer.page(2, 0x203, chunks: [(2, false), (1, true), (7, false), (0, true)])
    },
  ]

  private static func stream(_ name: String, _ body: (inout StreamWriter) -> Void) -> Sample {
    var writer = StreamWriter(size: 0x10000)
    body(&writer)
    return Sample(name, writer.bytes, .stream)
  }
}

/// Writes SGXS and ESGXS.
public struct StreamWriter {
  private var writer = ByteWriter()
  public var bytes: [UInt8] { writer.bytes }

  public init(size: UInt64, ssaFrameSize: UInt32 = 1) {
    writer.append(Array("ECREATE\0".utf8))
    writer.append(ssaFrameSize)
    writer.append(size)
    writer.append([UInt8](repeating: 0, count: 44))
  }

  /// A page with some of its sixteen chunks, measured or not.
  public mutating func page(_ page: Int, _ flags: UInt64, chunks: [(Int, Bool)]) {
    header("EADD\0\0\0\0", UInt64(page) << 12, flags)
    for (chunk, isMeasured) in chunks {
      header(isMeasured ? "EEXTEND\0" : "UNMEASRD", UInt64(page) << 12 + UInt64(chunk) << 8, 0)
      writer.append(patterned(256, seed: UInt8(truncatingIfNeeded: page * 16 + chunk)))
    }
  }

  private mutating func header(_ tag: String, _ offset: UInt64, _ flags: UInt64) {
    writer.append(Array(tag.utf8))
    writer.append(offset)
    writer.append(flags)
    writer.append([UInt8](repeating: 0, count: 40))
  }
}

/// The kernel's selftests.
extension Sample {
  private static func threadControl(ssa: UInt64) -> [UInt8] {
    var page = ByteWriter([UInt8](repeating: 0, count: 4096))
    page.put(ssa, at: 16)
    page.put(UInt32(1), at: 28)
    page.put(UInt64(0x1010), at: 32)
    page.put(UInt64.max, at: 64)
    return page.bytes
  }

  static let selftestSamples = [
    Sample("flat", threadControl(ssa: 0x2000) + patterned(0x2000, seed: 8), .flat), selftest(),
  ]

  private static func selftest() -> Sample {
    var elf = ELFWriter()
    elf.type = 2
    elf.segments = [
      ELFWriter.Segment(flags: 6, address: 0, data: threadControl(ssa: 0x4000) + threadControl(ssa: 0x5000)),
      ELFWriter.Segment(flags: 5, address: 0x2000, data: patterned(0x810, seed: 12)),
      ELFWriter.Segment(flags: 6, address: 0x3000, data: patterned(0x1004, seed: 13), memorySize: 0x5000),
    ]
    for (index, offset) in [0x1000, 0x3000, 0x4000].enumerated() { elf.segments[index].offset = offset }
    var section = ELFWriter.Section(".text")
    section.address = 0x2000
    section.byteCount = 16
    elf.sections = [section]
    return Sample("selftest-elf", elf.file().bytes, .selftest)
  }
}
