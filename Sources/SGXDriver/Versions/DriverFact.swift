/// Something that one driver does and another does not, with the releases that do it and where that is known from.
public struct DriverFact: Sendable {
  /// A word of its own, as the scenarios spell it.
  public let name: String
  /// What the driver does where it holds.
  public let sentence: String
  /// Where that is known from: file, function and release, or the patch of the series.
  public let source: String
  /// Number of the bug it is or cures: K… from public fixes, F… seen by running the driver.
  public let bug: String?
  /// The change that brought it; nil where no Linux has it.
  public let since: KernelChange?
  /// The change that ended it.
  public let until: KernelChange?
  private let inV39: InV39
  private let inReviewed: Bool?

  /// What the series under review does. Its patches 14 to 16 of 24 were not found; those of version 37 stand for them.
  public enum InV39: Sendable { case does, doesNot, likelyDoes, likelyDoesNot }

  /// - Parameter inReviewed: whether `reviewed` does it; nil where it does as the newest Linux.
  init(
    _ name: String, _ sentence: String, source: String, bug: String? = nil, v39 inV39: InV39 = .doesNot, since: KernelChange? = nil,
    until: KernelChange? = nil, reviewed inReviewed: Bool? = nil
  ) {
    self.name = name
    self.sentence = sentence
    self.source = source
    self.bug = bug
    self.since = since
    self.until = until
    self.inV39 = inV39
    self.inReviewed = inReviewed
  }

  /// Whether the release does it.
  public func value(in release: DriverRelease) -> Bool {
    switch release.answering {
    case .v39: inV39 == .does || inV39 == .likelyDoes
    case .linux(let kernel): isIn(kernel)
    case .reviewed: inReviewed ?? isIn(DriverRelease.newest)
    }
  }

  /// False where the sources do not say what the release does, and the value is the likeliest.
  public func isKnown(in release: DriverRelease) -> Bool {
    release != .v39 || inV39 == .does || inV39 == .doesNot
  }

  /// Mainline releases at which it begins and ends.
  public var mainlineChanges: [KernelVersion] { [since?.mainline, until?.mainline].compactMap(\.self) }

  /// When: `5.13 until 6.12 (5.15.168, 6.1.113)`, `since 5.17`; empty for a fact about no Linux.
  public var span: String {
    switch (since, until) {
    case (nil, _): ""
    case (let since?, nil): "since \(since.text)"
    case (let since?, let until?): "\(since.text) until \(until.text)"
    }
  }

  private func isIn(_ kernel: KernelVersion) -> Bool {
    guard let since, since.isIn(kernel) else { return false }
    return until.map { !$0.isIn(kernel) } ?? true
  }
}
