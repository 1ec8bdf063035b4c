/// The exported function that threads enter by (data directory 0).
enum PEExports {
  private static let directory: UInt64 = 0
  private static let namesMax: UInt64 = 1 << 16

  static func entry(_ file: PEFile) throws(ImageRefusal) -> UInt64 {
    guard let table = try file.directory(directory, "export directory") else {
      throw file.bytes.refusal(at: file.optionalHeader, "export directory", found: "none", allowed: "one with enclave_entry")
    }
    let count = try table.u32(24, "export directory: NumberOfNames")
    try table.demand(count <= namesMax, at: 24, "export directory: NumberOfNames", found: count, allowed: "at most \(namesMax)")
    let functionCount = try table.u32(20, "export directory: NumberOfFunctions")
    let names = try file.slice(atAddress: table.u32(32, "AddressOfNames"), count: count.times(4), "export names", origin: table.start.plus(32))
    let ordinals = try file.slice(atAddress: table.u32(36, "AddressOfNameOrdinals"), count: count.times(2), "export ordinals", origin: table.start.plus(36))
    for index in 0..<count {
      let place = index.times(4)
      let name = try file.slice(
        atAddress: names.u32(place, "export name \(index)"), count: 1, "export name \(index)", origin: names.start.plus(place))
      guard file.bytes.holds("enclave_entry\0", at: name.start) else { continue }
      let ordinal = try ordinals.u16(index.times(2), "export ordinal \(index)")
      try ordinals.demand(
        ordinal < functionCount, at: index.times(2), "export ordinal \(index)", found: ordinal, allowed: "less than \(functionCount)")
      let functions = try table.u32(28, "AddressOfFunctions").plus(ordinal.times(4))
      return try file.slice(atAddress: functions, count: 4, "export \(index)", origin: table.start.plus(28)).u32(0, "export \(index)")
    }
    throw table.refusal(at: 24, "export names", found: "no enclave_entry", allowed: "one called enclave_entry")
  }
}
