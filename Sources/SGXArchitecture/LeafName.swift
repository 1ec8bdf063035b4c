/// The instructions whose functions are chosen by EAX; each numbers its leaves from 0 (SDM 3D, "SGX Instruction References").
@frozen public enum SGXInstruction: UInt8, CaseIterable, Sendable {
  /// CPL 0.
  case ENCLS
  /// CPL 3.
  case ENCLU
  /// CPL 0 of a virtual-machine monitor.
  case ENCLV

  /// The manual's spelling.
  public var name: String { String(describing: self) }
}

/// A leaf function of ENCLS, ENCLU or ENCLV. EAX alone does not name one: 2 is EINIT, EENTER and ESETCONTEXT.
///
/// The raw value only tells them apart; `number` is what software puts into EAX.
@frozen public enum LeafName: UInt8, CaseIterable, Sendable {
  case ECREATE, EADD, EINIT, EREMOVE, EDBGRD, EDBGWR, EEXTEND, ELDB, ELDU, EBLOCK, EPA, EWB, ETRACK
  case EAUG, EMODPR, EMODT, ERDINFO, ETRACKC, ELDBC, ELDUC, EUPDATESVN
  case EREPORT, EGETKEY, EENTER, ERESUME, EEXIT, EACCEPT, EMODPE, EACCEPTCOPY, EVERIFYREPORT2, EDECCSSA
  case EDECVIRTCHILD, EINCVIRTCHILD, ESETCONTEXT

  /// The instruction it is a leaf of.
  @inlinable public var instruction: SGXInstruction {
    if rawValue >= Self.EDECVIRTCHILD.rawValue { return .ENCLV }
    return rawValue >= Self.EREPORT.rawValue ? .ENCLU : .ENCLS
  }

  /// EAX (SDM 3D, "ENCLS Leaf Functions", "ENCLU Leaf Functions", "ENCLV Leaf Functions").
  public var number: UInt8 {
    switch instruction {
    case .ENCLS: self == .EUPDATESVN ? 0x18 : rawValue
    case .ENCLU: rawValue - Self.EREPORT.rawValue
    case .ENCLV: rawValue - Self.EDECVIRTCHILD.rawValue
    }
  }

  /// The manual's spelling.
  public var name: String { String(describing: self) }

  /// The leaf spelled so, as in `--inject power@leaf:EADD`.
  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// The leaf that the instruction runs for this EAX; nil where the manual defines none.
  public init?(_ instruction: SGXInstruction, number: UInt8) {
    guard let found = Self.allCases.first(where: { $0.instruction == instruction && $0.number == number }) else { return nil }
    self = found
  }
}
