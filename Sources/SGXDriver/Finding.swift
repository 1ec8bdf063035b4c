/// Something the bench found out about the driver version under test, as opposed to a bug of the bench itself.
public enum Finding: Hashable, Sendable {
  /// Here the real driver evicts pages, which this model does not do yet: the run cannot go on truthfully.
  case reclaimNeeded(Reclaim)
  /// A call that the real driver has and this model does not.
  case notModelled(EnclaveIoctl)
  /// A call was restarted more than a thousand times by signals and never ended.
  case endlessRestart
  /// The kernel goes round in a circle and never answers.
  case endlessLoop(Loop)

  public enum Loop: String, Sendable {
    /// The search for a free page, on a node without EPC while every other node is full (`loopsWhereNodeHasNoEPC`).
    case pageSearch
  }

  public enum Reclaim: String, Sendable {
    /// The allocator would evict a batch itself.
    case direct
    /// The background reclaimer would be woken: fewer than 32 pages are free.
    case background
  }

  public var text: String {
    switch self {
    case .reclaimNeeded(.direct):
      "no page of EPC is free: the real driver would now evict pages, and this bench has no reclaimer yet"
    case .reclaimNeeded(.background):
      "fewer than 32 pages of EPC are free: the real driver's ksgxd would now evict pages, and this bench has no reclaimer yet"
    case .notModelled(let ioctl):
      "this bench has no \(String(describing: ioctl)) yet"
    case .endlessLoop(.pageSearch):
      "the search for a free page never ends: the caller's node has no EPC and every other node is full"
    case .endlessRestart:
      "a call was restarted by signals more than 1,000 times"
    }
  }
}
