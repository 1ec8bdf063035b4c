import SGXDriver

/// Driver versions that a test names in `fails_on` or `only_on`: from one to another, in the order of `DriverVersion.all`.
struct DriverRange: Sendable {
  /// nil: from the oldest on.
  let first: String?
  /// nil: to the newest Linux. `reviewed` is in a range only where it is its end.
  let last: String?
  let reason: String

  private var places: ClosedRange<Int>? {
    let names = DriverVersion.all.map(\.name)
    let newest = names.lastIndex { $0 != DriverVersion.reviewed.name } ?? 0
    guard let from = first.map(names.firstIndex(of:)) ?? 0, let to = last.map(names.firstIndex(of:)) ?? newest, from <= to else {
      return nil
    }
    return from...to
  }

  /// True where its end comes before its beginning, or a name is unknown.
  var isEmpty: Bool { places == nil }

  func contains(_ version: DriverVersion) -> Bool {
    guard let place = DriverVersion.all.firstIndex(where: { $0.name == version.name }) else { return false }
    return places?.contains(place) ?? false
  }
}
