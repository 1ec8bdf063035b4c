/// The sixteen general registers in the order in which an SSA frame holds them (SDM 3D, "GPRSGX Region").
public enum GeneralRegister: Int, CaseIterable, Sendable {
  case rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15

  public var name: String { String(describing: self).uppercased() }
}

/// What a thread has in its registers, as far as an enclave's entries and exits touch it.
public struct ThreadRegisters: Hashable, Sendable {
  private var general = InlineArray<16, UInt64>(repeating: 0)
  public var rip: UInt64 = 0
  /// Bit 1 is always set.
  public var rflags: UInt64 = 2
  public var fsBase: UInt64 = 0
  public var gsBase: UInt64 = 0
  /// The shadow stack's pointer, on a processor with CET.
  public var ssp: UInt64 = 0

  public init() {}

  public subscript(register: GeneralRegister) -> UInt64 {
    get { general[register.rawValue] }
    set { general[register.rawValue] = newValue }
  }

  public static func == (a: Self, b: Self) -> Bool {
    GeneralRegister.allCases.allSatisfy { a[$0] == b[$0] } && a.rip == b.rip && a.rflags == b.rflags && a.fsBase == b.fsBase
      && a.gsBase == b.gsBase && a.ssp == b.ssp
  }

  public func hash(into hasher: inout Hasher) {
    for register in GeneralRegister.allCases { hasher.combine(self[register]) }
    hasher.combine(rip)
    hasher.combine(rflags)
  }
}

/// Bits of RFLAGS that the flows name (SDM 1, "EFLAGS Register").
public enum RFlags {
  public static let carry: UInt64 = 1 << 0
  public static let parity: UInt64 = 1 << 2
  public static let adjust: UInt64 = 1 << 4
  public static let zero: UInt64 = 1 << 6
  public static let sign: UInt64 = 1 << 7
  public static let trap: UInt64 = 1 << 8
  public static let interrupts: UInt64 = 1 << 9
  public static let direction: UInt64 = 1 << 10
  public static let overflow: UInt64 = 1 << 11
  public static let ioPrivilege: UInt64 = 3 << 12
  public static let nested: UInt64 = 1 << 14
  public static let resume: UInt64 = 1 << 16
  public static let alignment: UInt64 = 1 << 18
  public static let identification: UInt64 = 1 << 21
  /// What arithmetic leaves.
  public static let status = carry | parity | adjust | zero | sign | overflow
  /// What ERESUME takes over from a frame whatever the privilege (SDM 3D, ERESUME, Operation).
  public static let resumable = status | direction | nested | alignment | identification | resume
}

/// x87, SSE and what XFRM adds, as XSAVE would write it; the components a thread has not touched are in their initial state.
public struct ExtendedState: Hashable, Sendable {
  public var fcw: UInt16 = 0x37f
  public var fsw: UInt16 = 0
  public var mxcsr: UInt32 = 0x1f80
  /// XINUSE: the components that are not in their initial state.
  public var inUse: UInt64 = 0
  /// The rest of the XSAVE area, header and the three fields above left out; empty while everything is initial.
  public var image: [UInt8] = []

  public init() {}
}
