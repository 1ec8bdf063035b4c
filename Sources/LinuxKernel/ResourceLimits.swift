import SGXArchitecture

/// What a process may have at most (getrlimit(2)).
public struct ResourceLimits: Hashable, Sendable {
  /// RLIMIT_NOFILE: one more than the highest number that a descriptor may have.
  public var openFiles: UInt64 = 1024

  public init() {}
}

/// What the administrator has set for all processes (sysctl(8), vm.*).
public struct MemorySettings: Hashable, Sendable {
  /// vm.mmap_min_addr: below it nobody maps without CAP_SYS_RAWIO (security/commoncap.c, cap_mmap_addr).
  public var lowestAddress = UserAddress(0x1_0000)
  /// vm.max_map_count: with more mappings than this a process gets no other (mm/mmap.c, do_mmap).
  public var mappingsMax: UInt64 = 65530

  public init() {}
}
