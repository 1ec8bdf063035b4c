import SGXArchitecture
import Simulation

/// One entry of the EPCM in 12 bytes (SDM 3D, "Enclave Page Cache Map"). All zero is an invalid entry.
@frozen public struct EPCMEntry: Hashable, Sendable {
  // Two halves, because a field of 64 bits would be aligned and the entry grow to 16 bytes.
  @usableFromInline var lowHalf: UInt32
  @usableFromInline var highHalf: UInt32
  /// Index of the SECS record that ENCLAVESECS leads to; for a SECS page, its own.
  public var secsIndex: UInt32

  /// ENCLAVEADDRESS in bits 63:12; state in the rest.
  @inlinable var word: UInt64 {
    get { UInt64(highHalf) << 32 | UInt64(lowHalf) }
    set {
      lowHalf = UInt32(truncatingIfNeeded: newValue)
      highHalf = UInt32(truncatingIfNeeded: newValue >> 32)
    }
  }

  @usableFromInline static let validBit: UInt64 = 1 << 0
  @usableFromInline static let blockedBit: UInt64 = 1 << 4
  @usableFromInline static let pendingBit: UInt64 = 1 << 5
  @usableFromInline static let modifiedBit: UInt64 = 1 << 6
  @usableFromInline static let restrictedBit: UInt64 = 1 << 7

  public static let invalid = EPCMEntry()
  @inlinable init() {
    lowHalf = 0
    highHalf = 0
    secsIndex = 0
  }

  init(type: PageType, permissions: PagePermissions, address: LinearAddress, secsIndex: UInt32) {
    if address.rawValue & (pageSize - 1) != 0 { BenchLaw.broken(.epcmAddress) }
    self.init()
    word = address.rawValue & ~(pageSize - 1) | Self.validBit | UInt64(permissions.rawValue) << 1 | UInt64(type.rawValue) << 8
    self.secsIndex = secsIndex
  }

  @inlinable public var isValid: Bool { word & Self.validBit != 0 }
  @inlinable public var type: PageType { PageType(rawValue: UInt8(word >> 8 & 7)).unsafelyUnwrapped }
  @inlinable public var permissions: PagePermissions { PagePermissions(rawValue: UInt8(word >> 1 & 7)) }
  /// ENCLAVEADDRESS: where in the enclave the page must be used; 0 for SECS and VA.
  @inlinable public var address: LinearAddress { LinearAddress(word & ~(pageSize - 1)) }
  @inlinable public var isBlocked: Bool { word & Self.blockedBit != 0 }
  @inlinable public var isPending: Bool { word & Self.pendingBit != 0 }
  @inlinable public var isModified: Bool { word & Self.modifiedBit != 0 }
  @inlinable public var isPermissionRestricted: Bool { word & Self.restrictedBit != 0 }
  /// True where the page may have to wait for old threads: blocked, restricted or retyped.
  @inlinable public var isStamped: Bool { word & (Self.blockedBit | Self.modifiedBit | Self.restrictedBit) != 0 }
}
