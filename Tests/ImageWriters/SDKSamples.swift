import SGXArchitecture

/// Images of the SDK, each with corner cases of its own.
extension Sample {
  /// Where heap and threads begin in all of them.
  private static let context: UInt64 = 0x10000

  /// Heap, guard, stack, guard, TCS, SSA, thread data, and two more threads by a group.
  private static func layout(at start: UInt64 = context, dynamic: Bool = false, delta: UInt64 = 0) -> [SDKBlock.Layout] {
    // Dynamic threads are added, measured, and removed again.
    let measured: UInt16 = dynamic ? 7 : 3
    return [
      .entry(attributes: 1, pages: 1, rva: start, flags: 0x203),
      .entry(attributes: 0x11, pages: 3, rva: start + 0x1000, flags: 0x203),
      .entry(attributes: 0, pages: 4, rva: start + 0x4000, flags: 0),
      .entry(attributes: measured, pages: 2, rva: start + 0x8000, contentSize: 0xcccc_cccc, flags: 0x203),
      .entry(attributes: 0, pages: 1, rva: start + 0xa000, flags: 0),
      .entry(attributes: measured, pages: 1, rva: start + 0xb000, content: SDKBlock.threadTemplate(delta: delta), flags: 0x100),
      .entry(attributes: measured, pages: 2, rva: start + 0xc000, flags: 0x203),
      .entry(attributes: measured, pages: 1, rva: start + 0xe000, flags: 0x203),
      .group(count: 6, times: 2, step: 0x8000),
      .entry(attributes: 8, pages: 2, rva: start + 0x20000, flags: 0x203),
      .entry(attributes: 0, pages: 8, rva: start + 0x22000, flags: 0),
    ]
  }

  /// Code, data with a tail of zeros, both with ragged ends.
  private static func segments() -> ELFWriter {
    var elf = ELFWriter()
    elf.segments = [
      // The first segment holds the ELF header itself.
      ELFWriter.Segment(flags: 4, address: 0, data: []),
      ELFWriter.Segment(flags: 5, address: 0x2010, data: patterned(0x1204, seed: 3)),
      ELFWriter.Segment(flags: 6, address: 0x5100, data: patterned(0x88, seed: 9), memorySize: 0x2400),
    ]
    return elf
  }

  private static func sdk(_ name: String, _ blocks: [SDKBlock], _ change: (inout SDKWriter) -> Void = { _ in }) -> Sample {
    var writer = SDKWriter(blocks: blocks)
    writer.elf = segments()
    change(&writer)
    // The ELF header is measured as it will be after the patches.
    writer.elf.segments[0].offset = 0
    writer.elf.segments[0].memorySize = 0x200
    let header = Array(writer.file().prefix(0x200))
    writer.elf.segments[0].data = header
    writer.elf.segments[1].offset = writer.elf.segments[1].offset ?? 0x200
    writer.elf.segments[0].data = Array(writer.file().prefix(0x200))
    return Sample(name, writer.file(), .intelSDK)
  }

  private static func block(_ major: UInt32, _ minor: UInt32, _ layout: [SDKBlock.Layout] = layout()) -> SDKBlock {
    var block = SDKBlock(major, minor, layout: layout)
    block.patches = [
      (60, [0, 0]), (40, [UInt8](repeating: 0, count: 8)), (62, [0, 0]), (0x200 + 0x110, patterned(40, seed: 77)),
    ]
    return block
  }

  static let sdkSamples: [Sample] = [
    sdk("sdk-1.4", [block(1, 4)]),
    sdk("sdk-three-blocks", [block(2, 4, layout(dynamic: true)), block(2, 1, layout(dynamic: true)), block(1, 4)]),
    sdk("sdk-2.0", [block(2, 1), block(2, 2)]),
    sdk("sdk-1.5", [block(3, 3), block(1, 5)]) { $0.capacity = 0x6000 },
    padded(), relocated(), ranged(major: 11, minor: 5), ranged(major: 13, minor: 0), sharedObject(), odd(),
  ]

  /// Metadata 1.3: a segment whose length, rounded up by itself, reaches a page further than its end.
  private static func padded() -> Sample {
    sdk("sdk-1.3-padded", [block(1, 3)]) { writer in
      writer.elf.segments[1].memorySize = 0x1208
      writer.elf.segments[2].memorySize = 0x1f00
      writer.elf.segments[1].address = 0x1c00
    }
  }

  /// DT_TEXTREL: relocations in code, one of them across a page border, one that is none, one in a page of zeros.
  private static func relocated() -> Sample {
    var relocations = ByteWriter()
    for (offset, kind) in [(0x2020, 8), (0x2ffa, 1), (0x3000, 0), (0x5108, 8), (0x7008, 8)] as [(UInt64, UInt64)] {
      relocations.append(offset)
      relocations.append(kind)
      relocations.append(UInt64(0))
    }
    var plt = ByteWriter()
    for word: UInt64 in [0x8018, 7, 0] { plt.append(word) }
    var dynamic = ByteWriter()
    for word: UInt64 in [22, 0, 7, 0x9000, 8, 120, 23, 0x9078, 2, 24, 9, 24, 0, 0] { dynamic.append(word) }
    return sdk("sdk-text-relocations", [block(2, 4)]) { writer in
      writer.elf.segments.append(ELFWriter.Segment(flags: 4, address: 0x8000, data: patterned(0x40, seed: 5)))
      writer.elf.segments.append(ELFWriter.Segment(flags: 4, address: 0x9000, data: relocations.bytes + plt.bytes + dynamic.bytes))
      writer.elf.parts = [(2, 0x9090, UInt64(dynamic.count), UInt64(dynamic.count), 8)]
      for (name, address, size) in [(".rela.dyn", 0x9000, 120), (".rela.plt", 0x9078, 24)] as [(String, UInt64, Int)] {
        var section = ELFWriter.Section(name, type: 4)
        section.address = address
        section.byteCount = size
        writer.elf.sections.append(section)
      }
    }
  }

  /// A range of its own, larger than the image, with the image in its middle.
  private static func ranged(major: UInt32, minor: UInt32) -> Sample {
    var block = block(major, minor, layout(delta: 0x100000))
    block.range = (image: 0x40_0010_0000, start: 0x40_0000_0000, size: 0x400000)
    return sdk("sdk-elrange-\(major)", [block])
  }

  /// A second ELF file in the note's neighbourhood, loaded behind the first one's segments.
  private static func sharedObject() -> Sample {
    var object = ELFWriter()
    object.segments = [
      ELFWriter.Segment(flags: 4, address: 0x40, data: patterned(0x60, seed: 40)),
      ELFWriter.Segment(flags: 6, address: 0x1010, data: patterned(0x20, seed: 41), memorySize: 0x1800),
    ]
    let inner = object.file().bytes
    var block = block(3, 2)
    block.sharedObject = (fileOffset: 0x4000, address: 0x9000, size: UInt64(inner.count))
    return sdk("sdk-shared-object", [block]) { writer in
      var unloaded = ELFWriter.Segment(flags: 4, address: 0, data: inner)
      unloaded.type = 0x6000_0000
      unloaded.offset = 0x4000
      writer.elf.segments.append(unloaded)
    }
  }

  /// Everything that no tool writes and the loader takes: data in the layout, an entry without pages, groups that repeat nothing,
  /// a filling of four different bytes, SSA frames of two pages, MISCSELECT, segments out of order.
  private static func odd() -> Sample {
    var block = block(
      1, 4,
      layout() + [
        .entry(attributes: 1, pages: 3, rva: 0x32000, content: patterned(0x1234, seed: 60), flags: 0x205),
        .group(count: 1, times: 0, step: 0x1000), .group(count: 0, times: 1_000_000, step: 0x1000),
        .entry(attributes: 3, pages: 0, rva: 0x36000, flags: 0x203),
        .entry(attributes: 3, pages: 2, rva: 0x36000, contentSize: 0x1122_3344, flags: 0x201),
        .entry(attributes: 3, pages: 5, rva: 0x38000, flags: 0),
      ])
    block.frameSize = 2
    block.miscSelect = 1
    return sdk("sdk-odd", [block]) { writer in
      writer.elf.segments.swapAt(1, 2)
      writer.elf.segments[1].offset = 0x240
      writer.elf.segments[2].offset = 0x400
    }
  }
}
