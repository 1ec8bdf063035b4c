/// What a process may have at most (getrlimit(2)).
package struct ResourceLimits: Hashable, Sendable {
  /// RLIMIT_NOFILE: one more than the highest number that a descriptor may have.
  package var openFiles: UInt64 = 1024

  package init() {}
}
