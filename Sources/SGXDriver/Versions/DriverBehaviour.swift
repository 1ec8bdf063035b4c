/// A row of the table of driver versions: something that one driver does and another does not, by name.
public struct DriverBehaviour: Sendable {
  /// Spelling at `sgx.machine { behaviours = { … } }`; also the name of the property of `DriverVersion`.
  public let name: String
  /// What the driver does where it is on.
  public let sentence: String
  /// Where that is known from: file, function and release, or the patch of the series.
  public let source: String
  /// Number of the bug it is or cures: K… from public fixes, F… seen by running the driver.
  public let bug: String?
  /// The switch.
  public let path: WritableKeyPath<DriverVersion, Bool> & Sendable
  private let span: ClosedRange<DriverRelease>?
  private let exceptions: [DriverRelease]
  private let additions: [DriverRelease]
  private let inReviewed: Bool?
  private let unknown: [DriverRelease]

  /// - Parameters:
  ///   - span: mainline releases that have it; nil for none.
  ///   - also: recorded stable releases that have it although their mainline one has not.
  ///   - except: recorded stable releases that lack it although their mainline one has it.
  ///   - reviewed: whether `reviewed` has it, where that differs from the newest Linux.
  ///   - notKnown: releases whose value is the likeliest, not a fact.
  init(
    _ path: WritableKeyPath<DriverVersion, Bool> & Sendable, _ name: String, _ sentence: String, source: String,
    in span: ClosedRange<DriverRelease>? = nil, also additions: [DriverRelease] = [], except exceptions: [DriverRelease] = [],
    reviewed inReviewed: Bool? = nil, bug: String? = nil, notKnown unknown: [DriverRelease] = []
  ) {
    self.path = path
    self.name = name
    self.sentence = sentence
    self.source = source
    self.span = span
    self.additions = additions
    self.exceptions = exceptions
    self.inReviewed = inReviewed
    self.bug = bug
    self.unknown = unknown
  }

  /// Every row, in the order of the table.
  public static let all: [DriverBehaviour] = loading + initialising + paging

  /// The row spelled so.
  public static func named(_ name: String) -> DriverBehaviour? { all.first { $0.name == name } }

  /// Whether the release does it.
  public func value(in release: DriverRelease) -> Bool {
    if release == .reviewed, let inReviewed { return inReviewed }
    if additions.contains(release) { return true }
    if exceptions.contains(release) { return false }
    return span?.contains(release.mainline) ?? false
  }

  /// False where the sources do not say what the release does.
  public func isKnown(in release: DriverRelease) -> Bool { !unknown.contains(release) }
}
