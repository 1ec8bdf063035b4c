#if canImport(Glibc)
  import Glibc
#endif

/// Bytes that never change once made, so that machines may share them: user pages, images, EPC pages.
public final class ContentBlock: @unchecked Sendable {
  // Unchecked because the memory is written only inside `init`.
  public let base: UnsafeRawPointer
  public let count: Int

  /// From here on a block asks the host for huge pages: measuring an image then misses the TLB 512 times less, which is a tenth of the
  /// time on a machine that is virtual itself.
  private static let largeCount = 4 << 20
  private static let hugePageSize = 2 << 20

  /// Allocates `count` bytes and lets `fill` write them.
  public init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let isLarge = count >= Self.largeCount
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: isLarge ? Self.hugePageSize : 64)
    #if canImport(Glibc)
      if isLarge { madvise(memory.baseAddress!, count, MADV_HUGEPAGE) }
    #endif
    fill(UnsafeMutableRawBufferPointer(rebasing: memory[..<count]))
    base = UnsafeRawPointer(memory.baseAddress!)
    self.count = count
  }

  public convenience init(_ bytes: [UInt8]) {
    self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }

  deinit { base.deallocate() }
}

/// What one page holds, kept as a description as long as nobody writes into it.
@frozen public enum PageContents: Sendable {
  /// Every byte is the same; zero pages are `fill(0)`.
  case fill(UInt8)
  /// The 4096 bytes of `block` from `offset` on; bytes past its end read as zero.
  case bytes(ContentBlock, offset: UInt32)

  public static let zero = PageContents.fill(0)

  /// A page of its own with these bytes; shorter input is padded with zeros.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count <= Int(pageSize), "page-size: a page holds 4096 bytes")
    let block = ContentBlock(count: Int(pageSize)) { memory in
      memory.initializeMemory(as: UInt8.self, repeating: 0)
      memory.copyBytes(from: bytes)
    }
    self = .bytes(block, offset: 0)
  }

  /// Copies `count` bytes from `pageOffset` on to `target`. The caller keeps within the page.
  @inlinable
  public func copy(from pageOffset: Int, count: Int, to target: UnsafeMutableRawPointer) {
    switch self {
    case .fill(let byte):
      target.initializeMemory(as: UInt8.self, repeating: byte, count: count)
    case .bytes(let block, let offset):
      let start = Int(offset) + pageOffset
      let available = min(max(block.count - start, 0), count)
      if available > 0 { target.copyMemory(from: block.base + start, byteCount: available) }
      if available < count {
        (target + available).initializeMemory(as: UInt8.self, repeating: 0, count: count - available)
      }
    }
  }

  /// The page as an array; for places where speed does not matter.
  public func bytes() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Int(pageSize)) { buffer, count in
      copy(from: 0, count: Int(pageSize), to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = Int(pageSize)
    }
  }
}
