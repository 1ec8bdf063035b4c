/// An exception that a leaf, or an access of a thread, raised instead of running (SDM 3D, exceptions of each leaf).
@frozen public enum CPUFault: Hashable, Sendable {
  /// #UD.
  case invalidOpcode
  /// #NM.
  case deviceNotAvailable
  /// #GP(0).
  case generalProtection
  /// #PF of a leaf of ENCLS, with P = 1 and the SGX bit (15): the EPCM, not a page table, said no.
  case pageFault(address: EPCAddress, write: Bool)
  /// #PF of a thread of user space, at a linear address, by page table or EPCM.
  case threadPageFault(LinearAddress, PageFaultCode)

  /// Vector number as Linux folds it into its return value.
  @inlinable public var vector: UInt32 {
    switch self {
    case .invalidOpcode: 6
    case .deviceNotAvailable: 7
    case .generalProtection: 13
    case .pageFault, .threadPageFault: 14
    }
  }

  /// Error code of a #PF: P, SGX, and W where the leaf writes the page; a thread's has U too. Zero for the others.
  public var errorCode: UInt32 {
    switch self {
    case .pageFault(_, let write): write ? 0x8003 : 0x8001
    case .threadPageFault(_, let code): code.rawValue
    case .invalidOpcode, .deviceNotAvailable, .generalProtection: 0
    }
  }

  public var name: String {
    switch self {
    case .invalidOpcode: "#UD"
    case .deviceNotAvailable: "#NM"
    case .generalProtection: "#GP"
    case .pageFault, .threadPageFault: "#PF"
    }
  }
}
