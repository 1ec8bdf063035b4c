import SGXArchitecture

/// The user half of a process's address space: mappings in ascending order that do not overlap.
///
/// Arguments of system calls live outside all of them, so "nothing is mapped above" can be said of any address.
public struct AddressSpace: Sendable {
  private var table = MappingTable()
  /// Mappings of each device's file.
  private var deviceMappings: [Int: Int] = [:]
  /// Entries of device mappings; other memory is always there.
  var pageTables = PageTables()
  /// Files of which a mapping or a piece of one has gone, until the driver has looked.
  private var unmappedFiles: [Int] = []
  /// A notifier was registered for it before (mm->notifier_subscriptions).
  package var hasNotifier = false
  /// Where the next mapping without an address of its own goes.
  private var nextFree = UserAddress(0x7000_0000_0000)

  /// First address that is not user space (48-bit, TASK_SIZE_MAX).
  public static let end = UserAddress(0x7fff_ffff_f000)

  public init() {}

  /// In ascending order.
  public var mappings: [Mapping] { table.all }

  public var mappingCount: Int { table.count }

  /// Mappings that had to make room for others so far: what more of them cost.
  package var mappingsMoved: UInt64 { table.moved }

  /// Maps `length` bytes and returns their address. What was there before is gone, as with MAP_FIXED.
  /// The caller has checked that address and length are page-aligned and inside user space.
  public mutating func map(
    at address: UserAddress?, length: ByteCount, protection: PagePermissions, mayExecute: Bool = true,
    kind: Mapping.Kind = .anonymous, contents: Mapping.Contents = .fill(0)
  ) -> UserAddress {
    let start = address ?? freeRange(of: length)
    let end = UserAddress(start.rawValue + length.rawValue)
    unmap(start, length)
    add(Mapping(start..<end, protection: protection, mayExecute: mayExecute, kind: kind, contents: contents))
    return start
  }

  /// Whether a range of this length can still be set aside.
  public func hasRoom(for length: ByteCount) -> Bool {
    nextFree < Self.end && length.rawValue < Self.end.rawValue - nextFree.rawValue
  }

  /// Sets a range aside that nothing was mapped in by this means before; a page stays free behind it.
  package mutating func freeRange(of length: ByteCount) -> UserAddress {
    let start = nextFree
    nextFree = UserAddress(start.rawValue &+ length.rawValue &+ pageSize)
    return start
  }

  /// Unmaps whatever lies in the range; holes are fine.
  public mutating func unmap(_ start: UserAddress, _ length: ByteCount) {
    change(start..<UserAddress(start.rawValue + length.rawValue)) { _ in nil }
  }

  /// Changes the protection of whatever lies in the range.
  public mutating func protect(_ start: UserAddress, _ length: ByteCount, as protection: PagePermissions) {
    change(start..<UserAddress(start.rawValue + length.rawValue)) { piece in
      var piece = piece
      piece.protection = protection
      return piece
    }
  }

  /// About how much is moved where a range is mapped, unmapped or protected anew, in mappings: those in the range, and for every few pages
  /// that were written in them another.
  public func workToChange(_ start: UserAddress, _ length: ByteCount) -> Int {
    var work = 64
    guard length.rawValue > 0 else { return work }
    table.forEach(in: start..<UserAddress(start.rawValue &+ length.rawValue)) { mapping in
      work += 16 + mapping.written.count * 4
      return true
    }
    return work
  }

  /// About how many bytes of the host it takes: mappings, the blocks behind them, each once, and pages that were written.
  public var bytesKept: Int {
    var bytes = 0
    var blocks: Set<ObjectIdentifier> = []
    for mapping in table.all {
      bytes += 256 + mapping.written.count * (Int(pageSize) + 64)
      if case .block(let block, _) = mapping.contents, blocks.insert(ObjectIdentifier(block)).inserted { bytes += block.count }
    }
    return bytes
  }

  /// Writes bytes into mapped pages, whatever their protection; for scripts, which play the other threads.
  /// False where a page is not mapped, or is a device's; nothing is written then.
  public mutating func write(_ bytes: [UInt8], at address: UserAddress) -> Bool {
    var pieces: [(place: MappingTable.Place, page: UInt64, contents: PageContents)] = []
    var done = 0
    while done < bytes.count {
      let here = address.rawValue + UInt64(done)
      let page = here & ~(pageSize - 1)
      guard let place = table.place(above: UserAddress(here)), table[place].start.rawValue <= here, table[place].file == nil else {
        return false
      }
      let size = min(bytes.count - done, Int(pageSize - (here - page)))
      var contents = table[place].page(at: UserAddress(page)).bytes()
      let start = Int(here - page)
      contents.replaceSubrange(start..<(start + size), with: bytes[done..<(done + size)])
      pieces.append((place, page, PageContents(contents)))
      done += size
    }
    for piece in pieces { table[piece.place].written[piece.page] = piece.contents }
    return true
  }

  /// Reads bytes as the kernel does: nil where a page is not mapped, without any right, or a device's.
  package func read(_ address: UserAddress, count: Int) -> [UInt8]? {
    guard count <= Self.end.rawValue, address.rawValue <= Self.end.rawValue - UInt64(count) else { return nil }
    var bytes: [UInt8] = []
    // How much of it is mapped is seen only on the way.
    bytes.reserveCapacity(min(count, 1 << 20))
    while bytes.count < count {
      let here = UserAddress(address.rawValue + UInt64(bytes.count))
      guard let place = table.place(above: here), table[place].start <= here, table[place].kind == .anonymous,
        !table[place].protection.isEmpty
      else { return nil }
      let offset = Int(here.rawValue % pageSize)
      bytes += table[place].page(at: here).bytes()[offset...].prefix(count - bytes.count)
    }
    return bytes
  }

  /// The mapping that covers an address.
  public func mapping(at address: UserAddress) -> Mapping? {
    guard let place = table.place(above: address), table[place].start <= address else { return nil }
    return table[place]
  }

  /// Looks up the mapping above an address (find_vma), and the page at it; for the page path, which needs no copy of a mapping.
  func pin(_ address: UserAddress) -> PinnedPage {
    guard let place = table.place(above: address) else { return .noMappingAbove }
    guard table[place].mayExecute else { return .mayNotExecute }
    guard table[place].start <= address, table[place].protection.contains(.read), table[place].kind == .anonymous else {
      return .unreadable
    }
    return .page(table[place].page(at: address))
  }

  /// Calls `body` for the address of each page-table entry of a device mapping, in no order.
  public func forEachEntry(_ body: (UserAddress) -> Void) { pageTables.forEach(body) }

  /// True where a mapping holds the file.
  func holds(file: Int) -> Bool { deviceMappings[file] != nil }

  /// True where a part of the range maps a device.
  public func mapsDevice(in start: UserAddress, _ length: ByteCount) -> Bool {
    guard !deviceMappings.isEmpty else { return false }
    var found = false
    table.forEach(in: start..<UserAddress(start.rawValue &+ length.rawValue)) { mapping in
      found = mapping.file != nil
      return !found
    }
    return found
  }

  /// Unmaps everything, as the end of a process does.
  mutating func unmapAll() { unmap(UserAddress(0), ByteCount(Self.end.rawValue)) }

  /// Files of which a mapping has gone since this was last asked, once for each piece.
  package mutating func takeUnmappedFiles() -> [Int] {
    guard !unmappedFiles.isEmpty else { return [] }
    defer { unmappedFiles = [] }
    return unmappedFiles
  }

  private mutating func add(_ mapping: Mapping) {
    if let file = mapping.file { deviceMappings[file, default: 0] += 1 }
    table.insert(mapping)
  }

  private mutating func change(_ range: Range<UserAddress>, _ body: (Mapping) -> Mapping?) {
    guard range.lowerBound < range.upperBound else { return }
    for mapping in table.take(range) {
      if let file = mapping.file { deviceMappings[file] = deviceMappings[file].flatMap { $0 == 1 ? nil : $0 - 1 } }
      if mapping.start < range.lowerBound { add(mapping.cut(mapping.start..<range.lowerBound)) }
      let middle = mapping.cut(max(mapping.start, range.lowerBound)..<min(mapping.end, range.upperBound))
      if let changed = body(middle) {
        add(changed)
      } else if let file = middle.file {
        pageTables.remove(middle.start..<middle.end)
        unmappedFiles.append(file)
      }
      if range.upperBound < mapping.end { add(mapping.cut(range.upperBound..<mapping.end)) }
    }
  }
}
