import SGXArchitecture

/// EENTER (02H of ENCLU): a thread enters an enclave at its entry point (SDM 3D, EENTER, Operation).
public struct EENTER: ThreadLeaf {
  public static let name = LeafName.EENTER
  /// RBX.
  public var tcs: LinearAddress
  /// RCX: where an asynchronous exit goes on.
  public var aep: LinearAddress

  public init(tcs: LinearAddress, aep: LinearAddress) {
    self.tcs = tcs
    self.aep = aep
  }

  public enum Check: UInt8, LeafCheck {
    case segments = 1, tcsAlignment, tcsNotEPC, aepNotCanonical, tcsInUse, tcsNotUsable, ossaMisaligned, basesMisaligned
    case reservedFlags, notInitialized, otherMode, noFXSR, xfrmNotEnabled, notifyMismatch, noFrameLeft, xsavePage, gprPage
    case entryNotCanonical, baseNotCanonical, active, cetControl, shadowStackPage

    public var condition: String {
      switch self {
      case .noFrameLeft: "CSSA is not below NSSA"
      case .xsavePage: "a page of the frame's XSAVE area cannot be written"
      case .gprPage: "the page of the frame's GPRSGX cannot be written"
      case .entryNotCanonical: "the entry point is not canonical"
      case .baseNotCanonical: "the base of FS or GS is not canonical"
      case .active: "a thread uses the TCS"
      case .cetControl: "CR4.CET is clear in an enclave with CET, or OCETSSA not 16-byte aligned"
      case .shadowStackPage: "the page of the shadow-stack state cannot be used"
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
      guard opened.cssa < opened.nssa else { throw EntryRefusal(Check.noFrameLeft.rawValue) }
      var area = try processor.saveArea(
        opened.cssa, of: opened, through: tables, rows: (Check.xsavePage.rawValue, Check.gprPage.rawValue))
      guard opened.entryPoint.isCanonical else { throw EntryRefusal(Check.entryNotCanonical.rawValue) }
      guard opened.fsBase.isCanonical, opened.gsBase.isCanonical else { throw EntryRefusal(Check.baseNotCanonical.rawValue) }
      guard !opened.isActive else { throw EntryRefusal(Check.active.rawValue) }
      guard opened.suitsCET(cpu.control) else { throw EntryRefusal(Check.cetControl.rawValue) }
      do throws(CPUFault) {
        area.shadowStack = try processor.shadowStackPlace(opened.cssa, of: opened.layout, through: tables)
      } catch {
        throw EntryRefusal(Check.shadowStackPage.rawValue, error)
      }
      processor.start(opened, by: &cpu, saving: area)
      return .done
    } catch {
      return error.outcome
    }
  }
}
