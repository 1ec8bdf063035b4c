/// A frame of the state save area: XSAVE area, padding, MISC area, GPRSGX at the very end (SDM 3D, "State Save Area Frame").
public struct SSAFrame: Hashable, Sendable {
  /// Address of its first byte.
  public let base: LinearAddress
  /// Bytes.
  public let size: UInt64
  public let xfrm: XFRM
  public let miscSelect: MiscSelect

  /// Frame `index` of a thread: BASEADDR + OSSA + index * SSAFRAMESIZE pages, in the wrapping arithmetic of addresses.
  public init(index: UInt32, enclaveBase: LinearAddress, ossa: UInt64, ssaFrameSize: UInt32, xfrm: XFRM, miscSelect: MiscSelect) {
    size = UInt64(ssaFrameSize) * pageSize
    base = LinearAddress(enclaveBase.rawValue &+ ossa &+ UInt64(index) &* size)
    self.xfrm = xfrm
    self.miscSelect = miscSelect
  }

  /// Pages that the XSAVE area touches, at least one.
  public var xsavePages: [LinearAddress] {
    stride(from: 0, to: UInt64(xfrm.saveAreaSize), by: Int(pageSize)).map { LinearAddress(base.rawValue &+ $0) }
  }

  /// Where GPRSGX begins.
  public var gprAddress: LinearAddress { LinearAddress(base.rawValue &+ size &- UInt64(gprAreaSize)) }
  /// The page that ends with GPRSGX.
  public var gprPage: LinearAddress { LinearAddress(gprAddress.rawValue & ~(pageSize - 1)) }

  /// Offset of GPRSGX in its page; EXINFO and CPINFO lie below it.
  public static let gprOffset = Int(pageSize) - gprAreaSize
  public static let exInfoOffset = gprOffset - 16
  public static let cpInfoOffset = gprOffset - 32
}

/// GPRSGX, the last 184 bytes of a frame. The general registers come first, 8 bytes each, in the order of `GeneralRegister`.
public enum GPRField: StructureField {
  case rflags, rip, ursp, urbp, exitInfo, aexNotify, fsBase, gsBase

  public static var structureSize: Int { gprAreaSize }

  public var row: (offset: Int, size: Int, name: String) {
    switch self {
    case .rflags: (128, 8, "RFLAGS")
    case .rip: (136, 8, "RIP")
    case .ursp: (144, 8, "URSP")
    case .urbp: (152, 8, "URBP")
    case .exitInfo: (160, 4, "EXITINFO")
    case .aexNotify: (167, 1, "AEXNOTIFY")
    case .fsBase: (168, 8, "FSBASE")
    case .gsBase: (176, 8, "GSBASE")
    }
  }
}

/// EXINFO, 16 bytes below GPRSGX (SDM 3D, "EXINFO Structure").
public enum EXInfoField: StructureField {
  case maddr, errorCode

  public static var structureSize: Int { 16 }

  public var row: (offset: Int, size: Int, name: String) {
    switch self {
    case .maddr: (0, 8, "MADDR")
    case .errorCode: (8, 4, "ERRCD")
    }
  }
}

/// What XSAVE writes at fixed places, standard format (SDM 1, "XSAVE Area").
public enum XSaveField: StructureField {
  case fcw, fsw, mxcsr, mxcsrMask, xstateBV, xcompBV

  public static var structureSize: Int { 576 }

  public var row: (offset: Int, size: Int, name: String) {
    switch self {
    case .fcw: (0, 2, "FCW")
    case .fsw: (2, 2, "FSW")
    case .mxcsr: (24, 4, "MXCSR")
    case .mxcsrMask: (28, 4, "MXCSR_MASK")
    case .xstateBV: (512, 8, "XSTATE_BV")
    case .xcompBV: (520, 16, "XCOMP_BV")
    }
  }
}
