import SGXArchitecture

extension EPCMEntry {
  /// Type, rights and state bits as SECINFO has them, as EWB writes them. BLOCKED has no place there.
  public var secInfo: SecInfo {
    var secInfo = SecInfo(type: type, permissions: permissions)
    if isPending { secInfo.flags |= SecInfo.pending }
    if isModified { secInfo.flags |= SecInfo.modified }
    if isPermissionRestricted { secInfo.flags |= SecInfo.permissionRestriction }
    return secInfo
  }

  /// An entry with everything that `secInfo` says, its state bits included.
  init(type: PageType, secInfo: SecInfo, address: LinearAddress, secsIndex: UInt32) {
    self.init(type: type, permissions: secInfo.permissions, address: address, secsIndex: secsIndex)
    if secInfo.flags & SecInfo.pending != 0 { word |= Self.pendingBit }
    if secInfo.flags & SecInfo.modified != 0 { word |= Self.modifiedBit }
    if secInfo.flags & SecInfo.permissionRestriction != 0 { word |= Self.restrictedBit }
  }
}
