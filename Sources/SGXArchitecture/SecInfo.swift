/// SECINFO, 64 bytes (SDM 3D, "Security Information"): FLAGS, then 56 reserved bytes.
@frozen public struct SecInfo: Hashable, Sendable {
  public static let size = 64

  /// Bits 2:0 rights, 3 PENDING, 4 MODIFIED, 5 PR, 15:8 page type, the rest reserved.
  public var flags: UInt64
  /// The 56 reserved bytes; zero in every image that a processor accepts.
  public var reserved: Reserved

  @inlinable public init(flags: UInt64, reserved: Reserved = Reserved()) {
    self.flags = flags
    self.reserved = reserved
  }

  @inlinable public init(type: PageType, permissions: PagePermissions = []) {
    self.init(flags: UInt64(type.rawValue) << 8 | UInt64(permissions.rawValue))
  }

  @inlinable public var permissions: PagePermissions { PagePermissions(rawValue: UInt8(flags & 7)) }
  /// The type byte; nil where the manual defines no such type.
  @inlinable public var type: PageType? { PageType(rawValue: UInt8(truncatingIfNeeded: flags >> 8)) }

  public static let pending: UInt64 = 1 << 3
  public static let modified: UInt64 = 1 << 4
  public static let permissionRestriction: UInt64 = 1 << 5
  /// Bits 7:6 and 63:16, reserved by the manual.
  public static let reservedFlags: UInt64 = ~0xff3f

  /// Seven words, so that a SECINFO is passed without touching the heap.
  @frozen public struct Reserved: Hashable, Sendable {
    public var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0, 0, 0, 0) }
    @inlinable public var isZero: Bool {
      words.0 | words.1 | words.2 | words.3 | words.4 | words.5 | words.6 == 0
    }
    /// Sets one of the 56 bytes, numbered from 0 at SECINFO offset 8.
    public mutating func setByte(_ index: Int, to value: UInt8) {
      withUnsafeMutableBytes(of: &words) { $0[index] = value }
    }
    @inlinable public static func == (a: Self, b: Self) -> Bool {
      a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2
        && a.words.3 == b.words.3 && a.words.4 == b.words.4 && a.words.5 == b.words.5
        && a.words.6 == b.words.6
    }
    @inlinable public func hash(into hasher: inout Hasher) {
      hasher.combine(words.0)
      hasher.combine(words.6)
    }
  }
}
