extension DriverFact {
  /// Facts that no code of this model asks for yet: what they are about is not built. They have no switch. Whoever builds it gives the
  /// fact a property in `DriverVersion`, and moves it to the rows of `DriverBehaviour`.
  public static let unread: [DriverFact] = [
    DriverFact(
      "hasPoisonList",
      "A page with a memory error is kept on a list of its own and not handed out again.",
      source: "main.c, arch_memory_failure, 5.16",
      since: .release(5, 16)),
    DriverFact(
      "poisonStopsReclaim",
      "A page in use that has a memory error is taken off the reclaim queue.",
      source: "main.c, arch_memory_failure, ed16618c380c (6.16); recorded in 6.1.192",
      bug: "K23",
      since: .release(6, 16, backPorts: [.init(6, 1, 142), .init(6, 6, 95), .init(6, 12, 35), .init(6, 15, 4)])),
    DriverFact(
      "modifyContinuesAtETRACK",
      "MODIFY_TYPES to the type already set goes on with ETRACK, so that a call whose tracking failed can be repeated.",
      source: "ioctl.c, sgx_enclave_modify_types, 6.0 to 7.2 start with EMODT; review F11",
      bug: "F11", reviewed: true),
    DriverFact(
      "removeMarksPageFirst",
      "REMOVE_PAGES marks the page before it drops encl->lock, and a racing fault retries.",
      source: "ioctl.c, sgx_encl_remove_pages, 6.0 to 7.2 do not; review K25",
      bug: "K25", reviewed: true),
    DriverFact(
      "faultReturnsWhereEntryExists",
      "A page fault returns at once where the page-table entry is there already.",
      source: "encl.c, sgx_vma_fault with follow_pfn, 5.11; gone with dc9b7be557ca (5.12)",
      bug: "K4", v39: .likelyDoesNot, since: .release(5, 11), until: .release(5, 12)),
    DriverFact(
      "forkFailureIsReported",
      "A fork that cannot register the child says ENOMEM, and the mapping left behind has no page-table entries.",
      source: "encl.c, sgx_vma_open, 5.11 to 7.2 say success; review F6",
      bug: "F6", reviewed: true),
    DriverFact(
      "ptraceGivesUp",
      "A debugger's access says EAGAIN where a page is being evicted or EPC is tight, in place of a loop.",
      source: "encl.c, sgx_encl_reserve_page, 5.11 to 7.2; review F10",
      bug: "F10", reviewed: true),
  ]

  /// The fact spelled so that nothing asks for.
  public static func unread(named name: String) -> DriverFact? { unread.first { $0.name == name } }
}
