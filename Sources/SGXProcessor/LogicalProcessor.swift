import SGXArchitecture

/// A logical processor as far as ENCLU, and whoever schedules threads, see it: registers, control bits, and, in enclave mode, the enclave.
///
/// It is a value: whoever runs threads keeps one for each, and hands it to the processor with every leaf and every access.
public struct LogicalProcessor: Hashable, Sendable {
  public var registers = ThreadRegisters()
  public var extended = ExtendedState()
  public var control: ControlRegisters
  /// CR_ENCLAVE_MODE and what goes with it; nil outside of enclaves.
  public internal(set) var entry: EnclaveEntry?
  /// Translations made since the enclave was entered. Until it is left they are used, whatever became of page tables and EPCM.
  var translations = TranslationCache()

  public init(_ profile: ProcessorProfile) { control = ControlRegisters(profile) }

  /// True in enclave mode. A power cycle throws threads out without telling; `Processor.isInside` knows.
  public var isInEnclave: Bool { entry != nil }
}

/// Bits of CR0 and CR4, and XCR0, that the flows of ENCLU test (SDM 3D, "ENCLU", Operation; EENTER, Operation).
public struct ControlRegisters: Hashable, Sendable {
  /// IA32_EFER.LMA and CS.L: 64-bit code.
  public var is64Bit = true
  /// CR0.TS.
  public var taskSwitched = false
  /// CR0.NE.
  public var numericErrors = true
  /// CR4.OSFXSR.
  public var osFXSR = true
  /// CR4.OSXSAVE.
  public var osXSAVE = true
  /// CR4.CET.
  public var cet: Bool
  public var xcr0: XFRM

  public init(_ profile: ProcessorProfile) {
    cet = profile.hasCET
    xcr0 = profile.xfrm
  }
}

/// What a logical processor keeps while it executes an enclave (SDM 3D, "Enclave Entry and Exit").
public struct EnclaveEntry: Hashable, Sendable {
  /// The thread in its enclave's tracking: CR_ACTIVE_SECS and the epoch of entry.
  public let thread: EnteredThread
  /// CR_ELRANGE.
  public let base: LinearAddress
  public let size: UInt64
  /// CR_TCS_LA and CR_TCS_PA.
  public let tcs: LinearAddress
  public let tcsPage: PhysPageNumber
  /// TCS.AEP of this entry.
  public let aep: LinearAddress
  public let xfrm: XFRM
  public let miscSelect: MiscSelect
  /// CR_DBGOPTIN.
  public let isOptIn: Bool
  /// What EEXIT and AEX restore.
  let outside: OutsideState
  /// CR_XSAVE_PAGE_n, CR_GPR_PA and CR_CET_SAVE_AREA_PA: where the next AEX saves, whatever becomes of page tables.
  var saveArea: SaveArea

  /// True where an address lies in the enclave's range.
  public func contains(_ address: LinearAddress) -> Bool { address.rawValue &- base.rawValue < size }

  /// CSSA as it was when the save area was last looked at: the frame that the next AEX fills.
  public var frameIndex: UInt32 { saveArea.index }
}

/// FS, GS, XCR0, TF and SSP of the thread outside.
struct OutsideState: Hashable, Sendable {
  var fsBase: UInt64
  var gsBase: UInt64
  var xcr0: XFRM
  var hasTrapFlag: Bool
  var ssp: UInt64
}
