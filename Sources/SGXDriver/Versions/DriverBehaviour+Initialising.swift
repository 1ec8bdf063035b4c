extension DriverBehaviour {
  /// Behaviours of INIT and PROVISION.
  static let initialising: [DriverBehaviour] = [
    DriverBehaviour(
      \.initChecksReservedMasks, "initChecksReservedMasks",
      "INIT answers EINVAL to reserved bits that SIGSTRUCT demands under its own masks.",
      source: "ioctl.c, sgx_encl_init, 5.11; the v37 text has no such checks",
      in: .v5_11 ... .v6_19, notKnown: [.v39]),
    DriverBehaviour(
      \.initFaultDestroys, "initFaultDestroys",
      "A fault of EINIT destroys the enclave and INIT says EFAULT, in place of EIO.",
      source: "v37 14/24, sgx_encl_init",
      in: .v39 ... .v39, notKnown: [.v39]),
    DriverBehaviour(
      \.initCachesLaunchKeyHash, "initCachesLaunchKeyHash",
      "The launch key hash is written only where a cache says it changed, and once more after INVALID_EINITTOKEN.",
      source: "v37 14/24, sgx_einit",
      in: .v39 ... .v39, notKnown: [.v39]),
    DriverBehaviour(
      \.keyHashCanFail, "keyHashCanFail",
      "INIT can fail to get a SHA-256 handle for the signer's key: ENOMEM or ENOENT.",
      source: "ioctl.c, sgx_get_key_hash, up to 6.16; a library call since 6.17",
      in: .v39 ... .v6_14, notKnown: [.v39]),
    DriverBehaviour(
      \.knowsAsyncExitNotify, "knowsAsyncExitNotify",
      "Attribute bit 10, ASYNC_EXIT_NOTIFY, is not reserved and needs no provisioning right.",
      source: "sgx.h, SGX_ATTR_UNPRIV_MASK and SGX_ATTR_RESERVED_MASK, 6.2",
      in: .v6_2 ... .v6_19),
  ]
}
