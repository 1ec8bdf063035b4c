import SGXArchitecture
import SGXProcessor

/// A page whose place in EPC was taken: where its version is kept, and what lies in the backing store.
public struct EvictedPage: Sendable {
  /// The slot that ELDU will be pointed at. Nil where EWB failed and the page never had one: the real driver then reads through a
  /// null pointer (encl.c, __sgx_encl_eldu).
  public let version: VersionSlot?
  /// True where the slot is taken for this page. Not so after a failed EWB of a page that had been evicted before: then `version`
  /// is slot 0 of the array it had last, which belongs to another page or to none.
  public let ownsVersion: Bool
  /// Ciphertext and PCMD; zeros where nothing was written or where a failed load has wiped it.
  public internal(set) var sealed: SealedPage

  /// EWB succeeded.
  init(version: VersionSlot, sealed: SealedPage) {
    self.version = version
    ownsVersion = true
    self.sealed = sealed
  }

  /// EWB failed: what the page held is gone.
  init(lostWithArray array: UInt32?) {
    version = array.map { VersionSlot(array: $0, index: 0) }
    ownsVersion = false
    sealed = .zero
  }

  /// Nothing can be loaded back.
  public var isLost: Bool { !ownsVersion }
}

/// One of the 512 places for a version in a version array of an enclave.
public struct VersionSlot: Hashable, Sendable {
  /// Number of the array in its enclave's list.
  public let array: UInt32
  /// 0 to 511.
  public let index: UInt16
}
