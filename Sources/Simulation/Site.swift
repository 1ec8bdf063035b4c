import SGXArchitecture

/// What lies at a site.
@frozen public enum SiteKind: UInt8, CaseIterable, Sendable {
  /// First line of `Processor.execute`, by leaf.
  case leaf
  /// A kernel allocation, or a page from the pool.
  case allocation
  /// A copy from or to user memory, or the pinning of a source page.
  case userCopy
  /// A place where the kernel asks whether a signal is pending.
  case signalPoll
  /// Between two steps of an operation.
  case preemption

  /// Spelling of the family.
  public var name: String {
    switch self {
    case .leaf: "leaf"
    case .allocation: "allocation"
    case .userCopy: "user_copy"
    case .signalPoll: "signal_poll"
    case .preemption: "preemption"
    }
  }

  /// Where the kind's sites begin in a row of all sites. A kind has room up to where the next one begins.
  @inlinable var firstPlace: Int {
    switch self {
    case .leaf: 0
    case .allocation: 64
    case .userCopy: 96
    case .signalPoll: 112
    case .preemption: 113
    }
  }
}

/// A choke point at which an injection may strike; the only places that consult the plan. Named by its kind and its number there.
@frozen public struct Site: Hashable, Sendable {
  public let kind: SiteKind
  public let index: UInt8
  @inlinable init(_ kind: SiteKind, _ index: UInt8) {
    self.kind = kind
    self.index = index
  }

  @inlinable public static func leaf(_ name: LeafName) -> Site { Site(.leaf, name.rawValue) }
  @inlinable public static func allocation(_ kind: AllocationKind) -> Site { Site(.allocation, kind.rawValue) }
  @inlinable public static func userCopy(_ kind: UserCopyKind) -> Site { Site(.userCopy, kind.rawValue) }
  @inlinable public static var signalPoll: Site { Site(.signalPoll, 0) }
  @inlinable public static var preemption: Site { Site(.preemption, 0) }

  /// Its place in a row of all sites: which counter and which bit are its own.
  @inlinable public var place: Int { kind.firstPlace + Int(index) }
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
    switch kind {
    case .leaf: "\(kind.name):\(LeafName(rawValue: index)?.name ?? String(index))"
    case .allocation: "\(kind.name):\(AllocationKind(rawValue: index)?.name ?? String(index))"
    case .userCopy: "\(kind.name):\(UserCopyKind(rawValue: index)?.name ?? String(index))"
    case .signalPoll, .preemption: kind.name
    }
  }

  /// Every site in order of place.
  public static let all: [Site] =
    LeafName.allCases.map(Site.leaf) + AllocationKind.allCases.map(Site.allocation)
    + UserCopyKind.allCases.map(Site.userCopy) + [.signalPoll, .preemption]
}
