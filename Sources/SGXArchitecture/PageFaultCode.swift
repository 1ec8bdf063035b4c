/// Error code of a #PF, as EXINFO and the kernel get it (SDM 3A, "Page-Fault Exceptions"; SDM 3D, "Page Faults").
@frozen public struct PageFaultCode: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// P: a translation is there, and something else said no.
  public static let present = PageFaultCode(rawValue: 1 << 0)
  public static let write = PageFaultCode(rawValue: 1 << 1)
  public static let user = PageFaultCode(rawValue: 1 << 2)
  public static let instruction = PageFaultCode(rawValue: 1 << 4)
  public static let protectionKey = PageFaultCode(rawValue: 1 << 5)
  public static let shadowStack = PageFaultCode(rawValue: 1 << 6)
  /// The EPCM, not a page table, said no.
  public static let sgx = PageFaultCode(rawValue: 1 << 15)

  /// What the EPCM answers to a thread of user space: P, U and SGX, with W or I by the access.
  public static func epcm(_ access: MemoryAccess) -> PageFaultCode { [.present, .user, .sgx, access.faultCode] }
}

/// How memory is used.
@frozen public enum MemoryAccess: UInt8, CaseIterable, Sendable {
  case read, write, execute

  /// The right that a page must grant.
  public var right: PagePermissions {
    switch self {
    case .read: .read
    case .write: .write
    case .execute: .execute
    }
  }

  /// The bit that tells of it in the error code of a #PF.
  public var faultCode: PageFaultCode {
    switch self {
    case .read: []
    case .write: .write
    case .execute: .instruction
    }
  }
}
