import SGXArchitecture

extension Processor {
  /// True where a thread of the enclave may use the page so: its own, where it was put, of the type, with the rights, and neither
  /// blocked, pending nor modified. What every operand in enclave memory is tested for (SDM 3D, the leaves' Operation).
  func isUsable(
    _ page: PhysPageNumber, at address: LinearAddress, _ rights: PagePermissions, type: PageType = .reg, by secsIndex: UInt32
  ) -> Bool {
    let entry = epcm[page.rawValue]
    return entry.isValid && !entry.isBlocked && !entry.isPending && !entry.isModified && entry.type == type
      && entry.secsIndex == secsIndex && entry.address.rawValue == address.rawValue & ~(pageSize - 1)
      && entry.permissions.isSuperset(of: rights)
  }

  /// Page tables and EPCM together: the page, or the fault at `address`.
  func usablePage(
    at address: LinearAddress, for access: MemoryAccess, rights: PagePermissions? = nil, type: PageType = .reg, by secsIndex: UInt32,
    through tables: some AddressTranslation
  ) -> Result<PhysPageNumber, CPUFault> {
    tables.resolve(address, for: access).flatMap { page in
      isUsable(page, at: address, rights ?? access.right, type: type, by: secsIndex)
        ? .success(page) : .failure(.threadPageFault(address, .epcm(access)))
    }
  }
}
