import SGXArchitecture

/// An evicted page as ordinary memory holds it: what EWB writes to SRCPGE, PCMD and PAGEINFO.LINADDR, and ELDU and ELDB read.
public struct SealedPage: Sendable {
  /// The 4096 bytes at SRCPGE.
  public var ciphertext: PageContents
  public var pcmd: PCMD
  /// PAGEINFO.LINADDR as EWB left it. Software must give the same to the leaf that loads the page, which asks it again.
  public var linearAddress: LinearAddress
  /// With a SECS travels what the model cannot put into 4096 bytes, such as the running hash. The leaf that loads it believes it only
  /// where it went with the version in the slot and agrees with the decrypted image.
  let hidden: HiddenRecord?

  init(ciphertext: PageContents, pcmd: PCMD, linearAddress: LinearAddress, hidden: HiddenRecord? = nil) {
    self.ciphertext = ciphertext
    self.pcmd = pcmd
    self.linearAddress = linearAddress
    self.hidden = hidden
  }

  /// What a kernel reads back from a place that it has wiped: zeros.
  public static let zero = SealedPage(ciphertext: .zero, pcmd: .zero, linearAddress: LinearAddress(0))

  /// Behind a reference, so that the many pages that are no SECS carry one word.
  final class HiddenRecord: Sendable {
    let record: SECSRecord
    let version: UInt64
    init(_ record: SECSRecord, version: UInt64) {
      self.record = record
      self.version = version
    }
  }
}
