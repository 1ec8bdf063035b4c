import SGXArchitecture

/// ERESUME (03H of ENCLU): a thread goes on where an asynchronous exit stopped it; or, if the enclave wants to be told, starts at the entry
/// point with the interrupted frame below (SDM 3D, ERESUME, Operation; "AEX-Notify").
public struct ERESUME: ThreadLeaf {
  public static let name = LeafName.ERESUME
  /// RBX.
  public var tcs: LinearAddress
  /// RCX.
  public var aep: LinearAddress

  public init(tcs: LinearAddress, aep: LinearAddress) {
    self.tcs = tcs
    self.aep = aep
  }

  public enum Check: UInt8, LeafCheck {
    case segments = 1, tcsAlignment, tcsNotEPC, aepNotCanonical, tcsInUse, tcsNotUsable, ossaMisaligned, basesMisaligned
    case reservedFlags, notInitialized, otherMode, noFXSR, xfrmNotEnabled, notifyMismatch, noFrameSaved, xsavePage, gprPage
    case noFrameLeft, nextXSAVEPage, nextGPRPage, targetNotCanonical, baseNotCanonical, active, cetControl, shadowStackPage
    case shadowStackState, extendedState

    public var condition: String {
      switch self {
      case .noFrameSaved: "CSSA is 0"
      case .xsavePage: "a page of the saved frame's XSAVE area cannot be used"
      case .gprPage: "the page of the saved frame's GPRSGX cannot be used"
      case .noFrameLeft: "the enclave is to be told, and CSSA is not below NSSA"
      case .nextXSAVEPage: "the enclave is to be told, and a page of the next frame's XSAVE area cannot be written"
      case .nextGPRPage: "the enclave is to be told, and the page of the next frame's GPRSGX cannot be written"
      case .targetNotCanonical: "the address to go on at is not canonical"
      case .baseNotCanonical: "the base of FS or GS is not canonical"
      case .active: "a thread uses the TCS"
      case .cetControl: "CR4.CET is clear in an enclave with CET, or OCETSSA not 16-byte aligned"
      case .shadowStackPage: "the page of the shadow-stack state cannot be used"
      case .shadowStackState: "the saved shadow-stack state is not as an exit leaves it"
      case .extendedState: "XRSTOR refuses the saved XSAVE area"
      case .segments, .tcsAlignment, .tcsNotEPC, .aepNotCanonical, .tcsInUse, .tcsNotUsable, .ossaMisaligned, .basesMisaligned,
        .reservedFlags, .notInitialized, .otherMode, .noFXSR, .xfrmNotEnabled, .notifyMismatch:
        EntryRow(rawValue: rawValue)?.condition ?? ""
      }
    }
  }

  public var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { (tcs.rawValue, aep.rawValue, nil) }
  public var subject: LinearAddress? { tcs }

  public func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome {
    do throws(EntryRefusal) {
      let opened = try OpenedTCS(tcs, aep: aep, processor, cpu, through: tables)
      guard opened.cssa > 0 else { throw EntryRefusal(Check.noFrameSaved.rawValue) }
      let saved = try processor.saveArea(
        opened.cssa - 1, of: opened, through: tables, rows: (Check.xsavePage.rawValue, Check.gprPage.rawValue))
      if opened.flags & TCS.aexNotify != 0, processor.wantsNotice(in: saved) {
        try startTold(opened, &processor, &cpu, through: tables)
      } else {
        try resume(opened, saved, &processor, &cpu, through: tables)
      }
      return .done
    } catch {
      return error.outcome
    }
  }

  /// The enclave starts at its entry point, in the frame above the saved one.
  private func startTold(
    _ opened: borrowing OpenedTCS, _ processor: inout Processor, _ cpu: inout LogicalProcessor, through tables: some AddressTranslation
  ) throws(EntryRefusal) {
    guard opened.cssa < opened.nssa else { throw EntryRefusal(Check.noFrameLeft.rawValue) }
    var next = try processor.saveArea(
      opened.cssa, of: opened, through: tables, rows: (Check.nextXSAVEPage.rawValue, Check.nextGPRPage.rawValue))
    guard opened.entryPoint.isCanonical else { throw EntryRefusal(Check.targetNotCanonical.rawValue) }
    guard opened.fsBase.isCanonical, opened.gsBase.isCanonical else { throw EntryRefusal(Check.baseNotCanonical.rawValue) }
    next.shadowStack = try shadowStack(opened.cssa, of: opened, processor, cpu, through: tables)
    processor.start(opened, by: &cpu, saving: next)
  }

  /// The thread goes on with what its frame says.
  private func resume(
    _ opened: borrowing OpenedTCS, _ saved: SaveArea, _ processor: inout Processor, _ cpu: inout LogicalProcessor,
    through tables: some AddressTranslation
  ) throws(EntryRefusal) {
    var saved = saved
    var registers = processor.savedRegisters(in: saved, current: cpu.registers, isOptIn: opened.isOptIn)
    guard LinearAddress(registers.rip).isCanonical else { throw EntryRefusal(Check.targetNotCanonical.rawValue) }
    guard LinearAddress(registers.fsBase).isCanonical, LinearAddress(registers.gsBase).isCanonical else {
      throw EntryRefusal(Check.baseNotCanonical.rawValue)
    }
    saved.shadowStack = try shadowStack(opened.cssa - 1, of: opened, processor, cpu, through: tables)
    if let place = saved.shadowStack {
      guard let ssp = processor.savedSSP(at: place) else { throw EntryRefusal(Check.shadowStackState.rawValue) }
      if opened.usesShadowStack { registers.ssp = ssp }
    }
    guard let extended = processor.savedExtended(in: saved) else { throw EntryRefusal(Check.extendedState.rawValue) }
    processor.storeOutsideStack(cpu.registers, in: saved)
    processor.enter(opened, by: &cpu, saving: saved, cssa: opened.cssa - 1)
    cpu.registers = registers
    cpu.extended = extended
  }

  /// Rows about STATE and CET, which both ways test alike.
  private func shadowStack(
    _ index: UInt32, of opened: borrowing OpenedTCS, _ processor: borrowing Processor, _ cpu: borrowing LogicalProcessor,
    through tables: some AddressTranslation
  ) throws(EntryRefusal) -> SaveArea.Place? {
    guard !opened.isActive else { throw EntryRefusal(Check.active.rawValue) }
    guard opened.suitsCET(cpu.control) else { throw EntryRefusal(Check.cetControl.rawValue) }
    do throws(CPUFault) {
      return try processor.shadowStackPlace(index, of: opened.layout, through: tables)
    } catch {
      throw EntryRefusal(Check.shadowStackPage.rawValue, error)
    }
  }
}

extension Processor {
  /// SSP of a frame; nil where it is not canonical or 4-byte aligned, or a reserved bit is set, or TRACKER waits while SUPPRESS is set.
  func savedSSP(at place: SaveArea.Place) -> UInt64? {
    let ssp: UInt64 = epc[place.page].load(at: place.offset)
    let state: UInt64 = epc[place.page].load(at: place.offset + 8)
    guard LinearAddress(ssp).isCanonical, ssp & 3 == 0, state & ~3 == 0, state != 3 else { return nil }
    return ssp
  }
}
