/// An exception that a leaf raised instead of running (SDM 3D, exceptions of each leaf).
@frozen public enum CPUFault: Hashable, Sendable {
  /// #UD.
  case invalidOpcode
  /// #GP(0).
  case generalProtection
  /// #PF with P = 1 and the SGX bit (15): the EPCM, not a page table, said no.
  case pageFault(address: EPCAddress, write: Bool)

  /// Vector number as Linux folds it into its return value.
  @inlinable public var vector: UInt32 {
    switch self {
    case .invalidOpcode: 6
    case .generalProtection: 13
    case .pageFault: 14
    }
  }

  /// Error code of a #PF: P, SGX, and W where the leaf writes the page. Zero for the others.
  public var errorCode: UInt32 {
    if case .pageFault(_, let write) = self { return write ? 0x8003 : 0x8001 }
    return 0
  }

  public var name: String {
    switch self {
    case .invalidOpcode: "#UD"
    case .generalProtection: "#GP"
    case .pageFault: "#PF"
    }
  }
}
