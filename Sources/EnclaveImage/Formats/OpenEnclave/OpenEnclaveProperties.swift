import SGXArchitecture

/// The section `.oeinfo`: what the signing tool was told, and the SIGSTRUCT (openenclave, `properties.h`).
struct OpenEnclaveProperties {
  static let size: UInt64 = 1960
  static let sigStructOffset: UInt64 = 144
  /// Threads an image may have: each takes four ranges of a plan.
  private static let threadsMax: UInt64 = 1 << 14

  let bytes: ImageBytes
  /// Where the section is in the enclave, and where in the file its header says so.
  let address: UInt64
  let addressOrigin: UInt64
  let heapPages: UInt64
  let stackPages: UInt64
  let threads: UInt64
  let attributes: AttributeFlags
  let sigStruct: SigStruct?

  init(_ elf: ELFFile, _ section: Section) throws(ImageRefusal) {
    let whole = try elf.contents(of: section, "section .oeinfo")
    bytes = try whole.slice(at: 0, count: Self.size, "section .oeinfo")
    address = section.address
    addressOrigin = section.origin.plus(16)
    let size = try bytes.u32(0, "oeinfo: size")
    try bytes.demand(size == Self.size, at: 0, "oeinfo: size", found: size, allowed: "1960")
    let type = try bytes.u32(4, "oeinfo: enclave type")
    try bytes.demand(type == 2, at: 4, "oeinfo: enclave type", found: type, allowed: "2 (SGX)")
    sigStruct = try bytes.signedSigStruct(at: Self.sigStructOffset)
    heapPages = try bytes.u64(8, "oeinfo: num_heap_pages")
    stackPages = try bytes.u64(16, "oeinfo: num_stack_pages")
    threads = try bytes.u64(24, "oeinfo: num_tcs")
    try bytes.demand((1...Self.threadsMax).contains(threads), at: 24, "oeinfo: num_tcs", found: threads, allowed: "1 to \(Self.threadsMax)")
    try bytes.demand(stackPages > 0, at: 16, "oeinfo: num_stack_pages", found: stackPages, allowed: "1 or more")
    let flags = try bytes.u32(36, "oeinfo: flags")
    try bytes.demand(
      flags & 2 == 0, at: 36, "oeinfo: flags", found: flags, allowed: "bit 1 clear: how an image based at address 0 is measured is not known")
    // DEBUG is the loader's to choose, and the bench chooses no.
    let wanted = AttributeFlags(rawValue: try bytes.u64(72, "oeinfo: attributes"))
    attributes = wanted.intersection(.kss).union(.mode64Bit)
  }
}
