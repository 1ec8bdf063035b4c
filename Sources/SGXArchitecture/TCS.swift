/// Offsets of the TCS (SDM 3D, "Thread Control Structure").
public enum TCS {
  public static let state = 0
  public static let flags = 8
  public static let ossa = 16
  public static let cssa = 24
  public static let nssa = 28
  public static let oentry = 32
  public static let aep = 40
  public static let ofsBase = 48
  public static let ogsBase = 56
  public static let fsLimit = 64
  public static let gsLimit = 68
  /// OCETSSA, software's to fill on a processor with CET.
  public static let ocetSSA = 72
  /// PREVSSP, which the processor writes; zero in every page that EADD takes.
  public static let prevSSP = 80
  /// First reserved byte on a processor without CET.
  public static let reserved = ocetSSA
  /// First reserved byte on a processor with CET.
  public static let reservedWithCET = 88

  /// FLAGS.DBGOPTIN, which EADD clears.
  public static let dbgOptIn: UInt64 = 1

  /// A TCS page as a loader makes it. Addresses are offsets from the enclave's base.
  package static func image(
    ossa: UInt64, nssa: UInt32, oentry: UInt64 = 0, flags: UInt64 = 0, fsLimit: UInt32 = 0xffff_ffff,
    gsLimit: UInt32 = 0xffff_ffff
  ) -> [UInt8] {
    var image = [UInt8](repeating: 0, count: Int(pageSize))
    image.store(flags, at: Self.flags)
    image.store(ossa, at: Self.ossa)
    image.store(nssa, at: Self.nssa)
    image.store(oentry, at: Self.oentry)
    image.store(fsLimit, at: Self.fsLimit)
    image.store(gsLimit, at: Self.gsLimit)
    return image
  }
}
