extension DriverBehaviour {
  /// Behaviours of open, CREATE, ADD_PAGES and the allocator of EPC.
  static let loading: [DriverBehaviour] = [
    DriverBehaviour(
      \.hasDeviceDirectory, "hasDeviceDirectory",
      "The devices are /dev/sgx/enclave and /dev/sgx/provision, in a directory of their own.",
      source: "v39 11/24; later flat, driver.c, sgx_dev_enclave",
      v39: .does),
    DriverBehaviour(
      \.updatesSVNAtOpen, "updatesSVNAtOpen",
      "The first user of SGX has EUPDATESVN run at open: EAGAIN after ten times too little entropy, EIO with a warning "
        + "after any other failure.",
      source: "main.c, sgx_inc_usage_count and sgx_update_svn, 6.19",
      since: .release(6, 19)),
    DriverBehaviour(
      \.createValidatesInSoftware, "createValidatesInSoftware",
      "CREATE checks the SECS itself, each violation EINVAL, before any leaf runs.",
      source: "v39 12/24, sgx_validate_secs",
      v39: .does),
    DriverBehaviour(
      \.createChecksSizeIsPowerOfTwo, "createChecksSizeIsPowerOfTwo",
      "CREATE refuses a SECS.SIZE that is no power of two with EINVAL before any leaf runs.",
      source: "ioctl.c, sgx_encl_create, 0d3e0dfd68fb (6.14); recorded in 6.1.192 and 6.12.107",
      since: .release(
        6, 14,
        backPorts: [.init(5, 15, 179), .init(6, 1, 131), .init(6, 6, 83), .init(6, 12, 19), .init(6, 13, 7)])),
    DriverBehaviour(
      \.createReturnsLeafResult, "createReturnsLeafResult",
      "A failed ECREATE is returned raw, a positive number such as 0x4000000D, in place of EIO.",
      source: "v39 12/24, sgx_encl_create",
      v39: .does),
    DriverBehaviour(
      \.createOverwritesAttributesMask, "createOverwritesAttributesMask",
      "CREATE overwrites the attributes that INIT will allow, so a PROVISION made before it is lost.",
      source: "ioctl.c, sgx_encl_create, 5.11; v39 12/24 adds to them",
      since: .release(5, 11), reviewed: false),
    DriverBehaviour(
      \.addChecksSourceAddress, "addChecksSourceAddress",
      "ADD_PAGES asks access_ok of the first source page, EFAULT, ahead of the checks of length and range.",
      source: "v39 13/24, sgx_ioc_enclave_add_pages",
      v39: .does),
    DriverBehaviour(
      \.addZeroLengthIsUninitialised, "addZeroLengthIsUninitialised",
      "ADD_PAGES of no bytes at an offset behind the first page returns an uninitialised value.",
      source: "v39 13/24, sgx_ioc_enclave_add_pages; EINVAL since a4b9c48b9651, before 5.11",
      bug: "K2", v39: .does),
    DriverBehaviour(
      \.rangeCheckWraps, "rangeCheckWraps",
      "The check of offset + length wraps at 2^64, in ADD_PAGES and in the SGX2 ioctls.",
      source: "ioctl.c, sgx_ioc_enclave_add_pages; sgx_validate_offset_length ends it, f0861f49bd94 (6.1)",
      v39: .does, since: .release(5, 11), until: .release(6, 1, backPorts: [.init(5, 15, 81), .init(6, 0, 10)])),
    DriverBehaviour(
      \.refusesUnknownAddFlags, "refusesUnknownAddFlags",
      "ADD_PAGES answers EINVAL to flag bits other than SGX_PAGE_MEASURE, which Linux ignores.",
      source: "ioctl.c, sgx_ioc_enclave_add_pages, v39 to 7.2 ignore them; review R16, R18",
      reviewed: true),
    DriverBehaviour(
      \.capsAddPages, "capsAddPages",
      "ADD_PAGES stops after 1 MiB with 0 and a short count.",
      source: "v39 13/24, SGX_MAX_ADD_PAGES_LENGTH",
      v39: .does),
    DriverBehaviour(
      \.addFailureDestroys, "addFailureDestroys",
      "EIO of ADD_PAGES destroys the enclave: its pages are freed and every later ioctl says EFAULT.",
      source: "v39 13/24, sgx_ioc_enclave_add_pages and sgx_encl_destroy",
      v39: .does),
    DriverBehaviour(
      \.leafFailureDependsOnProcessor, "leafFailureDependsOnProcessor",
      "Which fault of a leaf is silent depends on the processor: #PF with SGX2, #GP without.",
      source: "v39 5/24, encls_failed",
      v39: .does),
    DriverBehaviour(
      \.lowersChildCountAfterFailedExtend, "lowersChildCountAfterFailedExtend",
      "After a failed EEXTEND the child count is lowered again, so the SECS page is not leaked at release.",
      source: "ioctl.c, sgx_encl_add_page, v39 to 7.2 leave secs_child_cnt as it was; review F1",
      bug: "F1", reviewed: true),
    DriverBehaviour(
      \.remembersLostEnclaves, "remembersLostEnclaves",
      "Once a leaf's #PF has shown that an enclave's EPC is gone, every later call on it says EIO at once.",
      source: "no Linux keeps such a note; review R24",
      reviewed: true),
    DriverBehaviour(
      \.allows256Sections, "allows256Sections",
      "Up to 256 EPC sections are used; otherwise 8, and the others are ignored.",
      source: "v39 10/24, SGX_MAX_EPC_SECTIONS; main.c, 5.11",
      v39: .does),
    DriverBehaviour(
      \.allocatesByNode, "allocatesByNode",
      "A page of EPC comes from the caller's node, then from the other nodes in turn; otherwise from the first section "
        + "that has one.",
      source: "main.c, __sgx_alloc_epc_page, 5.13 (901ddbb9ecf5)",
      since: .release(5, 13)),
    DriverBehaviour(
      \.loopsWhereNodeHasNoEPC, "loopsWhereNodeHasNoEPC",
      "The search for a page never ends where the caller's node has no EPC and every other node is full.",
      source: "main.c, __sgx_alloc_epc_page, 5.13; 9c9368440104 ends it (6.12; CVE-2024-49856)",
      bug: "K22", since: .release(5, 13),
      until: .release(
        6, 12,
        backPorts: [.init(5, 15, 168), .init(6, 1, 113), .init(6, 6, 54), .init(6, 10, 13), .init(6, 11, 2)])),
    DriverBehaviour(
      \.leakWarningNamesOnlyTheLeaf, "leakWarningNamesOnlyTheLeaf",
      "The warning of a page that EREMOVE refused does not say that the page is leaked.",
      source: "main.c, sgx_free_epc_page, 5.11; more words since b0c7459be067 (5.13)",
      v39: .likelyDoes, since: .release(5, 11), until: .release(5, 13)),
  ]
}
