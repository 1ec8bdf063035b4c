/// Bytes in a page of memory or of EPC (SDM 3D, "Enclave Page Cache").
public let pageSize: UInt64 = 4096

/// Bytes measured by one EEXTEND (SDM 3D, EEXTEND, Operation).
public let extendChunkSize: UInt64 = 256

/// Chunks of a page: sixteen EEXTENDs measure it whole.
public let extendChunksPerPage = Int(pageSize / extendChunkSize)

/// Number of a physical page of EPC, counted from the first page of the first section.
@frozen public struct PhysPageNumber: Hashable, Comparable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Address of a byte of EPC in the kernel's own mapping: what ENCLS takes in RCX or in PAGEINFO.SECS.
@frozen public struct EPCAddress: Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Address of an operand in ordinary kernel memory; the leaves test only its alignment.
@frozen public struct KernelAddress: Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  /// A page-aligned address for callers to whom the place does not matter.
  public static let anyPage = KernelAddress(0xffff_8880_0000_0000)
}

/// Address in the linear address space of the enclave's owner, as PAGEINFO.LINADDR holds it.
@frozen public struct LinearAddress: Hashable, Comparable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  /// 48-bit canonical form: bits 63 to 47 are equal.
  @inlinable public var isCanonical: Bool {
    let top = rawValue >> 47
    return top == 0 || top == 0x1_ffff
  }
}

/// Bytes from the enclave's base: the meaning of `offset` in the ADD_PAGES ioctl, never an offset within a page.
@frozen public struct EnclaveOffset: Hashable, Comparable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  @inlinable public var isPageAligned: Bool { rawValue & (pageSize - 1) == 0 }
  /// Index of the page that holds this offset, counted from the enclave's base.
  @inlinable public var pageIndex: UInt64 { rawValue / pageSize }
  @inlinable public init(pageIndex: UInt64) { self.init(pageIndex &* pageSize) }
}

/// Address that user space handed in: nothing is known about it until `UserMemory` has looked.
@frozen public struct UserAddress: Hashable, Comparable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  @inlinable public var isPageAligned: Bool { rawValue & (pageSize - 1) == 0 }
  /// The address `bytes` further on, wrapping at 2^64 as the kernel's unsigned arithmetic does.
  @inlinable public func advanced(wrappingBy bytes: UInt64) -> UserAddress { UserAddress(rawValue &+ bytes) }
}

/// A number of bytes that an interface counts in.
@frozen public struct ByteCount: Hashable, Comparable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
