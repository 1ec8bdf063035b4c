import SGXArchitecture

/// Neighbouring pages that are added alike: one record whatever their number.
public struct PageRange: Sendable {
  /// Where the first page goes.
  public let offset: EnclaveOffset
  public internal(set) var pageCount: UInt64
  /// SECINFO.FLAGS of every page; the other bytes of SECINFO are zero.
  public let secInfoFlags: UInt64
  public let contents: RangeContents
  public let measured: MeasuredChunks
  public let role: RangeRole
  /// The loader takes these pages out again before EINIT (EREMOVE). They are measured like the others.
  public let isRemovedBeforeInit: Bool

  public var secInfo: SecInfo { SecInfo(flags: secInfoFlags) }
  public var isTCS: Bool { secInfo.type == .tcs }
  public var byteCount: ByteCount { ByteCount(pageCount &* pageSize) }

  /// What page `index` of the range holds. The caller keeps within the range.
  public func page(_ index: UInt64) -> PageContents {
    switch contents {
    case .same(let page): page
    case .consecutive(let block, let offset): .bytes(block, offset: UInt32(UInt64(offset) &+ index &* pageSize))
    }
  }
}

/// What the pages of a range hold.
public enum RangeContents: Sendable {
  /// Every page holds the same; zero pages, filled stacks, a single page.
  case same(PageContents)
  /// Page after page from byte `offset` of the block on; what lies past its end is zero. The block is shorter than 4 GiB.
  case consecutive(ContentBlock, offset: Int)

  static let zero = RangeContents.same(.zero)

  /// Pages filled with a 32-bit number.
  static func filled(with word: UInt32) -> RangeContents {
    let byte = UInt8(truncatingIfNeeded: word)
    if word == UInt32(byte) &* 0x0101_0101 { return .same(.fill(byte)) }
    let block = ContentBlock(count: Int(pageSize)) { memory in
      for index in 0..<memory.count { memory[index] = UInt8(truncatingIfNeeded: word >> (UInt32(index & 3) &* 8)) }
    }
    return .same(.bytes(block, offset: 0))
  }
}

/// Which of a page's sixteen pieces of 256 bytes EEXTEND measures, and in which order.
public enum MeasuredChunks: Hashable, Sendable {
  case none
  /// All sixteen, in ascending order.
  case all
  /// Some, or in another order; only streams of records have such pages.
  case some(ChunkOrder)

  func contains(_ chunk: UInt64) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .some(let order): order.contains(chunk)
    }
  }
}

/// Up to sixteen different chunk numbers in an order, four bits each.
public struct ChunkOrder: Hashable, Sendable {
  private var nibbles: UInt64 = 0
  public private(set) var count = 0

  init() {}

  /// The numbers, in order.
  public var chunks: [Int] { (0..<count).map { self[$0] } }

  /// The n-th of them.
  subscript(n: Int) -> Int { Int(nibbles >> UInt64(n &* 4) & 15) }

  func contains(_ chunk: UInt64) -> Bool {
    for index in 0..<count where nibbles >> UInt64(index &* 4) & 15 == chunk { return true }
    return false
  }

  /// Appends one that is not there yet.
  mutating func append(_ chunk: UInt64) {
    precondition(count < 16 && chunk < 16, "chunk-order: sixteen chunks a page")
    nibbles |= chunk << UInt64(count &* 4)
    count &+= 1
  }

  /// The plain word for it where there is one.
  var measured: MeasuredChunks {
    switch (count, nibbles) {
    case (0, _): .none
    case (16, 0xfedc_ba98_7654_3210): .all
    default: .some(self)
    }
  }
}

/// Where the pages come from, for listings. It has no effect.
public enum RangeRole: String, Hashable, Sendable {
  /// A segment of an ELF file or a section of a PE file.
  case segment
  /// The headers of a PE file.
  case header
  /// The zero page that metadata 1.3 puts behind a segment.
  case padding
  /// An entry of the SDK's layout table.
  case layout
  case relocations, heap, stack, tcs, ssa, tls
  /// A page of a flat image.
  case page
  /// Records of a stream.
  case record
}
