import SGXArchitecture

/// A virtual memory area of a process.
public struct Mapping: Sendable {
  public let start: UserAddress
  public let end: UserAddress
  public var protection: PagePermissions
  /// VM_MAYEXEC: cleared where the file came from a noexec mount.
  public var mayExecute: Bool
  public var kind: Kind
  let contents: Contents
  /// Where the mapping began before a piece of it was cut away; `contents` counts from here.
  let origin: UserAddress
  /// Pages written since, by address.
  var written: [UInt64: PageContents] = [:]

  public enum Kind: Hashable, Sendable {
    case anonymous
    /// Maps page frames directly: nothing can be pinned.
    case pageFrames
    /// A mapping of a device's file, by the file's place in the kernel's table; it holds the file open. Nothing can be pinned.
    case device(file: Int)
  }

  public enum Contents: Sendable {
    case fill(UInt8)
    /// The block's bytes from `offset` on, and zeros behind them.
    case block(ContentBlock, offset: UInt64 = 0)
    /// The same in each page.
    case everyPage(PageContents)
  }

  /// The part of a mapping that maps nothing but its own range.
  package init(
    _ range: Range<UserAddress>, protection: PagePermissions, mayExecute: Bool = true, kind: Kind = .anonymous, contents: Contents = .fill(0)
  ) {
    self.init(range, protection: protection, mayExecute: mayExecute, kind: kind, contents: contents, origin: range.lowerBound)
  }

  private init(
    _ range: Range<UserAddress>, protection: PagePermissions, mayExecute: Bool, kind: Kind, contents: Contents, origin: UserAddress
  ) {
    (start, end) = (range.lowerBound, range.upperBound)
    self.protection = protection
    self.mayExecute = mayExecute
    self.kind = kind
    self.contents = contents
    self.origin = origin
  }

  /// The device's file that it maps; nil where it maps none.
  package var file: Int? {
    if case .device(let file) = kind { return file }
    return nil
  }

  /// Whether the mapping's rights allow the access (arch/x86/mm/fault.c, access_error): a read wants any right at all.
  package func allows(_ kind: AccessKind) -> Bool {
    switch kind {
    case .read: !protection.isEmpty
    case .write: protection.contains(.write)
    case .execute: protection.contains(.execute)
    }
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

  /// The part of the mapping between two addresses inside it; its bytes stay where they were.
  func cut(_ range: Range<UserAddress>) -> Mapping {
    var piece = Mapping(range, protection: protection, mayExecute: mayExecute, kind: kind, contents: contents, origin: origin)
    for (page, bytes) in written where range.lowerBound.rawValue <= page && page < range.upperBound.rawValue { piece.written[page] = bytes }
    return piece
  }
}

/// How a process touches memory.
public enum AccessKind: Hashable, Sendable { case read, write, execute }
