/// A driver: a release and its behaviours. Code asks for a behaviour, never for a release.
///
/// What each release does stands in the rows of DriverBehaviour (its files DriverBehaviour+Loading, +Initialising and +Paging);
/// a property here is the switch. A known bug of a real release is such a switch too. Plain properties, since the page path reads them.
public struct DriverVersion: Hashable, Sendable {
  /// The release whose behaviours these are, but for those that were switched.
  public let release: DriverRelease

  // Open, CREATE, ADD_PAGES, EPC

  /// The devices are /dev/sgx/enclave and /dev/sgx/provision, in a directory of their own. (v39 11/24; later flat, driver.c,
  /// sgx_dev_enclave)
  public var hasDeviceDirectory = false

  /// The first user of SGX has EUPDATESVN run at open: EAGAIN after ten times too little entropy, EIO with a warning after any
  /// other failure. (main.c, sgx_inc_usage_count and sgx_update_svn, 6.19)
  public var updatesSVNAtOpen = false

  /// CREATE checks the SECS itself, each violation EINVAL, before any leaf runs. (v39 12/24, sgx_validate_secs)
  public var createValidatesInSoftware = false

  /// CREATE refuses a SECS.SIZE that is no power of two with EINVAL before any leaf runs. (ioctl.c, sgx_encl_create, 0d3e0dfd68fb
  /// (6.14); recorded in 6.1.192 and 6.12.107)
  public var createChecksSizeIsPowerOfTwo = false

  /// A failed ECREATE is returned raw, a positive number such as 0x4000000D, in place of EIO. (v39 12/24, sgx_encl_create)
  public var createReturnsLeafResult = false

  /// CREATE overwrites the attributes that INIT will allow, so a PROVISION made before it is lost. (ioctl.c, sgx_encl_create,
  /// 5.11; v39 12/24 adds to them)
  public var createOverwritesAttributesMask = false

  /// ADD_PAGES asks access_ok of the first source page, EFAULT, ahead of the checks of length and range. (v39 13/24,
  /// sgx_ioc_enclave_add_pages)
  public var addChecksSourceAddress = false

  /// ADD_PAGES of no bytes at an offset behind the first page returns an uninitialised value. (v39 13/24,
  /// sgx_ioc_enclave_add_pages; EINVAL since a4b9c48b9651, before 5.11)
  public var addZeroLengthIsUninitialised = false

  /// The check of offset + length wraps at 2^64, in ADD_PAGES and in the SGX2 ioctls. (ioctl.c, sgx_ioc_enclave_add_pages;
  /// sgx_validate_offset_length ends it, f0861f49bd94 (6.1))
  public var rangeCheckWraps = false

  /// ADD_PAGES answers EINVAL to flag bits other than SGX_PAGE_MEASURE, which Linux ignores. (ioctl.c, sgx_ioc_enclave_add_pages,
  /// v39 to 7.2 ignore them; review R16, R18)
  public var refusesUnknownAddFlags = false

  /// ADD_PAGES stops after 1 MiB with 0 and a short count. (v39 13/24, SGX_MAX_ADD_PAGES_LENGTH)
  public var capsAddPages = false

  /// EIO of ADD_PAGES destroys the enclave: its pages are freed and every later ioctl says EFAULT. (v39 13/24,
  /// sgx_ioc_enclave_add_pages and sgx_encl_destroy)
  public var addFailureDestroys = false

  /// Which fault of a leaf is silent depends on the processor: #PF with SGX2, #GP without. (v39 5/24, encls_failed)
  public var leafFailureDependsOnProcessor = false

  /// After a failed EEXTEND the child count is lowered again, so the SECS page is not leaked at release. (ioctl.c,
  /// sgx_encl_add_page, v39 to 7.2 leave secs_child_cnt as it was; review F1)
  public var lowersChildCountAfterFailedExtend = false

  /// Once a leaf's #PF has shown that an enclave's EPC is gone, every later call on it says EIO at once. (no Linux keeps such a
  /// note; review R24)
  public var remembersLostEnclaves = false

  /// Up to 256 EPC sections are used; otherwise 8, and the others are ignored. (v39 10/24, SGX_MAX_EPC_SECTIONS; main.c, 5.11)
  public var allows256Sections = false

  /// A page of EPC comes from the caller's node, then from the other nodes in turn; otherwise from the first section that has
  /// one. (main.c, __sgx_alloc_epc_page, 5.13 (901ddbb9ecf5))
  public var allocatesByNode = false

  /// The search for a page never ends where the caller's node has no EPC and every other node is full. (main.c,
  /// __sgx_alloc_epc_page, 5.13; 9c9368440104 ends it (6.12; CVE-2024-49856))
  public var loopsWhereNodeHasNoEPC = false

  /// The warning of a page that EREMOVE refused does not say that the page is leaked. (main.c, sgx_free_epc_page, 5.11; more
  /// words since b0c7459be067 (5.13))
  public var leakWarningNamesOnlyTheLeaf = false

  // INIT

  /// INIT answers EINVAL to reserved bits that SIGSTRUCT demands under its own masks. (ioctl.c, sgx_encl_init, 5.11; the v37 text
  /// has no such checks)
  public var initChecksReservedMasks = false

  /// A fault of EINIT destroys the enclave and INIT says EFAULT, in place of EIO. (v37 14/24, sgx_encl_init)
  public var initFaultDestroys = false

  /// The launch key hash is written only where a cache says it changed, and once more after INVALID_EINITTOKEN. (v37 14/24,
  /// sgx_einit)
  public var initCachesLaunchKeyHash = false

  /// INIT can fail to get a SHA-256 handle for the signer's key: ENOMEM or ENOENT. (ioctl.c, sgx_get_key_hash; a library call
  /// since e59236b5a09e (6.16))
  public var keyHashCanFail = false

  /// Attribute bit 10, ASYNC_EXIT_NOTIFY, is not reserved and needs no provisioning right. (sgx.h, SGX_ATTR_UNPRIV_MASK and
  /// SGX_ATTR_RESERVED_MASK, 6.2)
  public var knowsAsyncExitNotify = false

  // Mapping, page faults, eviction, SGX2

  /// Pages have version slots: a version array for each 512, the SECS included. (v39 16/24 and ioctl.c, sgx_encl_grow, 5.11; not
  /// in v39 13/24)
  public var hasVersionArrays = false

  /// CREATE and ADD_PAGES have pages evicted where none is free, and ksgxd does in the background. (v39 16/24 and main.c,
  /// sgx_alloc_epc_page, 5.11; not in v39 13/24)
  public var reclaims = false

  /// A signal found while ADD_PAGES reclaims, with pages added already, ends the call with 0 and count. (ioctl.c,
  /// sgx_ioc_enclave_add_pages, 5.11 to 7.2 ask for a restart; review F2)
  public var signalDuringReclaimKeepsProgress = false

  /// EBLOCK's code 6, the page is gone, is no failure of the driver and warns of nothing. (main.c, sgx_reclaimer_block, 5.11 to
  /// 7.2 warn; review F3)
  public var blockAcceptsLostPage = false

  /// A slot whose content is lost says so: SIGBUS, EFAULT or EIO, and no null pointer is read. (encl.c, sgx_encl_eldu, 5.11 to
  /// 7.2 read it; review F4, F7)
  public var marksLostSlots = false

  /// A page that EWB would not write is EREMOVEd before it is freed, and leaked with its warning where that fails. (main.c,
  /// sgx_encl_ewb, 5.11 to 7.2 free it as it is; review F7)
  public var removesFrameAfterFailedEWB = false

  /// The SECS is not written out where one of its children failed to be. (main.c, sgx_reclaimer_write, 5.11 to 7.2 write it;
  /// review F8)
  public var keepsSECSAfterFailedWriteback = false

  /// Two rounds of direct reclaim that free nothing end with ENOMEM. (main.c, sgx_alloc_epc_page, 5.11 to 7.2 go on for ever;
  /// review F9)
  public var directReclaimGivesUp = false

  /// After ELDU, done or failed, the page's copy and its PCMD entry are dropped from the backing file. (encl.c, __sgx_encl_eldu,
  /// 08999b2489b4 (5.17))
  public var loadDropsBacking = false

  /// RESTRICT_PERMISSIONS, MODIFY_TYPES and REMOVE_PAGES exist; otherwise ENOTTY. (ioctl.c, sgx_ioctl, 6.0)
  public var hasSGX2Ioctls = false

  /// After INIT a mapping must lie inside the enclave: EACCES. (encl.c, sgx_encl_may_map, 6.0)
  public var mapChecksRangeAfterInit = false

  /// A page fault before INIT is SIGBUS. (v37 16/24, sgx_encl_load_page)
  public var faultBeforeInitIsSIGBUS = false

  /// A fault on a missing page of an initialised enclave adds it by EAUG, with SGX2; otherwise SIGBUS. (encl.c,
  /// sgx_encl_eaug_page, 6.0)
  public var augmentsOnFault = false

  /// EAUG loads a SECS that was evicted; otherwise the kernel reads a null pointer. (encl.c, sgx_encl_eaug_page, c6c2adcba50c
  /// (6.6; CVE-2023-52568); recorded in 6.1.192 and 6.12.107)
  public var augmentLoadsSECS = false

  /// EAUG that finds no page for a version array while some can be reclaimed has the access retried; otherwise SIGBUS. (encl.c,
  /// sgx_encl_eaug_page, 81fa6fd13b5c, in 6.0 itself (rc8))
  public var augmentRetriesVersionArray = false

  /// The loser of two first touches of a page retries; otherwise SIGBUS. (encl.c, sgx_encl_eaug_page, 6.0 to 7.2 say SIGBUS;
  /// review K24)
  public var secondFirstTouchRetries = false

  /// Each address space that has mapped an enclave holds a reference to it. (encl.c, sgx_encl_mm_add, 2ade0d60939b, in 5.11
  /// itself)
  public var mappingHoldsReference = false

  /// A mapping whose notifier could not be registered keeps its reference, so the enclave is never released. (encl.c,
  /// sgx_encl_mm_add, 5.11 to 7.2; review F5)
  public var failedNotifierLeaksReference = false

  /// As the release is. A release newer than all that is known does as the newest known.
  public init(_ release: DriverRelease) {
    self.release = release
    for behaviour in DriverBehaviour.all { self[keyPath: behaviour.path] = behaviour.value(in: release) }
  }
}
