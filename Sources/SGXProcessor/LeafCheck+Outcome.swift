import SGXArchitecture

/// What a row answers.
extension LeafCheck {
  /// #GP(0).
  var protection: LeafOutcome { .fault(.generalProtection, row: rawValue) }

  /// #PF at an operand of ENCLS or ENCLV.
  func pageFault(_ address: EPCAddress, write: Bool = false) -> LeafOutcome {
    .fault(.pageFault(address: address, write: write), row: rawValue)
  }

  /// #PF of a thread, said by the EPCM.
  func pageFault(_ address: LinearAddress, _ access: MemoryAccess) -> LeafOutcome {
    .fault(.threadPageFault(address, .epcm(access)), row: rawValue)
  }

  func fault(_ fault: CPUFault) -> LeafOutcome { .fault(fault, row: rawValue) }

  func code(_ code: LeafError) -> LeafOutcome { .code(code, row: rawValue) }
}
