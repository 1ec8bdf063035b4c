import SGXArchitecture

/// What the loader writes into the image before it is measured: where things are, so that the enclave can find them, and zeros over the
/// SIGSTRUCT, which cannot be part of what it signs.
enum OpenEnclavePatches {
  static func overlays(
    _ elf: ELFFile, _ properties: OpenEnclaveProperties, _ layout: OpenEnclaveLayout
  ) throws(ImageRefusal) -> [SegmentPages.Overlay] {
    var info: [UInt8] = []
    for word in [
      properties.address, OpenEnclaveProperties.size, layout.imageSize, layout.relocations.wholeSize, layout.heap, layout.enclaveSize,
    ] {
      info.append(contentsOf: word.littleEndianBytes)
    }
    // image_info lies right before the SIGSTRUCT.
    let start = OpenEnclaveProperties.sigStructOffset.minus(UInt64(info.count))
    info.append(contentsOf: repeatElement(0, count: SigStruct.size))
    var overlays = [SegmentPages.Overlay(address: properties.address.plus(start), bytes: info)]
    try elf.bytes.demand(
      overlays[0].endAddress <= layout.imageSize, at: properties.addressOrigin, "section .oeinfo: sh_addr", found: properties.address,
      allowed: "an address within the image's \(layout.imageSize.hex) bytes")
    for (name, value) in try values(elf, layout) {
      guard let symbol = try address(of: name, in: elf, imageSize: layout.imageSize) else { continue }
      overlays.append(SegmentPages.Overlay(address: symbol, bytes: (value ?? symbol).littleEndianBytes))
    }
    return overlays
  }

  /// Variables of the enclave's runtime, and what they get; nil for one that gets its own address.
  private static func values(_ elf: ELFFile, _ layout: OpenEnclaveLayout) throws(ImageRefusal) -> [(StaticString, UInt64?)] {
    var values: [(StaticString, UInt64?)] = [
      ("_enclave_rva", nil), ("_reloc_rva", layout.imageSize), ("_reloc_size", layout.relocations.wholeSize),
    ]
    if let variables = layout.threadVariables {
      values.append(("_tdata_rva", variables.address))
      values.append(("_tdata_size", variables.size))
      values.append(("_tdata_align", variables.alignment))
    }
    if let variables = layout.zeroThreadVariables {
      values.append(("_tbss_size", variables.size))
      values.append(("_tbss_align", variables.alignment))
    }
    values.append(("_td_from_tcs_offset", layout.threadDataFromTCS))
    return values
  }

  /// The value of a dynamic symbol; nil where the image has none of that name.
  private static func address(of name: StaticString, in elf: ELFFile, imageSize: UInt64) throws(ImageRefusal) -> UInt64? {
    let symbolSize: UInt64 = 24
    guard let section = try elf.section(named: ".dynsym"), let names = try elf.section(named: ".dynstr") else { return nil }
    let symbols = try elf.contents(of: section, ".dynsym")
    let strings = try elf.contents(of: names, ".dynstr")
    for index in 0..<(symbols.count / symbolSize) {
      let symbol = index.times(symbolSize)
      let place = try symbols.u32(symbol, "symbol \(index): st_name")
      guard strings.holds(name, at: place), strings.isZero(at: place.plus(UInt64(name.utf8CodeUnitCount)), count: 1) else { continue }
      let value = try symbols.u64(symbol.plus(8), "symbol \(index): st_value")
      try symbols.demand(
        value.plus(8) <= imageSize, at: symbol.plus(8), "symbol \(name): st_value", found: value,
        allowed: "an address within the image's \(imageSize.hex) bytes")
      return value
    }
    return nil
  }
}

extension UInt64 {
  /// Eight bytes, the least significant first.
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { [UInt8]($0) } }
}
