/// MISCSELECT: extra information saved in an SSA frame (SDM 3D, "SECS.MISCSELECT Field").
@frozen public struct MiscSelect: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let exInfo = MiscSelect(rawValue: 1 << 0)
  public static let cpInfo = MiscSelect(rawValue: 1 << 1)

  /// Bytes of the MISC area. Components stack down from GPRSGX in bit order, so CPINFO alone needs both places.
  public var areaSize: Int { contains(.cpInfo) ? 32 : contains(.exInfo) ? 16 : 0 }
}

/// Bytes of the GPRSGX area that ends an SSA frame (SDM 3D, "GPRSGX Region").
public let gprAreaSize = 184
