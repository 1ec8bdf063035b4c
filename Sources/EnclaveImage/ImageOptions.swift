/// What a reader may be told beyond the file.
public struct ImageOptions: Hashable, Sendable {
  /// The largest file that is read.
  public var fileSizeMax: UInt64 = 256 << 20
  /// The largest `fileSizeMax`: places in a file are kept in 32 bits.
  public static let fileSizeMaxMax: UInt64 = 2 << 30
  /// Of an image with several blocks of metadata, the one to take; nil for the one that a current runtime takes.
  public var block: MetadataVersion?
  /// Unmeasured zero pages that the loader of the kernel's selftests adds behind an ELF image: 1 from Linux 5.17 on, none before
  /// (tools/testing/selftests/sgx/load.c).
  public var selftestHeapPages: UInt64 = 1

  public init() {}
}

/// Version of a block of the Intel SDK's metadata.
public struct MetadataVersion: Hashable, Comparable, Sendable {
  public let major: UInt32
  public let minor: UInt32

  public init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  /// Reads `2.4`.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = UInt32(parts[0]), let minor = UInt32(parts[1]) else { return nil }
    self.init(major: major, minor: minor)
  }

  public var text: String { "\(major).\(minor)" }

  /// 1, 2 or 3. Ten is added to the major number where the enclave's range is larger than its image.
  public var family: UInt32 { major % 10 }

  public static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
}
