import SGXDriver

/// Drivers that a test names in `fails_on` or `only_on`: from one to another, by the order of their releases.
struct DriverRange: Sendable {
  /// nil: from the oldest on.
  let first: DriverRelease?
  /// nil: to the newest Linux. `reviewed` is in a range only where it is its end.
  let last: DriverRelease?
  let reason: String

  /// True where its end comes before its beginning.
  var isEmpty: Bool { bounds == nil }

  func contains(_ version: DriverVersion) -> Bool { bounds?.contains(version.release.answering) ?? false }

  private var bounds: ClosedRange<DriverRelease>? {
    let from = first?.answering ?? .v39
    let to = last?.answering ?? .linux(DriverRelease.newest)
    return from <= to ? from...to : nil
  }
}
