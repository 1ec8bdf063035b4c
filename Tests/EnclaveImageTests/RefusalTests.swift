import EnclaveImage
import ImageWriters
import SGXArchitecture
import Testing

/// Each refusal says where, what was found and what would do. The changes are made to good samples, one at a time.
@Suite("Refused images") struct RefusalTests {
  private func refused(
    _ bytes: [UInt8], _ field: String, found: String? = nil, _ options: ImageOptions = ImageOptions(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let refusal = bytes.refusal(options)
    #expect(refusal?.field == field, sourceLocation: sourceLocation)
    if let found { #expect(refusal?.found == found, sourceLocation: sourceLocation) }
  }

  /// The byte of the file that a refusal names.
  private func refused(_ bytes: [UInt8], at offset: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(bytes.refusal()?.offset == UInt64(offset), sourceLocation: sourceLocation)
  }

  private let sdk = Sample.named("sdk-1.4").bytes
  private let openEnclave = Sample.named("oe-plain").bytes
  private let stream = Sample.named("sgxs-plain").bytes
  private let windows = Sample.named("windows-64").bytes

  /// Where the first block of metadata begins.
  private var block: Int { sdk.place(of: [0x4c, 0x0e, 0x5d, 0x63, 0x94, 0x02, 0xa8, 0x86]) }
  private var layout: Int { block + Int(sdk.load(UInt32.self, at: block + 1880)) }

  @Test func theTextNamesEverything() {
    #expect(
      sdk.with(UInt16(32), at: 54).refusal()?.text == "sample: byte 0x36: e_phentsize: found 0x20, allowed: 56")
  }

  @Test func whatIsNoImage() {
    refused([1, 2, 3], "format", found: "none that is known")
    refused([UInt8](repeating: 0, count: 8192), "format", found: "none that is known")
    refused(SigStruct().bytes, "format", found: "a SIGSTRUCT")
    refused(sdk.with(UInt8(ascii: "x"), at: sdk.place(of: Array(".note.sgxmeta".utf8))), "format", found: "an ELF file that no tool has signed")
    refused(windows.with(UInt8(ascii: "x"), at: windows.place(of: Array("sgxmeta".utf8))), "format")
    refused(Array("UNSIZED\0".utf8) + stream.dropFirst(8), "record 0", found: "UNSIZED")
  }

  @Test func headersOfELF() {
    refused(sdk.with(UInt8(1), at: 4), "e_ident[EI_CLASS]", found: "0x1")
    refused(sdk.with(UInt8(2), at: 5), "e_ident[EI_DATA]")
    refused(sdk.with(UInt16(3), at: 18), "e_machine")
    refused(sdk.with(UInt16(2), at: 16), "e_type", found: "0x2")
    refused(sdk.with(UInt16(0), at: 56), "e_phnum", found: "0x0")
    refused(sdk.with(UInt16(0xffff), at: 56), "e_phnum", found: "0xffff")
    refused(sdk.with(UInt64.max - 8, at: 32), "program headers")
    refused(sdk.with(UInt64.max - 8, at: 40), "section headers")
    refused(sdk.with(UInt16(32), at: 58), "e_shentsize")
    refused(sdk.with(UInt16(0xff01), at: 60), "e_shnum")
    refused(sdk.with(UInt16(77), at: 62), "e_shstrndx")
  }

  @Test func segments() {
    let header = 64 + 56
    let name = "program header 1 (PT_LOAD): "
    refused(sdk.with(UInt64.max - 7, at: header + 8), name + "p_offset")
    refused(sdk.with(UInt64(0x1300), at: header + 40).with(UInt64(0x1301), at: header + 32), name + "p_filesz", found: "0x1301")
    refused(sdk.with(UInt64(0), at: header + 40), name + "p_memsz", found: "0x0")
    refused(sdk.with(UInt64(0x800), at: header + 48), name + "p_align", found: "0x800")
    refused(sdk.with(UInt64(0x3000), at: header + 48), name + "p_align", found: "0x3000")
    refused(sdk.with(UInt64.max - 0xfff, at: header + 16), name + "p_vaddr")
    refused(sdk.with(UInt64(1) << 40, at: header + 16), "segment: end in the enclave")
    refused(sdk.with(UInt64(0x5000), at: header + 16), "segment at 0x5000", found: "pages that are added twice")
  }

  @Test func theNote() {
    let name = sdk.place(of: Array("sgx_metadata".utf8))
    refused(sdk.with(UInt32(14), at: name - 12), "note: namesz", found: "0xe")
    refused(sdk.with(UInt32.max, at: name - 8), "note: descsz")
    refused(sdk.with(UInt8(ascii: "x"), at: name), "note: name")
    refused(sdk.with(UInt64(0), at: block), "metadata: magic", found: "0x0")
    #expect(sdk.with(UInt64(0), at: block).refusal()?.allowed == "0x86a80294635d0e4c: the image is not signed")
    #expect(sdk.with(UInt64(1), at: block).refusal()?.allowed == "0x86a80294635d0e4c")
    refused(sdk.with(UInt32(1887), at: block + 16), "metadata: size", found: "0x75f")
    refused(sdk.with(UInt32(0x10000), at: block + 16), "metadata: size")
    refused(sdk.with(UInt32(4), at: block + 12), "metadata: version", found: "4.4")
    var options = ImageOptions()
    options.block = MetadataVersion("2.4")
    refused(sdk, "metadata: version", found: "1.4", options)
  }

  @Test func theBlock() {
    refused(sdk.with(UInt64(0x30000), at: block + 40), "size of the enclave", found: "0x30000")
    refused(sdk.with(UInt64(0x1000), at: block + 40), "size of the enclave")
    refused(sdk.with(UInt64(1) << 57, at: block + 40), "size of the enclave")
    refused(sdk.with(UInt32(0), at: block + 24), "pages of an SSA frame")
    refused(sdk.with(UInt32(0), at: block + 24), at: block + 24)
    var unsigned = sdk
    unsigned.replaceSubrange((block + 64 + 128)..<(block + 64 + 512), with: [UInt8](repeating: 0, count: 384))
    refused(unsigned, "SIGSTRUCT: MODULUS", found: "0")
    refused(sdk.with(UInt32(33), at: block + 1884), "metadata: directory LAYOUT: size")
    refused(sdk.with(UInt32(0), at: block + 1884), "metadata: directory LAYOUT: size", found: "0x0")
    refused(sdk.with(UInt32.max, at: block + 1880), "metadata: directory LAYOUT")
    let patches = block + Int(sdk.load(UInt32.self, at: block + 1872))
    refused(sdk.with(UInt64.max, at: patches), "patch 0: dst")
    refused(sdk.with(UInt32.max, at: patches + 8), "patch 0: src")
  }

  /// Eight entries stand before the group.
  @Test func theLayout() {
    let group = layout + 8 * 32
    refused(sdk.with(UInt64(0x11001), at: layout + 8), "layout: offset in the enclave", found: "0x11001")
    refused(sdk.with(UInt32.max, at: layout + 4), "layout: end in the enclave")
    refused(sdk.with(UInt64(0x103), at: layout + 24), "layout: SECINFO.FLAGS", found: "0x103")
    refused(sdk.with(UInt64(0x303), at: layout + 24), "layout: SECINFO.FLAGS")
    refused(sdk.with(UInt64(0x10203), at: layout + 24), "layout: SECINFO.FLAGS")
    refused(sdk.with(UInt64(0x11000), at: layout + 8), "layout at 0x11000", found: "pages that are added twice")
    refused(sdk.with(UInt16(9), at: group + 2), "layout group 8: entry_count", found: "0x9")
    refused(sdk.with(UInt64(0), at: group + 8), "layout group 8: load_step", found: "0x0")
    // The bomb: 32 bytes that ask for 2^32 repetitions of six entries.
    refused(sdk.with(UInt32.max, at: group + 4), "layout entry 8: entries with repetitions")
    refused(sdk.with(UInt32(1000), at: group + 4).with(UInt64(1) << 62, at: group + 8), "layout: end in the enclave")
    refused(sdk.with(UInt16(0x1009), at: group - 32), "layout group 8: entry_count")
    refused(sdk.with(UInt32(4000), at: layout + 5 * 32 + 16), "layout: content_size of a TCS")
  }

  @Test func openEnclaves() {
    let info = openEnclave.place(of: [0xa8, 0x07, 0, 0, 2, 0, 0, 0])
    refused(openEnclave.with(UInt32(1961), at: info), "oeinfo: size")
    refused(openEnclave.with(UInt32(1), at: info + 4), "oeinfo: enclave type")
    refused(openEnclave.with(UInt64.max / 4096, at: info + 8), "size of the enclave", found: "more than 64 bits hold")
    refused(openEnclave.with(UInt64(0), at: info + 24), "oeinfo: num_tcs", found: "0x0")
    refused(openEnclave.with(UInt64(1) << 40, at: info + 24), "oeinfo: num_tcs")
    refused(openEnclave.with(UInt64(0), at: info + 16), "oeinfo: num_stack_pages")
    refused(openEnclave.with(UInt32(2), at: info + 36), "oeinfo: flags")
    refused(openEnclave.with(UInt64(0x1000), at: 64 + 16), "lowest p_vaddr")
    refused(openEnclave.with(UInt64(0x1000), at: 64 + 16), at: 64 + 16)
    refused(openEnclave.with(UInt64(1) << 63, at: info + 16), at: info + 16)
    let symbol = openEnclave.place(of: [0xfc, 0x6f, 0, 0, 0, 0, 0, 0])
    refused(openEnclave.with(UInt64(0x7ff9), at: symbol), "symbol _enclave_rva: st_value", found: "0x7ff9")
  }

  @Test func streams() {
    refused(Array(stream[..<63]), "record 0", found: "63 bytes")
    refused(Array(stream[..<64]), "pages", found: "0")
    refused(Array(stream[..<100]), "record 1")
    refused(Array(stream[..<(64 + 64 + 64 + 255)]), "record 2: contents")
    refused(stream.with(UInt8(1), at: 63), "ECREATE: bytes 20 to 63")
    refused(stream.with(UInt64(0x11000), at: 12), "size of the enclave")
    refused(stream.with(UInt32(0), at: 8), at: 8)
    refused(stream.with(UInt64(0x1001), at: 64 + 8), "record 1: EADD: offset", found: "0x1001")
    refused(stream.with(UInt64(0x101), at: 64 + 16), "record: SECINFO.FLAGS", found: "0x101")
    refused(stream.with(UInt8(1), at: 64 + 63), "record 1: EADD: bytes 24 to 63")
    refused(stream.with(UInt64(0x1000), at: 128 + 8), "record 2: EEXTEND: offset", found: "0x1000")
    refused(stream.with(UInt64(0x80), at: 128 + 8), "record 2: EEXTEND: offset", found: "0x80")
    refused(stream.with(UInt64(0), at: 128 + 320 + 8), "record 3: EEXTEND: offset", found: "0x0 again")
    refused(stream.with(UInt8(1), at: 128 + 20), "record 2: EEXTEND: bytes 16 to 63")
    refused(Array(stream[..<64]) + stream, "record 1", found: "a second ECREATE")
    refused(Array(stream[..<64]) + Array(stream[128...]), "record 1", found: "EEXTEND")
    refused(stream.with(UInt8(0), at: 64), "record 1", found: "another tag")
    // The page before it is at 0.
    refused(stream.with(UInt64(0), at: 128 + 16 * 320 + 8), "record 18: EADD: offset", found: "0x0")
  }

  @Test func windowsFiles() {
    let meta = windows.place(of: [0x4c, 0x0e, 0x5d, 0x63, 0x94, 0x02, 0xa8, 0x86])
    refused(windows.with(UInt32(0xfff0_0000), at: 60), "e_lfanew")
    refused(windows.with(UInt16(0), at: 0x86), "NumberOfSections")
    refused(windows.with(UInt16(0x107), at: 0x98), "optional header: Magic")
    refused(windows.with(UInt32(17), at: 0x98 + 108), "NumberOfRvaAndSizes")
    refused(windows.with(UInt32.max, at: 0x98 + 60), "SizeOfHeaders")
    refused(windows.with(UInt32(3), at: meta + 8), "sgxmeta: version", found: "1.3")
    refused(windows.with(UInt32(1875), at: meta + 16), "sgxmeta: size", found: "1875")
    refused(windows.with(UInt32.max, at: meta + 16), "sgxmeta: size")
    refused(windows.with(UInt32(0), at: meta + 20), "sgxmeta: threads")
    refused(windows.with(UInt32(0), at: meta + 32), at: meta + 32)
    refused(windows.with(UInt32.max, at: 0x98 + 112), at: 0x98 + 112)
    refused(windows.with(UInt32.max, at: meta + 20), "sgxmeta: threads")
    refused(windows.with(UInt32(0), at: meta + 28), "sgxmeta: NSSA")
    refused(windows.with(UInt8(ascii: "x"), at: windows.place(of: Array("enclave_entry".utf8))), "export names")
    let section = 0x98 + 240
    refused(windows.with(UInt32.max, at: section + 20), "section: PointerToRawData")
    refused(windows.with(UInt32(0x1001), at: section + 12), "segment: offset in the enclave")
    refused(windows.with(UInt32(0x2000), at: section + 40 + 12), "segment at 0x2000", found: "pages that are added twice")
  }

  @Test func versionsInWords() {
    #expect(MetadataVersion("2.4") == MetadataVersion(major: 2, minor: 4))
    for text in ["", "2", "2.", ".4", "2.4.1", "a.b", "-1.2"] { #expect(MetadataVersion(text) == nil, "\(text)") }
  }
}
