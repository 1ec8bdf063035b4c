/// The TCS (SDM 3D, "Thread Control Structure"): its fields, and where they are.
public enum TCS {
  public enum Field: StructureField {
    case state, flags, ossa, cssa, nssa, oentry, aep, ofsBase, ogsBase, fsLimit, gsLimit
    /// Software's to fill on a processor with CET; reserved without.
    case ocetSSA
    /// The processor's own on one with CET; zero in every page that EADD takes.
    case prevSSP

    public static var structureSize: Int { Int(pageSize) }

    public var row: (offset: Int, size: Int, name: String) {
      switch self {
      case .state: (0, 8, "STATE")
      case .flags: (8, 8, "FLAGS")
      case .ossa: (16, 8, "OSSA")
      case .cssa: (24, 4, "CSSA")
      case .nssa: (28, 4, "NSSA")
      case .oentry: (32, 8, "OENTRY")
      case .aep: (40, 8, "AEP")
      case .ofsBase: (48, 8, "OFSBASE")
      case .ogsBase: (56, 8, "OGSBASE")
      case .fsLimit: (64, 4, "FSLIMIT")
      case .gsLimit: (68, 4, "GSLIMIT")
      case .ocetSSA: (72, 8, "OCETSSA")
      case .prevSSP: (80, 8, "PREVSSP")
      }
    }
  }

  public static var state: Int { Field.state.offset }
  public static var flags: Int { Field.flags.offset }
  public static var ossa: Int { Field.ossa.offset }
  public static var cssa: Int { Field.cssa.offset }
  public static var nssa: Int { Field.nssa.offset }
  public static var oentry: Int { Field.oentry.offset }
  public static var aep: Int { Field.aep.offset }
  public static var ofsBase: Int { Field.ofsBase.offset }
  public static var ogsBase: Int { Field.ogsBase.offset }
  public static var fsLimit: Int { Field.fsLimit.offset }
  public static var gsLimit: Int { Field.gsLimit.offset }
  public static var ocetSSA: Int { Field.ocetSSA.offset }
  public static var prevSSP: Int { Field.prevSSP.offset }
  /// First reserved byte on a processor without CET.
  public static var reserved: Int { Field.ocetSSA.offset }
  /// First reserved byte on a processor with CET.
  public static var reservedWithCET: Int { Field.prevSSP.range.upperBound }

  /// FLAGS.DBGOPTIN, which EADD clears.
  public static let dbgOptIn: UInt64 = 1
  /// FLAGS.AEXNOTIFY.
  public static let aexNotify: UInt64 = 2
  /// STATE of a TCS that no thread uses, and of one in use; the encoding is a choice, its zero is not.
  public static let inactive: UInt64 = 0
  public static let active: UInt64 = 1

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
