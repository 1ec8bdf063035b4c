/// Page types (SDM 3D, "Page Type" table of SECINFO.FLAGS).
@frozen public enum PageType: UInt8, CaseIterable, Sendable {
  case secs = 0, tcs, reg, va, trim, ssFirst, ssRest

  /// Pages that belong to an enclave and count as children of its SECS.
  @inlinable public var isChild: Bool { self != .secs && self != .va }

  /// The manual's spelling, without the PT_ prefix.
  public var name: String {
    switch self {
    case .secs: "SECS"
    case .tcs: "TCS"
    case .reg: "REG"
    case .va: "VA"
    case .trim: "TRIM"
    case .ssFirst: "SS_FIRST"
    case .ssRest: "SS_REST"
    }
  }
}

/// Rights of a page inside its enclave (SDM 3D, SECINFO.FLAGS bits 2:0).
@frozen public struct PagePermissions: OptionSet, Hashable, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let read = PagePermissions(rawValue: 1)
  public static let write = PagePermissions(rawValue: 2)
  public static let execute = PagePermissions(rawValue: 4)

  /// `rwx` with a dash for each right that is missing.
  public var description: String {
    (contains(.read) ? "r" : "-") + (contains(.write) ? "w" : "-") + (contains(.execute) ? "x" : "-")
  }
}
