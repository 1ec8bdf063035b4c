/// Who a process is, as far as files ask.
public struct Credentials: Hashable, Sendable {
  /// Effective user number; 0 is root, who has every capability.
  public var user: UInt32
  /// Names of the groups it is in.
  public var groups: [String]

  public init(user: UInt32 = 1000, groups: [String] = ["sgx", "sgx_prv"]) {
    self.user = user
    self.groups = groups
  }

  /// CAP_DAC_OVERRIDE and CAP_SYS_RAWIO among them.
  public var isRoot: Bool { user == 0 }
}
