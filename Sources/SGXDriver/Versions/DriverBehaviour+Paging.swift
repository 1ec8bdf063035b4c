extension DriverBehaviour {
  /// Behaviours of mappings, page faults, eviction and the SGX2 ioctls.
  static let paging: [DriverBehaviour] = [
    DriverBehaviour(
      \.hasVersionArrays, "hasVersionArrays",
      "Pages have version slots: a version array for each 512, the SECS included.",
      source: "v39 16/24 and ioctl.c, sgx_encl_grow, 5.11; not in v39 13/24",
      since: .release(5, 11)),
    DriverBehaviour(
      \.reclaims, "reclaims",
      "CREATE and ADD_PAGES have pages evicted where none is free, and ksgxd does in the background.",
      source: "v39 16/24 and main.c, sgx_alloc_epc_page, 5.11; not in v39 13/24",
      since: .release(5, 11)),
    DriverBehaviour(
      \.signalDuringReclaimKeepsProgress, "signalDuringReclaimKeepsProgress",
      "A signal found while ADD_PAGES reclaims, with pages added already, ends the call with 0 and count.",
      source: "ioctl.c, sgx_ioc_enclave_add_pages, 5.11 to 7.2 ask for a restart; review F2",
      bug: "F2", reviewed: true),
    DriverBehaviour(
      \.blockAcceptsLostPage, "blockAcceptsLostPage",
      "EBLOCK's code 6, the page is gone, is no failure of the driver and warns of nothing.",
      source: "main.c, sgx_reclaimer_block, 5.11 to 7.2 warn; review F3",
      bug: "F3", reviewed: true),
    DriverBehaviour(
      \.marksLostSlots, "marksLostSlots",
      "A slot whose content is lost says so: SIGBUS, EFAULT or EIO, and no null pointer is read.",
      source: "encl.c, sgx_encl_eldu, 5.11 to 7.2 read it; review F4, F7",
      bug: "F4", reviewed: true),
    DriverBehaviour(
      \.removesFrameAfterFailedEWB, "removesFrameAfterFailedEWB",
      "A page that EWB would not write is EREMOVEd before it is freed, and leaked with its warning where that fails.",
      source: "main.c, sgx_encl_ewb, 5.11 to 7.2 free it as it is; review F7",
      bug: "F7", reviewed: true),
    DriverBehaviour(
      \.keepsSECSAfterFailedWriteback, "keepsSECSAfterFailedWriteback",
      "The SECS is not written out where one of its children failed to be.",
      source: "main.c, sgx_reclaimer_write, 5.11 to 7.2 write it; review F8",
      bug: "F8", reviewed: true),
    DriverBehaviour(
      \.directReclaimGivesUp, "directReclaimGivesUp",
      "Two rounds of direct reclaim that free nothing end with ENOMEM.",
      source: "main.c, sgx_alloc_epc_page, 5.11 to 7.2 go on for ever; review F9",
      bug: "F9", reviewed: true),
    DriverBehaviour(
      \.loadDropsBacking, "loadDropsBacking",
      "After ELDU, done or failed, the page's copy and its PCMD entry are dropped from the backing file.",
      source: "encl.c, __sgx_encl_eldu, 08999b2489b4 (5.17)",
      since: .release(5, 17, backPorts: [.init(5, 15, 29), .init(5, 16, 15)])),
    DriverBehaviour(
      \.hasSGX2Ioctls, "hasSGX2Ioctls",
      "RESTRICT_PERMISSIONS, MODIFY_TYPES and REMOVE_PAGES exist; otherwise ENOTTY.",
      source: "ioctl.c, sgx_ioctl, 6.0",
      since: .release(6, 0)),
    DriverBehaviour(
      \.mapChecksRangeAfterInit, "mapChecksRangeAfterInit",
      "After INIT a mapping must lie inside the enclave: EACCES.",
      source: "encl.c, sgx_encl_may_map, 6.0",
      since: .release(6, 0)),
    DriverBehaviour(
      \.faultBeforeInitIsSIGBUS, "faultBeforeInitIsSIGBUS",
      "A page fault before INIT is SIGBUS.",
      source: "v37 16/24, sgx_encl_load_page",
      v39: .likelyDoes),
    DriverBehaviour(
      \.augmentsOnFault, "augmentsOnFault",
      "A fault on a missing page of an initialised enclave adds it by EAUG, with SGX2; otherwise SIGBUS.",
      source: "encl.c, sgx_encl_eaug_page, 6.0",
      since: .release(6, 0)),
    DriverBehaviour(
      \.augmentLoadsSECS, "augmentLoadsSECS",
      "EAUG loads a SECS that was evicted; otherwise the kernel reads a null pointer.",
      source: "encl.c, sgx_encl_eaug_page, c6c2adcba50c (6.6; CVE-2023-52568); recorded in 6.1.192 and 6.12.107",
      bug: "K21", since: .release(6, 6, backPorts: [.init(6, 1, 56), .init(6, 5, 6)])),
    DriverBehaviour(
      \.augmentRetriesVersionArray, "augmentRetriesVersionArray",
      "EAUG that finds no page for a version array while some can be reclaimed has the access retried; otherwise SIGBUS.",
      source: "encl.c, sgx_encl_eaug_page, 81fa6fd13b5c, in 6.0 itself (rc8)",
      bug: "K18", since: .release(6, 0)),
    DriverBehaviour(
      \.secondFirstTouchRetries, "secondFirstTouchRetries",
      "The loser of two first touches of a page retries; otherwise SIGBUS.",
      source: "encl.c, sgx_encl_eaug_page, 6.0 to 7.2 say SIGBUS; review K24",
      bug: "K24", reviewed: true),
    DriverBehaviour(
      \.mappingHoldsReference, "mappingHoldsReference",
      "Each address space that has mapped an enclave holds a reference to it.",
      source: "encl.c, sgx_encl_mm_add, 2ade0d60939b, in 5.11 itself",
      bug: "K3", since: .release(5, 11)),
    DriverBehaviour(
      \.failedNotifierLeaksReference, "failedNotifierLeaksReference",
      "A mapping whose notifier could not be registered keeps its reference, so the enclave is never released.",
      source: "encl.c, sgx_encl_mm_add, 5.11 to 7.2; review F5",
      bug: "F5", since: .release(5, 11), reviewed: false),
  ]
}
