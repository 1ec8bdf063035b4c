import SGXArchitecture

/// What the leaves of SGX2 do to a page that is valid and stays so.
extension EPCMEntry {
  private static let permissionMask: UInt64 = 7 << 1
  private static let typeMask: UInt64 = 7 << 8

  private mutating func set(_ permissions: PagePermissions) {
    word = word & ~Self.permissionMask | UInt64(permissions.rawValue) << 1
  }

  /// EMODPR: rights go, and the enclave has yet to agree.
  mutating func restrict(to permissions: PagePermissions) {
    set(self.permissions.intersection(permissions))
    word |= Self.restrictedBit
  }

  /// EMODT: another type, no rights, and the enclave has yet to agree.
  mutating func retype(to type: PageType) {
    word = word & ~(Self.typeMask | Self.restrictedBit) | UInt64(type.rawValue) << 8 | Self.modifiedBit
    set([])
  }

  /// EACCEPT: the enclave agrees.
  mutating func accept() { word &= ~(Self.pendingBit | Self.modifiedBit | Self.restrictedBit) }

  /// EACCEPTCOPY: the same for a pending page, which gets these rights.
  mutating func accept(with permissions: PagePermissions) {
    set(permissions)
    word &= ~Self.pendingBit
  }

  /// EMODPE: rights come.
  mutating func extend(by permissions: PagePermissions) { set(self.permissions.union(permissions)) }
}
