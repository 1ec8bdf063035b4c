import SGXArchitecture

/// Where the parts of an Open Enclave image go: segments, relocations, heap, threads.
struct OpenEnclaveLayout {
  let imageSize: UInt64
  let relocations: Relocations
  /// Offset of the heap in the enclave.
  let heap: UInt64
  let enclaveSize: UInt64
  /// Pages of thread-local variables, for each thread.
  let tlsPages: UInt64
  let threadVariables: ThreadVariables?
  let zeroThreadVariables: ThreadVariables?

  /// A section of thread-local variables.
  struct ThreadVariables {
    let address: UInt64
    let size: UInt64
    let alignment: UInt64
  }

  /// Pages between the TCS and the thread's data: TCS, two of SSA, a guard.
  static let controlPages: UInt64 = 4

  private let stackPages: UInt64
  private let threads: UInt64

  init(_ elf: ELFFile, _ properties: OpenEnclaveProperties) throws(ImageRefusal) {
    let loads = elf.loads
    guard let lowest = loads.min(by: { $0.address < $1.address }) else {
      throw elf.bytes.refusal(at: 32, "program headers", found: "no PT_LOAD", allowed: "one or more")
    }
    try elf.bytes.demand(lowest.address == 0, at: lowest.origin.plus(16), "lowest p_vaddr", found: lowest.address, allowed: "0")
    imageSize = loads.reduce(UInt64(0)) { max($0, $1.endAddress) }.pageEnd
    relocations = try Relocations(elf)
    threadVariables = try Self.threadVariables(elf, ".tdata")
    zeroThreadVariables = try Self.threadVariables(elf, ".tbss")
    let rounded = [threadVariables, zeroThreadVariables].map { $0.map { $0.size.roundedUp(toMultipleOf: $0.alignment) } ?? 0 }
    tlsPages = rounded.reduce(UInt64(0)) { $0.plus($1) }.pagesNeeded
    heap = imageSize.plus(relocations.wholeSize)
    stackPages = properties.stackPages
    threads = properties.threads
    let threadPages = stackPages.plus(2).plus(tlsPages).plus(5)
    let used = heap.plus(properties.heapPages.bytesOfPages).plus(threads.times(threadPages).bytesOfPages)
    enclaveSize = used.nextPowerOfTwo
    firstThread = heap.plus(properties.heapPages.bytesOfPages)
  }

  private let firstThread: UInt64

  /// Offset of what a thread finds its data by, from its TCS.
  var threadDataFromTCS: UInt64 { tlsPages.plus(Self.controlPages).bytesOfPages }

  /// Adds what belongs to a thread, with guards that are skipped: stack, TCS, two SSA frames, thread data.
  func addThread(_ index: UInt64, entry: UInt64, to builder: inout LoadPlanBuilder, origin: UInt64) throws(ImageRefusal) {
    let size = stackPages.plus(2).plus(tlsPages).plus(5).bytesOfPages
    let stack = firstThread.plus(index.times(size)).plus(pageSize)
    let tcs = stack.plus(stackPages.plus(1).bytesOfPages)
    let stackFill = RangeContents.same(.fill(0xcc))
    try builder.add(at: stack, pages: stackPages, flags: 0x203, stackFill, .all, .stack, origin: origin)
    try builder.add(at: tcs, pages: 1, flags: 0x100, .same(threadControl(tcs, entry: entry)), .all, .tcs, origin: origin)
    try builder.add(at: tcs.plus(pageSize), pages: 2, flags: 0x203, .zero, .all, .ssa, origin: origin)
    try builder.add(
      at: tcs.plus(Self.controlPages.bytesOfPages), pages: tlsPages.plus(1), flags: 0x203, .zero, .all, .tls, origin: origin)
  }

  private func threadControl(_ tcs: UInt64, entry: UInt64) -> PageContents {
    ThreadControl(
      ossa: tcs.plus(pageSize), nssa: 2, oentry: entry, base: tcs.plus(threadDataFromTCS), limit: 0xffff_ffff
    ).page
  }

  private static func threadVariables(_ elf: ELFFile, _ name: StaticString) throws(ImageRefusal) -> ThreadVariables? {
    guard let section = try elf.section(named: name), section.byteCount > 0 else { return nil }
    // The loader takes the alignment of the segment where it begins with the section.
    let segment = elf.programHeaders.first { $0.type == ProgramHeader.tls && $0.address == section.address }
    let isInitialised = section.type != Section.noBits
    let alignment = isInitialised ? segment?.alignment ?? section.alignment : section.alignment
    return ThreadVariables(address: section.address, size: section.byteCount, alignment: max(alignment, 1))
  }

  /// The relocations as the enclave gets them: two sections, one behind the other, and zeros up to whole pages.
  struct Relocations {
    private let parts: [ImageBytes]
    let wholeSize: UInt64

    init(_ elf: ELFFile) throws(ImageRefusal) {
      var parts: [ImageBytes] = []
      if let section = try elf.section(named: ".rela.dyn") { parts.append(try elf.contents(of: section, ".rela.dyn")) }
      if let section = try elf.section(named: ".rela.plt") { parts.append(try elf.contents(of: section, ".rela.plt")) }
      self.parts = parts
      wholeSize = parts.reduce(UInt64(0)) { $0.plus($1.count) }.pageEnd
    }

    /// The bytes; no more than two times the file, as each part lies in it.
    func block() throws(ImageRefusal) -> ContentBlock {
      ContentBlock(parts.flatMap { [UInt8]($0.memory) })
    }
  }
}
