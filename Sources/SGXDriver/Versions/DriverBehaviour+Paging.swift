extension DriverBehaviour {
  /// Behaviours of mappings, page faults, eviction and the SGX2 ioctls.
  static let paging: [DriverBehaviour] = [
    DriverBehaviour(
      \.hasVersionArrays, "hasVersionArrays",
      "Pages have version slots: a version array for each 512, the SECS included.",
      source: "v39 16/24 and ioctl.c, sgx_encl_grow, 5.11; not in v39 13/24",
      in: .v5_11 ... .v6_19),
    DriverBehaviour(
      \.reclaims, "reclaims",
      "CREATE and ADD_PAGES have pages evicted where none is free, and ksgxd does in the background.",
      source: "v39 16/24 and main.c, sgx_alloc_epc_page, 5.11; not in v39 13/24",
      in: .v5_11 ... .v6_19),
    DriverBehaviour(
      \.signalDuringReclaimKeepsProgress, "signalDuringReclaimKeepsProgress",
      "A signal found while ADD_PAGES reclaims, with pages added already, ends the call with 0 and count.",
      source: "ioctl.c, sgx_ioc_enclave_add_pages, 5.11 to 7.2 ask for a restart; review F2",
      reviewed: true, bug: "F2"),
    DriverBehaviour(
      \.blockAcceptsLostPage, "blockAcceptsLostPage",
      "EBLOCK's code 6, the page is gone, is no failure of the driver and warns of nothing.",
      source: "main.c, sgx_reclaimer_block, 5.11 to 7.2 warn; review F3",
      reviewed: true, bug: "F3"),
    DriverBehaviour(
      \.marksLostSlots, "marksLostSlots",
      "A slot whose content is lost says so: SIGBUS, EFAULT or EIO, and no null pointer is read.",
      source: "encl.c, sgx_encl_eldu, 5.11 to 7.2 read it; review F4, F7",
      reviewed: true, bug: "F4"),
    DriverBehaviour(
      \.removesFrameAfterFailedEWB, "removesFrameAfterFailedEWB",
      "A page that EWB would not write is EREMOVEd before it is freed, and leaked with its warning where that fails.",
      source: "main.c, sgx_encl_ewb, 5.11 to 7.2 free it as it is; review F7",
      reviewed: true, bug: "F7"),
    DriverBehaviour(
      \.keepsSECSAfterFailedWriteback, "keepsSECSAfterFailedWriteback",
      "The SECS is not written out where one of its children failed to be.",
      source: "main.c, sgx_reclaimer_write, 5.11 to 7.2 write it; review F8",
      reviewed: true, bug: "F8"),
    DriverBehaviour(
      \.directReclaimGivesUp, "directReclaimGivesUp",
      "Two rounds of direct reclaim that free nothing end with ENOMEM.",
      source: "main.c, sgx_alloc_epc_page, 5.11 to 7.2 go on for ever; review F9",
      reviewed: true, bug: "F9"),
    DriverBehaviour(
      \.loadDropsBacking, "loadDropsBacking",
      "After ELDU, done or failed, the page's copy and its PCMD entry are dropped from the backing file.",
      source: "encl.c, __sgx_encl_eldu, 5.18 (08999b2489b4)",
      in: .v6_0 ... .v6_19),
    DriverBehaviour(
      \.hasPoisonList, "hasPoisonList",
      "A page with a memory error is kept on a list of its own and not handed out again.",
      source: "main.c, arch_memory_failure, 5.16",
      in: .v6_0 ... .v6_19),
    DriverBehaviour(
      \.poisonStopsReclaim, "poisonStopsReclaim",
      "A page in use that has a memory error is taken off the reclaim queue.",
      source: "main.c, arch_memory_failure, 6.16 (ed16618c380c); recorded in 6.1.192 and 6.12.107",
      in: .v6_17 ... .v6_19, also: [.v6_1_192, .v6_12_107], bug: "K23"),
    DriverBehaviour(
      \.hasSGX2Ioctls, "hasSGX2Ioctls",
      "RESTRICT_PERMISSIONS, MODIFY_TYPES and REMOVE_PAGES exist; otherwise ENOTTY.",
      source: "ioctl.c, sgx_ioctl, 6.0",
      in: .v6_0 ... .v6_19),
    DriverBehaviour(
      \.modifyContinuesAtETRACK, "modifyContinuesAtETRACK",
      "MODIFY_TYPES to the type already set goes on with ETRACK, so that a call whose tracking failed can be repeated.",
      source: "ioctl.c, sgx_enclave_modify_types, 6.0 to 7.2 start with EMODT; review F11",
      reviewed: true, bug: "F11"),
    DriverBehaviour(
      \.removeMarksPageFirst, "removeMarksPageFirst",
      "REMOVE_PAGES marks the page before it drops the enclave's lock, and a racing fault retries.",
      source: "ioctl.c, sgx_encl_remove_pages, 6.0 to 7.2 do not; review K25",
      reviewed: true, bug: "K25"),
    DriverBehaviour(
      \.mapChecksRangeAfterInit, "mapChecksRangeAfterInit",
      "After INIT a mapping must lie inside the enclave: EACCES.",
      source: "encl.c, sgx_encl_may_map, 6.0",
      in: .v6_0 ... .v6_19),
    DriverBehaviour(
      \.faultBeforeInitIsSIGBUS, "faultBeforeInitIsSIGBUS",
      "A page fault before INIT is SIGBUS.",
      source: "v37 16/24, sgx_encl_load_page",
      in: .v39 ... .v39, notKnown: [.v39]),
    DriverBehaviour(
      \.faultReturnsWhereEntryExists, "faultReturnsWhereEntryExists",
      "A page fault returns at once where the page-table entry is there already.",
      source: "encl.c, sgx_vma_fault with follow_pfn, 5.11; gone with dc9b7be557ca",
      in: .v5_11 ... .v5_11, bug: "K4", notKnown: [.v39]),
    DriverBehaviour(
      \.augmentsOnFault, "augmentsOnFault",
      "A fault on a missing page of an initialised enclave adds it by EAUG, with SGX2; otherwise SIGBUS.",
      source: "encl.c, sgx_encl_eaug_page, 6.0",
      in: .v6_0 ... .v6_19),
    DriverBehaviour(
      \.augmentLoadsSECS, "augmentLoadsSECS",
      "EAUG loads a SECS that was evicted; otherwise the kernel reads a null pointer.",
      source: "encl.c, sgx_encl_eaug_page, c6c2adcba50c (6.6; CVE-2023-52568); recorded in 6.1.192 and 6.12.107",
      in: .v6_14 ... .v6_19, also: [.v6_1_192, .v6_12_107], bug: "K21"),
    DriverBehaviour(
      \.augmentRetriesVersionArray, "augmentRetriesVersionArray",
      "EAUG that finds no page for a version array while some can be reclaimed has the access retried; otherwise SIGBUS.",
      source: "encl.c, sgx_encl_eaug_page, 81fa6fd13b5c, after 6.0",
      in: .v6_1 ... .v6_19, bug: "K18", notKnown: [.v6_0]),
    DriverBehaviour(
      \.secondFirstTouchRetries, "secondFirstTouchRetries",
      "The loser of two first touches of a page retries; otherwise SIGBUS.",
      source: "encl.c, sgx_encl_eaug_page, 6.0 to 7.2 say SIGBUS; review K24",
      reviewed: true, bug: "K24"),
    DriverBehaviour(
      \.mappingHoldsReference, "mappingHoldsReference",
      "Each address space that has mapped an enclave holds a reference to it.",
      source: "encl.c, sgx_encl_mm_add, 5.12 (2ade0d60939b)",
      in: .v5_13 ... .v6_19, bug: "K3"),
    DriverBehaviour(
      \.failedNotifierLeaksReference, "failedNotifierLeaksReference",
      "A mapping whose notifier could not be registered keeps its reference, so the enclave is never released.",
      source: "encl.c, sgx_encl_mm_add, 5.12 to 7.2; review F5",
      in: .v5_13 ... .v6_19, reviewed: false, bug: "F5"),
    DriverBehaviour(
      \.forkFailureIsReported, "forkFailureIsReported",
      "A fork that cannot register the child says ENOMEM, and the mapping left behind has no page-table entries.",
      source: "encl.c, sgx_vma_open, 5.11 to 7.2 say success; review F6",
      reviewed: true, bug: "F6"),
    DriverBehaviour(
      \.ptraceGivesUp, "ptraceGivesUp",
      "A debugger's access says EAGAIN where a page is being evicted or EPC is tight, in place of a loop.",
      source: "encl.c, sgx_encl_reserve_page, 5.11 to 7.2; review F10",
      reviewed: true, bug: "F10"),
  ]
}
