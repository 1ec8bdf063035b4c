import Simulation

/// Why a run cannot go on: what the bench found out about the driver version under test, or about itself (`bench`).
public enum Finding: Hashable, Sendable {
  /// The kernel reads through a null pointer, with `encl->lock` held: the machine is as good as dead.
  case nullPointer(NullPointer)
  /// A call that the real driver has and this model does not.
  case notModelled(EnclaveIoctl)
  /// A call was restarted more than a thousand times by signals and never ended.
  case endlessRestart
  /// The kernel goes round in a circle and never answers.
  case endlessLoop(Loop)
  /// Nobody can go on: each waits for a lock that another holds. Who waits for what is `Machine.deadlock`.
  case deadlock
  /// A law that the model keeps by its own construction does not hold: a bug of this bench. Nothing that this run says can be trusted.
  case bench(BenchLaw)

  public enum Loop: String, Sendable {
    /// The search for a free page, on a node without EPC while every other node is full (`loopsWhereNodeHasNoEPC`).
    case pageSearch
    /// Direct reclaim that never frees a page (`directReclaimGivesUp` ends it).
    case directReclaim
    /// An access that faults again and again while nothing brings its page nearer.
    case pageFault
  }

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
    case .endlessLoop(.directReclaim):
      "direct reclaim freed nothing in 3,000 batches and has no limit: the call never ends"
    case .endlessLoop(.pageFault):
      "an access faulted more than 1,000 times and its page is no nearer: the thread spins for ever"
    case .bench(let law):
      "the bench broke its law '\(law.id)': \(law.sentence)"
    case .notModelled(let ioctl):
      "this bench has no \(String(describing: ioctl)) yet"
    case .endlessLoop(.pageSearch):
      "the search for a free page never ends: the caller's node has no EPC and every other node is full"
    case .deadlock:
      "nobody can go on: each waits for a lock that another holds"
    case .endlessRestart:
      "a call was restarted by signals more than 1,000 times"
    }
  }
}
