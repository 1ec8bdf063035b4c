import SGXArchitecture

/// The section `sgxmeta`, versions 1.1 and 1.2 of the SDK for Windows.
struct WindowsMetadata {
  /// Up to the end of the SIGSTRUCT; later tools leave more behind it.
  private static let sizeMin: UInt64 = 1876

  let bytes: ImageBytes
  let threads: UInt64
  let policy: UInt8
  let frames: UInt64
  let framePages: UInt64
  let stackSize: UInt64
  let heapSize: UInt64
  let attributes: AttributeFlags
  let xfrm: XFRM
  let miscSelect: MiscSelect
  let sigStruct: SigStruct?

  init(_ section: PESection) throws(ImageRefusal) {
    bytes = section.raw
    let magic = try bytes.u64(0, "sgxmeta: magic")
    try bytes.demand(magic == SDKMetadata.magic, at: 0, "sgxmeta: magic", found: magic, allowed: SDKMetadata.magic.hex)
    let minor = try bytes.u32(8, "sgxmeta: version")
    let major = try bytes.u32(12, "sgxmeta: version")
    try bytes.demand(
      major == 1 && (minor == 1 || minor == 2), at: 8, "sgxmeta: version", found: "\(major).\(minor)",
      allowed: "1.1 or 1.2; how others are laid out is not known")
    let size = try bytes.u32(16, "sgxmeta: size")
    try bytes.demand(
      size >= Self.sizeMin && size <= bytes.count, at: 16, "sgxmeta: size", found: size,
      allowed: "\(Self.sizeMin) to \(bytes.count), the bytes of the section")
    sigStruct = try bytes.signedSigStruct(at: 68)
    threads = try bytes.u32(20, "sgxmeta: threads")
    // Each thread takes four ranges of a plan.
    try bytes.demand((1...(1 << 14)).contains(threads), at: 20, "sgxmeta: threads", found: threads, allowed: "1 to 16384")
    policy = UInt8(truncatingIfNeeded: try bytes.u32(24, "sgxmeta: tcs policy"))
    frames = try bytes.u32(28, "sgxmeta: NSSA")
    try bytes.demand(frames > 0, at: 28, "sgxmeta: NSSA", found: frames, allowed: "1 or more")
    framePages = try bytes.u32(32, "sgxmeta: pages of an SSA frame")
    stackSize = try bytes.u32(36, "sgxmeta: stack size")
    heapSize = try bytes.u32(40, "sgxmeta: heap size")
    miscSelect = MiscSelect(rawValue: UInt32(truncatingIfNeeded: try bytes.u32(48, "sgxmeta: misc select")))
    attributes = AttributeFlags(rawValue: try bytes.u64(52, "sgxmeta: attributes"))
    xfrm = XFRM(rawValue: try bytes.u64(60, "sgxmeta: xfrm"))
  }
}
