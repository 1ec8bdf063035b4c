import SGXArchitecture

/// EVERIFYREPORT2 (08H of ENCLU): checks the MAC of a report that a trust domain made (SDM 3D, EVERIFYREPORT2). No profile has the leaf, as
/// nothing here makes such reports: ENCLU refuses it with #GP before it is looked at.
public struct EVERIFYREPORT2: ThreadLeaf {
  public static let name = LeafName.EVERIFYREPORT2
  /// RBX: REPORTMACSTRUCT, 256 bytes.
  public var report: LinearAddress

  public init(report: LinearAddress) { self.report = report }

  public enum Check: UInt8, LeafCheck {
    case alignment = 1
    public var condition: String { "RBX is not 256-byte aligned" }
  }

  public static func exists(on profile: ProcessorProfile) -> Bool { false }
  public var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { (report.rawValue, nil, nil) }

  public func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome {
    .fault(.generalProtection, row: CommonRow.noSuchLeaf)
  }
}
