import SGXArchitecture

/// A page-sized place in an enclave's range (`struct sgx_encl_page`); it exists whether or not a page of EPC backs it.
public struct VirtSlot: Hashable, Sendable {
  public var type: PageType
  /// Rights that a mapping may have at most (vm_max_prot_bits): those of SECINFO; read and write for a TCS.
  public var maxPermissions: PagePermissions
  public var backing: VirtSlotBacking

  init(secInfo: SecInfo, backing: VirtSlotBacking) {
    type = secInfo.type ?? .reg
    maxPermissions = type == .tcs ? [.read, .write] : secInfo.permissions
    self.backing = backing
  }

  init(type: PageType, maxPermissions: PagePermissions, backing: VirtSlotBacking) {
    self.type = type
    self.maxPermissions = maxPermissions
    self.backing = backing
  }
}
