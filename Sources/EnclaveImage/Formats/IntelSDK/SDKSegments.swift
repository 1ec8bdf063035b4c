import SGXArchitecture

/// The segments, in order, with what metadata 1.3 puts between them: one zero page behind the highest segment so far where its length,
/// rounded up by itself, reaches further than its end (linux-sgx, `loader.cpp`, build_sections).
struct SDKSegments {
  let pads: Bool
  var pages: SegmentPages
  /// The highest so far; one at address 0 does not count.
  private var highest: ProgramHeader?

  init(pads: Bool, pages: SegmentPages) {
    self.pads = pads
    self.pages = pages
  }

  mutating func add(_ segment: ProgramHeader, to builder: inout LoadPlanBuilder) throws(ImageRefusal) {
    if let highest, highest.endAddress.pageEnd < segment.address.pageStart { try pad(highest, to: &builder) }
    if segment.address > highest?.address ?? 0 { highest = segment }
    try pages.add(segment, to: &builder)
  }

  func finish(to builder: inout LoadPlanBuilder) throws(ImageRefusal) {
    if let highest { try pad(highest, to: &builder) }
  }

  private func pad(_ segment: ProgramHeader, to builder: inout LoadPlanBuilder) throws(ImageRefusal) {
    let end = segment.endAddress.pageEnd
    guard pads, end < segment.address.plus(segment.memorySize.pageEnd).pageEnd else { return }
    try builder.add(
      at: end.plus(pages.delta), pages: 1, flags: segment.secInfoFlags, .zero, .all, .padding, origin: segment.origin)
  }
}
