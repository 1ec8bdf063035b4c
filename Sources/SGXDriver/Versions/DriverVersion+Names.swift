extension DriverVersion {
  /// Every version this bench knows, oldest first; `reviewed` is last.
  public static let all: [DriverVersion] = DriverRelease.allCases.map { DriverVersion($0) }

  /// Version 39 of the series that became the driver (October 2020), as of the patch under review.
  public static let v39 = DriverVersion(.v39)
  /// Debian's stable kernel of 2026, whose answers are recorded in `Tests/Vectors/kernel-answers.jsonl`.
  public static let v6_1_192 = DriverVersion(.v6_1_192)
  /// The driver that meets every demand of the review: the newest Linux with the changes that the rows of `reviewed` name.
  public static let reviewed = DriverVersion(.reviewed)

  /// The version spelled so, if it is one of `all`.
  public static func named(_ name: String) -> DriverVersion? { release(named: name).map { DriverVersion($0) } }

  /// The version that a name means: one of `all`, or for any other release of Linux the nearest older mainline one of them.
  /// `6.5` and `v6.5` are 6.2, and so is `6.12.50`: what a stable release has besides is known of the recorded ones only.
  public static func resolve(_ name: String) throws(UnknownName) -> DriverVersion {
    if let release = release(named: name) { return DriverVersion(release) }
    let spelling = name.utf8.first == UInt8(ascii: "v") ? String(name.dropFirst()) : name
    guard let asked = number(of: spelling) else { throw UnknownName(name: name, isTooOld: false) }
    if let release = release(named: spelling) { return DriverVersion(release) }
    let older = DriverRelease.allCases.last { release in release.number.map { $0 <= asked } ?? false }
    guard let older else { throw UnknownName(name: name, isTooOld: true) }
    var version = DriverVersion(older)
    version.requestedName = spelling
    return version
  }

  /// A name that means no version.
  public struct UnknownName: Error, Hashable, Sendable {
    public let name: String
    public let isTooOld: Bool

    public var text: String {
      let known = DriverRelease.allCases.map(\.name).joined(separator: ", ")
      return isTooOld
        ? "Linux \(name) has no SGX driver: the first is 5.11 (\(known))"
        : "no driver is called '\(name)' (\(known), or a release of Linux such as 6.5)"
    }
  }

  /// For reports: `6.2`, `6.5 (as 6.2)`, `6.1.192 with capsAddPages = true`.
  public var label: String {
    let shown = requestedName == name ? name : "\(requestedName) (as \(name))"
    let switches = switched.map { "\($0.name) = \(self[keyPath: $0.path])" }
    return switches.isEmpty ? shown : "\(shown) with \(switches.joined(separator: ", "))"
  }

  /// Behaviours that were switched: those that differ from the version of the same name.
  public var switched: [DriverBehaviour] {
    guard let release = Self.release(named: name) else { return [] }
    return DriverBehaviour.all.filter { $0.value(in: release) != self[keyPath: $0.path] }
  }

  private static func release(named name: String) -> DriverRelease? { DriverRelease.allCases.first { $0.name == name } }

  /// Major and minor of `6.5` or `6.12.50`; nil for anything else.
  private static func number(of name: String) -> (major: UInt32, minor: UInt32)? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 else { return nil }
    var numbers: [UInt32] = []
    for part in parts {
      guard part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt32(part),
        part.count == 1 || part.utf8.first != UInt8(ascii: "0")
      else { return nil }
      numbers.append(number)
    }
    return (numbers[0], numbers[1])
  }
}
