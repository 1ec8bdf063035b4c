import SGXArchitecture

/// Sites as bits, one a place. To make room for more, more words and other first places of the kinds are all there is to change.
@frozen public struct SiteMask: Hashable, Sendable {
  /// Places there are.
  @inlinable public static var capacity: Int { 128 }
  @usableFromInline var words = InlineArray<2, UInt64>(repeating: 0)

  public static let none = SiteMask()
  @inlinable public init() {}

  @inlinable public init(_ site: Site) { insert(site) }

  /// All sites of a kind.
  public init(every kind: SiteKind) {
    for site in Site.all where site.kind == kind { insert(site) }
  }

  @inlinable public mutating func insert(_ site: Site) { words[site.place >> 6] |= 1 << UInt64(site.place & 63) }

  @inlinable public func contains(_ site: Site) -> Bool { words[site.place >> 6] >> UInt64(site.place & 63) & 1 == 1 }

  @inlinable public var isEmpty: Bool { words[0] | words[1] == 0 }

  public var count: Int { words[0].nonzeroBitCount + words[1].nonzeroBitCount }

  public func union(_ other: SiteMask) -> SiteMask { combined(with: other, by: |) }
  public func intersection(_ other: SiteMask) -> SiteMask { combined(with: other, by: &) }
  public func isSubset(of other: SiteMask) -> Bool { intersection(other) == self }

  private func combined(with other: SiteMask, by operation: (UInt64, UInt64) -> UInt64) -> SiteMask {
    var result = self
    for index in words.indices { result.words[index] = operation(words[index], other.words[index]) }
    return result
  }

  @inlinable public static func == (a: Self, b: Self) -> Bool { a.words[0] == b.words[0] && a.words[1] == b.words[1] }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words[0])
    hasher.combine(words[1])
  }
}

/// A set of sites under the name it was asked for by: one, a family (`leaf`), or all.
public struct SiteSet: Hashable, Sendable {
  public let mask: SiteMask
  /// The spelling it was made from.
  public let name: String

  public init(_ site: Site) {
    mask = SiteMask(site)
    name = site.name
  }

  /// `leaf:EADD`, `leaf`, `allocation`, `user_copy:pin`, `signal_poll`, `preemption` or `any`; nil for anything else.
  public init?(name: String) {
    var mask = SiteMask.none
    for site in Site.all where site.name == name || name == "any" || site.kind.name == name { mask.insert(site) }
    guard !mask.isEmpty else { return nil }
    self.init(mask: mask, name: name)
  }

  private init(mask: SiteMask, name: String) {
    self.mask = mask
    self.name = name
  }

  @inlinable public func contains(_ site: Site) -> Bool { mask.contains(site) }

  /// The members that `allowed` has too; nil where there are none.
  public func restricted(to allowed: SiteMask) -> SiteSet? {
    let common = mask.intersection(allowed)
    return common.isEmpty ? nil : SiteSet(mask: common, name: name)
  }
}
