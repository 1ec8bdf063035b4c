extension DriverBehaviour {
  /// Behaviours of INIT and PROVISION.
  static let initialising: [DriverBehaviour] = [
    DriverBehaviour(
      \.initChecksReservedMasks, "initChecksReservedMasks",
      "INIT answers EINVAL to reserved bits that SIGSTRUCT demands under its own masks.",
      source: "ioctl.c, sgx_encl_init, 5.11; the v37 text has no such checks",
      v39: .likelyDoesNot, since: .release(5, 11)),
    DriverBehaviour(
      \.initFaultDestroys, "initFaultDestroys",
      "A fault of EINIT destroys the enclave and INIT says EFAULT, in place of EIO.",
      source: "v37 14/24, sgx_encl_init", v39: .likelyDoes),
    DriverBehaviour(
      \.initCachesLaunchKeyHash, "initCachesLaunchKeyHash",
      "The launch key hash is written only where a cache says it changed, and once more after INVALID_EINITTOKEN.",
      source: "v37 14/24, sgx_einit", v39: .likelyDoes),
    DriverBehaviour(
      \.keyHashCanFail, "keyHashCanFail",
      "INIT can fail to get a SHA-256 handle for the signer's key: ENOMEM or ENOENT.",
      source: "ioctl.c, sgx_get_key_hash; a library call since e59236b5a09e (6.16)",
      v39: .likelyDoes, since: .release(5, 11), until: .release(6, 16)),
    DriverBehaviour(
      \.knowsAsyncExitNotify, "knowsAsyncExitNotify",
      "Attribute bit 10, ASYNC_EXIT_NOTIFY, is not reserved and needs no provisioning right.",
      source: "sgx.h, SGX_ATTR_UNPRIV_MASK and SGX_ATTR_RESERVED_MASK, 6.2",
      since: .release(6, 2)),
  ]
}
