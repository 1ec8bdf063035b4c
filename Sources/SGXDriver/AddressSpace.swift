import LinuxKernel
import SGXArchitecture

/// A virtual memory area of a process.
public struct Mapping: Sendable {
  public let start: UserAddress
  public let end: UserAddress
  public var protection: PagePermissions
  /// VM_MAYEXEC: cleared where the file came from a noexec mount.
  public var mayExecute: Bool
  public var kind: Kind
  var contents: Contents
  /// Where the mapping began before a piece of it was cut away; `contents` counts from here.
  var origin: UserAddress
  /// Pages written since, by address.
  var written: [UInt64: PageContents] = [:]

  public enum Kind: Hashable, Sendable {
    case anonymous
    /// Maps page frames directly, as enclave mappings do: nothing can be pinned.
    case pageFrames
    /// A mapping of an enclave's file, by the file's place in the driver's table; it holds the file open.
    case enclave(file: Int)
  }

  public enum Contents: Sendable {
    case fill(UInt8)
    /// The block's bytes from `offset` on, and zeros behind them.
    case block(ContentBlock, offset: UInt64 = 0)
    /// The same in each page.
    case everyPage(PageContents)
  }

  public var isEnclave: Bool {
    if case .enclave = kind { return true }
    return false
  }

  func page(at address: UserAddress) -> PageContents {
    if !written.isEmpty, let page = written[address.rawValue & ~(pageSize - 1)] { return page }
    switch contents {
    case .fill(let byte): return .fill(byte)
    case .everyPage(let page): return page
    case .block(let block, let first):
      let distance = first &+ ((address.rawValue & ~(pageSize - 1)) - origin.rawValue)
      guard distance < UInt64(block.count), let offset = UInt32(exactly: distance) else { return .zero }
      return .bytes(block, offset: offset)
    }
  }
}

/// The user half of a process's address space: mappings in ascending order that do not overlap.
///
/// Arguments of system calls live outside all of them, so "nothing is mapped above" can be said of any address.
public struct AddressSpace: Sendable {
  public private(set) var mappings: [Mapping] = []
  /// Entries of enclave mappings; other memory is always there.
  var pageTables = PageTables()
  /// Files of which a mapping or a piece of one has gone, until the driver has looked.
  var unmappedFiles: [Int] = []
  /// A notifier was registered for it before (mm->notifier_subscriptions).
  var hasNotifier = false
  /// Where the next mapping without an address of its own goes.
  private var nextFree = UserAddress(0x7000_0000_0000)

  /// First address that is not user space (48-bit, TASK_SIZE_MAX).
  public static let end = UserAddress(0x7fff_ffff_f000)

  /// Maps `length` bytes and returns their address. What was there before is gone, as with MAP_FIXED.
  /// The caller has checked that address and length are page-aligned and inside user space.
  public mutating func map(
    at address: UserAddress?, length: ByteCount, protection: PagePermissions, mayExecute: Bool = true,
    kind: Mapping.Kind = .anonymous, contents: Mapping.Contents = .fill(0)
  ) -> UserAddress {
    let start = address ?? freeRange(of: length)
    let end = UserAddress(start.rawValue + length.rawValue)
    unmap(start, length)
    let mapping = Mapping(
      start: start, end: end, protection: protection, mayExecute: mayExecute, kind: kind, contents: contents, origin: start)
    mappings.insert(mapping, at: indexAbove(start))
    return start
  }

  /// Whether a range of this length can still be set aside.
  public func hasRoom(for length: ByteCount) -> Bool {
    nextFree < Self.end && length.rawValue < Self.end.rawValue - nextFree.rawValue
  }

  /// Sets a range aside that nothing was mapped in by this means before; a page stays free behind it.
  mutating func freeRange(of length: ByteCount) -> UserAddress {
    let start = nextFree
    nextFree = UserAddress(start.rawValue &+ length.rawValue &+ pageSize)
    return start
  }

  /// Unmaps whatever lies in the range; holes are fine.
  public mutating func unmap(_ start: UserAddress, _ length: ByteCount) {
    let end = UserAddress(start.rawValue + length.rawValue)
    change(start..<end) { _ in nil }
  }

  /// Changes the protection of whatever lies in the range.
  public mutating func protect(_ start: UserAddress, _ length: ByteCount, as protection: PagePermissions) {
    let end = UserAddress(start.rawValue + length.rawValue)
    change(start..<end) { piece in
      var piece = piece
      piece.protection = protection
      return piece
    }
  }

  /// Writes bytes into mapped pages, whatever their protection; for scripts, which play the other threads.
  /// False where a page is not mapped, or is an enclave's; nothing is written then.
  public mutating func write(_ bytes: [UInt8], at address: UserAddress) -> Bool {
    var pieces: [(index: Int, page: UInt64, contents: PageContents)] = []
    var done = 0
    while done < bytes.count {
      let here = address.rawValue + UInt64(done)
      let page = here & ~(pageSize - 1)
      let index = indexAbove(UserAddress(here))
      guard index < mappings.count, mappings[index].start.rawValue <= here, !mappings[index].isEnclave else { return false }
      let size = min(bytes.count - done, Int(pageSize - (here - page)))
      var contents = mappings[index].page(at: UserAddress(page)).bytes()
      let start = Int(here - page)
      contents.replaceSubrange(start..<(start + size), with: bytes[done..<(done + size)])
      pieces.append((index, page, PageContents(contents)))
      done += size
    }
    for piece in pieces { mappings[piece.index].written[piece.page] = piece.contents }
    return true
  }

  /// The mapping that covers an address.
  public func mapping(at address: UserAddress) -> Mapping? {
    let index = indexAbove(address)
    return index < mappings.count && mappings[index].start <= address ? mappings[index] : nil
  }

  /// Calls `body` for the address of each page-table entry of an enclave mapping, in no order.
  public func forEachEntry(_ body: (UserAddress) -> Void) { pageTables.forEach(body) }

  /// True where a mapping holds the file.
  func holds(file: Int) -> Bool { mappings.contains { $0.kind == .enclave(file: file) } }

  /// True where a part of the range maps an enclave.
  public func mapsEnclave(in start: UserAddress, _ length: ByteCount) -> Bool {
    let end = UserAddress(start.rawValue &+ length.rawValue)
    return mappings.contains { $0.isEnclave && $0.start < end && start < $0.end }
  }

  /// Unmaps everything, as the end of a process does.
  mutating func unmapAll() { unmap(UserAddress(0), ByteCount(Self.end.rawValue)) }

  /// Index of the first mapping that ends above the address, or the number of mappings. For the page path, which needs no copy of one.
  func indexAbove(_ address: UserAddress) -> Int {
    var low = 0
    var high = mappings.count
    while low < high {
      let middle = (low + high) / 2
      if mappings[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func change(_ range: Range<UserAddress>, _ body: (Mapping) -> Mapping?) {
    var result: [Mapping] = []
    for mapping in mappings {
      guard mapping.start < range.upperBound, range.lowerBound < mapping.end else {
        result.append(mapping)
        continue
      }
      if mapping.start < range.lowerBound { result.append(mapping.cut(mapping.start, range.lowerBound)) }
      let middle = mapping.cut(max(mapping.start, range.lowerBound), min(mapping.end, range.upperBound))
      if let changed = body(middle) {
        result.append(changed)
      } else if case .enclave(let file) = middle.kind {
        pageTables.remove(middle.start..<middle.end)
        unmappedFiles.append(file)
      }
      if range.upperBound < mapping.end { result.append(mapping.cut(range.upperBound, mapping.end)) }
    }
    mappings = result
  }
}

extension Mapping {
  /// The part of the mapping between two addresses inside it; its bytes stay where they were.
  fileprivate func cut(_ start: UserAddress, _ end: UserAddress) -> Mapping {
    var piece = Mapping(
      start: start, end: end, protection: protection, mayExecute: mayExecute, kind: kind, contents: contents, origin: origin)
    for page in written.keys.sorted() where start.rawValue <= page && page < end.rawValue { piece.written[page] = written[page] }
    return piece
  }
}
