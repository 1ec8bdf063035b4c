#if canImport(Glibc)
  import Glibc
#endif

/// Room for the report that no test can take away, where the process has a limit of memory (`ulimit -v`). It is address space alone: nothing
/// of it is ever touched.
struct MemoryReserve {
  private static let bytes = 32 << 20
  private var place: UnsafeMutableRawPointer?

  /// - Throws: where there is not even so much.
  init() throws(Refusal) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else { return }
    let place = mmap(nil, Self.bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_NORESERVE), -1, 0)
    guard place != MAP_FAILED else { throw Refusal("the system gives no more memory", status: .setUp) }
    self.place = place
  }

  /// The tests are over.
  mutating func giveUp() {
    if let place { munmap(place, Self.bytes) }
    place = nil
  }
}
