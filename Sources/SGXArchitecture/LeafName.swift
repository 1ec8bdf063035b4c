/// ENCLS leaf functions with their number in EAX (SDM 3D, "ENCLS Leaf Functions").
@frozen public enum LeafName: UInt8, CaseIterable, Sendable {
  case ECREATE = 0x00, EADD, EINIT, EREMOVE, EDBGRD, EDBGWR, EEXTEND, ELDB, ELDU, EBLOCK, EPA, EWB, ETRACK
  case EAUG, EMODPR, EMODT, ERDINFO, ETRACKC, ELDBC, ELDUC
  case EUPDATESVN = 0x18

  /// The manual's spelling.
  public var name: String { String(describing: self) }

  /// The leaf spelled so, as in `--inject power@leaf:EADD`.
  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}
