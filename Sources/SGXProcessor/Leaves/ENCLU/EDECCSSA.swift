import SGXArchitecture

/// EDECCSSA (09H of ENCLU): drops the frame below, so that the thread goes on in its place without leaving (SDM 3D, EDECCSSA, Operation).
public struct EDECCSSA: ThreadLeaf {
  public static let name = LeafName.EDECCSSA

  public init() {}

  public enum Check: UInt8, LeafCheck {
    case tcsInUse = 1, noFrame, xsavePage, gprPage, shadowStackPage

    public var condition: String {
      switch self {
      case .tcsInUse: "another leaf uses the TCS"
      case .noFrame: "CSSA is 0"
      case .xsavePage: "a page of the lower frame's XSAVE area cannot be written"
      case .gprPage: "the page of the lower frame's GPRSGX cannot be written"
      case .shadowStackPage: "the page of the lower shadow-stack state cannot be used"
      }
    }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { profile.hasEDECCSSA }
  public var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { (nil, nil, nil) }

  public func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome {
    guard let entry = cpu.entry else { return .fault(.generalProtection, row: CommonRow.outsideEnclave) }
    let tcs = processor.epc[entry.tcsPage]
    let cssa: UInt32 = tcs.load(field: TCS.Field.cssa)
    guard cssa > 0 else { return Check.noFrame.protection }
    let layout = FrameLayout(
      processor.secsRecord(of: processor.epcm[entry.tcsPage.rawValue]), tcs, secsIndex: entry.thread.secsIndex)
    var area: SaveArea
    do throws(FrameFault) {
      area = try processor.saveArea(cssa - 1, of: layout, through: tables)
    } catch {
      switch error {
      case .xsave(let fault): return Check.xsavePage.fault(fault)
      case .gpr(let fault): return Check.gprPage.fault(fault)
      }
    }
    do throws(CPUFault) {
      area.shadowStack = try processor.shadowStackPlace(cssa - 1, of: layout, through: tables)
    } catch {
      return Check.shadowStackPage.fault(error)
    }
    processor.epc[entry.tcsPage].withMutableBytes { $0.store(cssa - 1, field: TCS.Field.cssa) }
    cpu.entry?.saveArea = area
    return .done
  }
}
