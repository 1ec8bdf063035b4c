/// Which of several blocks of metadata a runtime takes.
///
/// A current runtime (SDK 2.18 on) passes over the blocks of 2.x, and takes the highest of the others; without dynamic memory (EDMM) it
/// takes 1.x only. The machines here have it (linux-sgx, `urts_com.h`, get_metadata).
struct SDKBlockChoice {
  let taken: SDKMetadata
  let reason: String

  init(_ blocks: [SDKMetadata], wanted: MetadataVersion?, in file: ImageBytes) throws(ImageRefusal) {
    let names = blocks.map(\.version.text).joined(separator: ", ")
    let place = blocks.first.map(\.bytes.start) ?? 0
    if let wanted {
      guard let block = blocks.first(where: { $0.version == wanted }) else {
        throw file.refusal(at: place, "metadata: version", found: names, allowed: "\(wanted.text), which was asked for")
      }
      taken = block
      reason = "\(wanted.text): asked for"
      return
    }
    func highest(_ families: [UInt32]) -> SDKMetadata? {
      blocks.filter { families.contains($0.version.family) }.max { $0.version < $1.version }
    }
    if let block = highest([1, 3]) {
      taken = block
      let passed = blocks.filter { $0.version.family == 2 }.map(\.version.text).joined(separator: ", ")
      let why = blocks.count == 1 ? "the only one" : "the highest that a current runtime takes"
      reason = "\(block.version.text): \(why)\(passed.isEmpty ? "" : "; it passes over 2.x (\(passed))")"
    } else if let block = highest([2]) {
      taken = block
      reason = "\(block.version.text): the highest; current runtimes take no 2.x at all, those of SDK 2.0 to 2.17 do"
    } else {
      throw file.refusal(at: place, "metadata: version", found: names, allowed: "1.x, 2.x or 3.x, or these with 10 added")
    }
  }
}
