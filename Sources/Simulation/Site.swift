import SGXArchitecture

/// A choke point at which an injection may strike; the only places that consult the plan.
///
/// Sites are numbered 0 to 63 so that a set of them is one word.
@frozen public struct Site: Hashable, Sendable {
  public let rawValue: UInt8
  @inlinable init(_ rawValue: UInt8) { self.rawValue = rawValue }

  /// First line of `Processor.execute`.
  @inlinable public static func leaf(_ name: LeafName) -> Site { Site(name.rawValue) }
  /// A kernel allocation, or a page from the pool.
  @inlinable public static func allocation(_ kind: AllocationKind) -> Site { Site(32 + kind.rawValue) }
  /// A copy from or to user memory, or the pinning of a source page.
  @inlinable public static func userCopy(_ kind: UserCopyKind) -> Site { Site(52 + kind.rawValue) }
  /// A place where the kernel asks whether a signal is pending.
  @inlinable public static var signalPoll: Site { Site(62) }
  /// Between two steps of an operation.
  @inlinable public static var preemption: Site { Site(63) }

  /// Number of sites that can be told apart.
  @inlinable public static var count: Int { 64 }
}

/// What the kernel asked memory for.
@frozen public enum AllocationKind: UInt8, CaseIterable, Sendable {
  case enclave, srcu, secsBuffer, vaDescriptor, pageDescriptor, slotMapNode, backingFile, backing
  /// A page of EPC from the pool.
  case physPage
  case enclaveMM, notifier, sigstructBuffer, crypto, pageTableEntry

  /// Spelling at the Lua API and on the command line.
  public var name: String {
    switch self {
    case .enclave: "enclave"
    case .srcu: "srcu"
    case .secsBuffer: "secs_buffer"
    case .vaDescriptor: "va_descriptor"
    case .pageDescriptor: "page_descriptor"
    case .slotMapNode: "slot_map_node"
    case .backingFile: "backing_file"
    case .backing: "backing"
    case .physPage: "phys_page"
    case .enclaveMM: "enclave_mm"
    case .notifier: "notifier"
    case .sigstructBuffer: "sigstruct_buffer"
    case .crypto: "crypto"
    case .pageTableEntry: "page_table_entry"
    }
  }
}

/// Which bytes cross the border between user space and kernel.
@frozen public enum UserCopyKind: UInt8, CaseIterable, Sendable {
  case argument, secs, secInfo, sigstruct, pin, writeBack

  public var name: String {
    switch self {
    case .argument: "argument"
    case .secs: "secs"
    case .secInfo: "secinfo"
    case .sigstruct: "sigstruct"
    case .pin: "pin"
    case .writeBack: "write_back"
    }
  }
}

extension Site {
  /// Spelling in scenarios, traces and replay lines: `leaf:EADD`, `allocation:phys_page`, `signal_poll`.
  public var name: String {
    switch rawValue {
    case 62: return "signal_poll"
    case 63: return "preemption"
    case 52...: return UserCopyKind(rawValue: rawValue - 52).map { "user_copy:\($0.name)" } ?? "site:\(rawValue)"
    case 32...: return AllocationKind(rawValue: rawValue - 32).map { "allocation:\($0.name)" } ?? "site:\(rawValue)"
    default: return LeafName(rawValue: rawValue).map { "leaf:\($0.name)" } ?? "site:\(rawValue)"
    }
  }

  /// Every site in order of number.
  public static let all: [Site] =
    LeafName.allCases.map(Site.leaf) + AllocationKind.allCases.map(Site.allocation)
    + UserCopyKind.allCases.map(Site.userCopy) + [.signalPoll, .preemption]
}

/// A set of sites: one, a family (`leaf`), or all.
public struct SiteSet: Hashable, Sendable {
  public let mask: UInt64
  /// The spelling it was made from.
  public let name: String

  public init(_ site: Site) {
    mask = 1 << UInt64(site.rawValue)
    name = site.name
  }

  /// `leaf:EADD`, `leaf`, `allocation`, `user_copy:pin`, `signal_poll`, `preemption` or `any`; nil for anything else.
  public init?(name: String) {
    let matching = Site.all.filter { $0.name == name || name == "any" || $0.name.hasPrefix(name + ":") }
    guard !matching.isEmpty else { return nil }
    mask = matching.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    self.name = name
  }

  @inlinable public func contains(_ site: Site) -> Bool { mask >> UInt64(site.rawValue) & 1 == 1 }
}

extension SiteSet {
  /// The members that `allowed` has too; nil where there are none.
  public func restricted(to allowed: UInt64) -> SiteSet? {
    mask & allowed == 0 ? nil : SiteSet(mask: mask & allowed, name: name)
  }

  private init(mask: UInt64, name: String) {
    self.mask = mask
    self.name = name
  }
}
