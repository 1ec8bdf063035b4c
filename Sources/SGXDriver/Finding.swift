/// Something the bench found out about the driver version under test, as opposed to a bug of the bench itself.
public enum Finding: Hashable, Sendable {
  /// The kernel reads through a null pointer, with the enclave's lock held: the machine is as good as dead.
  case nullPointer(NullPointer)
  /// Direct reclaim goes on for ever without freeing a page.
  case endlessReclaim
  /// An access faults again and again, and nothing brings the page nearer.
  case endlessFault
  /// A call that the real driver has and this model does not.
  case notModelled(EnclaveIoctl)
  /// A call was restarted more than a thousand times by signals and never ended.
  case endlessRestart

  /// Where the kernel reads through a null pointer.
  public enum NullPointer: String, Sendable {
    /// A page that could not be written out and had no version slot before is loaded back.
    case loadWithoutVersionArray = "__sgx_encl_eldu"
    /// EAUG with an evicted SECS, before c6c2adcba50c.
    case augmentWithoutSECS = "sgx_encl_eaug_page"
  }

  public var text: String {
    switch self {
    case .nullPointer(.loadWithoutVersionArray):
      "the kernel reads through a null pointer in __sgx_encl_eldu: the page was lost when it was written out, and nothing says so"
    case .nullPointer(.augmentWithoutSECS):
      "the kernel reads through a null pointer in sgx_encl_eaug_page: the SECS is evicted"
    case .endlessReclaim:
      "direct reclaim freed nothing in 3,000 batches and has no limit: the call never ends"
    case .endlessFault:
      "an access faulted more than 1,000 times and its page is no nearer: the thread spins for ever"
    case .notModelled(let ioctl):
      "this bench has no \(String(describing: ioctl)) yet"
    case .endlessRestart:
      "a call was restarted by signals more than 1,000 times"
    }
  }
}
