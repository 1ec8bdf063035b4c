import SGXArchitecture

/// Signed DLLs of the SDK for Windows.
extension Sample {
  static let windowsSamples = [
    windows("windows-64", is64Bit: true, threads: 2), windows("windows-32", is64Bit: false, threads: 1),
    windows("windows-1.2-64", is64Bit: true, threads: 2, minor: 2), windows("windows-1.2-32", is64Bit: false, threads: 1, minor: 2),
  ]

  /// Metadata 1.2 has no section `.tls`: the TLS directory points into `.rdata`. Some of it is longer than today's struct, too.
  private static func windows(_ name: String, is64Bit: Bool, threads: UInt32, minor: UInt32 = 1) -> Sample {
    var writer = PEWriter(is64Bit: is64Bit)
    // The code exports the entry under the second of two names.
    var code = ByteWriter(patterned(0x1100, seed: 21))
    code.put(UInt32(3), at: 0x20 + 20)
    code.put(UInt32(2), at: 0x20 + 24)
    code.put(UInt32(0x1080), at: 0x20 + 28)
    code.put(UInt32(0x1090), at: 0x20 + 32)
    code.put(UInt32(0x10a0), at: 0x20 + 36)
    for (index, value) in [0x1500, 0x1600, 0x1700].enumerated() { code.put(UInt32(value), at: 0x80 + index * 4) }
    code.put(UInt32(0x10b0), at: 0x90)
    code.put(UInt32(0x10c0), at: 0x94)
    code.put(UInt16(0), at: 0xa0)
    code.put(UInt16(2), at: 0xa2)
    code.put(Array("a_function\0".utf8), at: 0xb0)
    code.put(Array("enclave_entry\0".utf8), at: 0xc0)
    writer.directories[0] = (0x1020, 0x100)

    // Relocations on a page of code and one of read-only data; an entry of type 0 fills up.
    var relocations = ByteWriter()
    relocations.append(UInt32(0x2000))
    relocations.append(UInt32(12))
    relocations.append(UInt16(0xa008))
    relocations.append(UInt16(0))
    relocations.append(UInt32(0x4000))
    relocations.append(UInt32(12))
    relocations.append(UInt16(0x3004))
    relocations.append(UInt16(0xa044))
    writer.directories[5] = (0x8000, UInt32(relocations.count))
    writer.directories[4] = (0x123456, 0x789a)

    var meta = ByteWriter([UInt8](repeating: 0, count: minor == 1 ? 1876 : 2660))
    meta.put(UInt64(0x86a8_0294_635d_0e4c), at: 0)
    for (index, value) in [minor, 1, UInt32(meta.bytes.count), threads, 1, 2, 1, 0x2800, 0x3001, 2632, 0].enumerated() { meta.put(UInt32(value), at: 8 + index * 4) }
    meta.put(UInt64(is64Bit ? 4 : 0), at: 52)
    meta.put(UInt64(7), at: 60)
    var sigStruct = SigStruct()
    sigStruct[.modulus] = [UInt8](repeating: 0x5a, count: 384)
    meta.put(sigStruct.bytes, at: 68)

    var data = ByteWriter(patterned(0x400, seed: 22))
    if minor == 2 {
      writer.directories[9] = (0x4300, is64Bit ? 40 : 24)
      let template = [writer.imageBase + 0x4140, writer.imageBase + 0x4140 + 0x1200]
      for (index, address) in template.enumerated() {
        if is64Bit { data.put(address, at: 0x300 + index * 8) } else { data.put(UInt32(address), at: 0x300 + index * 4) }
      }
    }

    writer.sections = [
      (".text", 0x1000, 0x1f00, code.bytes, 0x6000_0020), (".rdata", 0x4000, 0x800, data.bytes, 0x4000_0040),
      (".data", 0x5000, 0x1800, patterned(0x200, seed: 23), 0xc000_0040), ("sgxmeta", 0x7000, UInt32(meta.bytes.count), meta.bytes, 0xc000_0040),
      (".reloc", 0x8000, 0x40, relocations.bytes, 0x4200_0040),
    ]
    if minor == 1 { writer.sections.append((".tls", 0x9000, 0x1200, patterned(0x80, seed: 24), 0xc000_0040)) }
    return Sample(name, writer.file(), .windows)
  }
}

/// Writes small PE files.
struct PEWriter {
  let is64Bit: Bool
  let imageBase: UInt64 = 0x1000_0000
  var directories = [(UInt32, UInt32)](repeating: (0, 0), count: 16)
  var sections: [(name: String, address: UInt32, memorySize: UInt32, data: [UInt8], characteristics: UInt32)] = []

  init(is64Bit: Bool) { self.is64Bit = is64Bit }

  func file() -> [UInt8] {
    let optional = 0x80 + 24
    let directoryPlace = optional + (is64Bit ? 112 : 96)
    let optionalSize = directoryPlace + 128 - optional
    var writer = ByteWriter(Array("MZ".utf8))
    writer.put(UInt32(0x80), at: 60)
    writer.put(Array("PE\0\0".utf8), at: 0x80)
    writer.put(UInt16(is64Bit ? 0x8664 : 0x14c), at: 0x84)
    writer.put(UInt16(sections.count), at: 0x86)
    writer.put(UInt16(optionalSize), at: 0x94)
    writer.put(UInt16(is64Bit ? 0x20b : 0x10b), at: optional)
    if is64Bit { writer.put(imageBase, at: optional + 24) } else { writer.put(UInt32(imageBase), at: optional + 28) }
    writer.put(UInt32(0x400), at: optional + 60)
    writer.put(UInt32(0xdead_beef), at: optional + 64)
    writer.put(UInt32(16), at: directoryPlace - 4)
    for (index, (address, size)) in directories.enumerated() {
      writer.put(address, at: directoryPlace + index * 8)
      writer.put(size, at: directoryPlace + index * 8 + 4)
    }
    var place = 0x400
    for (index, section) in sections.enumerated() {
      let header = optional + optionalSize + index * 40
      writer.put(Array(section.name.utf8), at: header)
      for (field, value) in [section.memorySize, section.address, UInt32(section.data.count), UInt32(place)].enumerated() {
        writer.put(value, at: header + 8 + field * 4)
      }
      writer.put(section.characteristics, at: header + 36)
      writer.put(section.data, at: place)
      place += section.data.count
    }
    return writer.bytes
  }
}
