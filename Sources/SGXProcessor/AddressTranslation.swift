import SGXArchitecture

/// What the page tables of the moment say of one page of linear addresses.
@frozen public enum Translation: Hashable, Sendable {
  /// No entry, or one that is not present.
  case none
  /// A page of EPC, with the rights that the entry grants to user space.
  case epc(PhysPageNumber, PagePermissions)
  /// Ordinary memory, which the processor leaves to whoever keeps it.
  case memory(PagePermissions)
}

/// The page tables of a thread, as its kernel has filled them. The processor asks; what follows from an absent page is the kernel's.
public protocol AddressTranslation {
  /// The entry for the page that holds `address`.
  func translation(of address: LinearAddress) -> Translation
}

extension AddressTranslation {
  /// The page of EPC that an operand of ENCLU resolves to; a fault without the SGX bit where page tables say no, with it where the page is
  /// not EPC (SDM 3D, the leaves' Operation: "does not resolve within an EPC").
  func resolve(_ address: LinearAddress, for access: MemoryAccess) -> Result<PhysPageNumber, CPUFault> {
    guard address.isCanonical else { return .failure(.generalProtection) }
    switch translation(of: address) {
    case .none:
      return .failure(.threadPageFault(address, [.user, access.faultCode]))
    case .epc(let page, let rights):
      guard rights.contains(access.right) else { return .failure(.threadPageFault(address, [.present, .user, access.faultCode])) }
      return .success(page)
    case .memory:
      return .failure(.threadPageFault(address, .epcm(access)))
    }
  }
}

extension CPUFault: Error {}
