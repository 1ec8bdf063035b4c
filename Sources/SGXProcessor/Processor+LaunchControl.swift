import SGXArchitecture

extension Processor {
  /// What the registers hold at reset: the signer of Intel's launch enclave (SDM 3D, "Launch Control Configuration").
  public static let intelLaunchKeyHash = Digest(words: [
    0xa605_3e05_1270_b7ac, 0x6cfb_e8ba_8b3b_413d, 0xc491_6d99_f2b3_735d, 0xd4f8_c059_09f9_bb3b,
  ])

  /// WRMSR of IA32_SGXLEPUBKEYHASH0 to 3, as the kernel does before EINIT.
  ///
  /// - Returns: #GP(0), with nothing written, where the processor has no flexible launch control; nil when it was done.
  public mutating func writeLaunchKeyHash(_ hash: Digest) -> CPUFault? {
    guard profile.hasFlexibleLaunchControl else { return .generalProtection }
    launchKeyHash = hash
    return nil
  }
}
