/// ATTRIBUTES.FLAGS, the first eight bytes of ATTRIBUTES (SDM 3D, "ATTRIBUTES").
@frozen public struct AttributeFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  /// Set by EINIT alone.
  public static let initialized = AttributeFlags(rawValue: 1 << 0)
  public static let debug = AttributeFlags(rawValue: 1 << 1)
  public static let mode64Bit = AttributeFlags(rawValue: 1 << 2)
  public static let provisionKey = AttributeFlags(rawValue: 1 << 4)
  public static let einitTokenKey = AttributeFlags(rawValue: 1 << 5)
  public static let cet = AttributeFlags(rawValue: 1 << 6)
  /// Key separation and sharing.
  public static let kss = AttributeFlags(rawValue: 1 << 7)
  public static let aexNotify = AttributeFlags(rawValue: 1 << 10)
}

/// XFRM, the second eight bytes of ATTRIBUTES; laid out as XCR0.
@frozen public struct XFRM: Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// x87 and SSE, which every enclave must have.
  public static let legacy = XFRM(rawValue: 3)

  /// Components with their place in the standard (non-compacted) XSAVE area: bit, offset, size in bytes.
  /// The offsets are those CPUID.0DH reports on Intel processors.
  public static let components: [(bit: Int, offset: Int, size: Int)] = [
    (2, 576, 256), (3, 960, 64), (4, 1024, 64), (5, 1088, 64), (6, 1152, 512), (7, 1664, 1024),
    (9, 2688, 8), (17, 2752, 64), (18, 2816, 8192),
  ]

  /// True where XSETBV would accept the value: pairs and triples together, AVX-512 with AVX (SDM 1, "XCR0").
  public var isLegal: Bool {
    let known = Self.components.reduce(UInt64(3)) { $0 | 1 << UInt64($1.bit) }
    guard rawValue & 3 == 3, rawValue & ~known == 0 else { return false }
    let mpx = rawValue >> 3 & 3
    let avx512 = rawValue >> 5 & 7
    let amx = rawValue >> 17 & 3
    guard mpx == 0 || mpx == 3, amx == 0 || amx == 3 else { return false }
    return avx512 == 0 || (avx512 == 7 && rawValue & 4 != 0)
  }

  /// Bytes of the XSAVE area in an SSA frame (SDM 3D, "XSAVE Region").
  public var saveAreaSize: Int {
    var end = 576
    for component in Self.components where rawValue >> UInt64(component.bit) & 1 == 1 {
      if component.offset >= end { end = component.offset + component.size }
    }
    return end
  }
}
