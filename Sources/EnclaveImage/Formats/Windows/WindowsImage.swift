import SGXArchitecture

/// The signed DLL of the Intel SDK for Windows, metadata 1.1 and 1.2, of 32 or 64 bits.
///
/// - PEFile.swift, PERelocations.swift, PEExports.swift, PEThreadTemplate.swift: the file
/// - WindowsMetadata.swift, WindowsLayout.swift: the enclave
enum WindowsImage {
  static func read(_ bytes: ImageBytes) throws(ImageRefusal) -> EnclaveImage {
    let file = try PEFile(bytes)
    guard let section = file.sections.first(where: { $0.isNamed("sgxmeta") }) else {
      throw bytes.refusal(
        at: 0, "format", found: "a PE file that no tool has signed as an enclave", allowed: "one with a section sgxmeta")
    }
    let metadata = try WindowsMetadata(section)
    let loaded = file.sections.filter { !$0.isNamed("sgxmeta") }
    let end = file.sections.reduce(UInt64(0)) { max($0, $1.address.plus($1.memorySize).pageEnd) }
    let template = try PEThreadTemplate(file)
    let layout = WindowsLayout(metadata, end: end, tlsSize: template?.size ?? 0)
    let parameters = EnclaveParameters(
      size: layout.enclaveSize, ssaFrameSize: UInt32(truncatingIfNeeded: metadata.framePages), attributes: metadata.attributes,
      xfrm: metadata.xfrm, miscSelect: metadata.miscSelect)
    var builder = try LoadPlanBuilder(
      bytes, parameters, sizeOrigin: metadata.bytes.start.plus(20), frameOrigin: metadata.bytes.start.plus(32))
    try addHeaders(file, to: &builder)
    let writable = try PERelocations.pages(file)
    for section in loaded {
      var patches: [(UInt64, [UInt8])] = []
      if let template, template.sectionOrigin == section.origin {
        patches = layout.threadTemplate(is64Bit: file.is64Bit, policy: metadata.policy).map { (template.offset.plus($0.0), $0.1) }
      }
      try add(section, patches, writable, to: &builder)
    }
    try builder.add(
      at: layout.heap, pages: layout.heapSize.pagesNeeded, flags: 0x203, .zero, .none, .heap, origin: metadata.bytes.start.plus(40))
    let entry = try PEExports.entry(file)
    for thread in 0..<metadata.threads { try layout.addThread(thread, metadata, entry: entry, to: &builder) }
    return EnclaveImage(
      name: bytes.file, format: .windowsPE, plan: try builder.finish(), sigStruct: metadata.sigStruct)
  }

  /// The headers, read-only, without what signing and checksumming the file changes.
  private static func addHeaders(_ file: PEFile, to builder: inout LoadPlanBuilder) throws(ImageRefusal) {
    let place = file.optionalHeader.plus(60)
    var headers = try file.bytes.array(at: 0, count: file.headersSize, "SizeOfHeaders")
    var cleared = [file.optionalHeader.plus(64)..<file.optionalHeader.plus(68)]
    if let certificates = file.directoryEntry(4) { cleared.append(certificates..<certificates.plus(8)) }
    for range in cleared { for index in range where index < file.headersSize { headers[Int(index)] = 0 } }
    try builder.add(
      at: 0, pages: file.headersSize.pagesNeeded, flags: 0x201, .consecutive(ContentBlock(headers), offset: 0), .all, .header,
      origin: place)
  }

  /// Adds a section: what the file has of it, zeros behind that, and the right to write on pages with relocations.
  private static func add(
    _ section: PESection, _ patches: [(UInt64, [UInt8])], _ writable: PageRuns, to builder: inout LoadPlanBuilder
  ) throws(ImageRefusal) {
    let end = section.address.plus(section.memorySize).pageEnd
    let dataSize = min(section.raw.count, end.minus(section.address))
    var data = try section.raw.array(at: 0, count: dataSize, "section")
    for (offset, bytes) in patches {
      for (index, byte) in bytes.enumerated() where offset.plus(UInt64(index)) < section.memorySize {
        let place = Int(offset.plus(UInt64(index)))
        if place >= data.count { data.append(contentsOf: repeatElement(0, count: place &+ 1 &- data.count)) }
        data[place] = byte
      }
    }
    let contents = ContentBlock(data)
    let start = section.address
    let dataEnd = start.plus(UInt64(data.count)).pageEnd
    var cuts = [start, min(dataEnd, end), end]
    for run in writable.runs(overlapping: start..<max(start, end)) { cuts.append(contentsOf: [run.lowerBound, run.upperBound]) }
    cuts.sort()
    var hint = 0
    for (from, to) in zip(cuts, cuts.dropFirst()) where from < to {
      let flags = section.secInfoFlags | (writable.contains(from, hint: &hint) ? 2 : 0)
      try builder.add(
        at: from, pages: to.minus(from).pagesNeeded, flags: flags,
        from < dataEnd ? .consecutive(contents, offset: Int(from.minus(start))) : .zero, .all, .segment, origin: section.origin)
    }
  }
}
