extension DriverVersion {
  /// Every driver that stands for itself, oldest first: see `DriverRelease.known`. `reviewed` is last.
  public static let all: [DriverVersion] = DriverRelease.known.map { DriverVersion($0) }

  /// Version 39 of the series that became the driver (October 2020), as of the patch under review.
  public static let v39 = DriverVersion(.v39)
  /// Debian's stable kernel of 2026, whose answers are recorded in `Tests/Vectors/kernel-answers.jsonl`.
  public static let v6_1_192 = DriverVersion(.standard)
  /// The driver that meets every demand of the review: the newest Linux with the changes that the rows of `reviewed` name.
  public static let reviewed = DriverVersion(.reviewed)

  /// The version spelled so, if it is one of `all`.
  public static func named(_ name: String) -> DriverVersion? {
    DriverRelease.known.first { $0.name == name }.map { DriverVersion($0) }
  }

  /// The driver that a spelling means: `v39`, `reviewed`, or any release of Linux since 5.11, with behaviours switched on and off behind
  /// it: `6.5`, `v6.12.50`, `6.1.192+capsAddPages-reclaims`.
  ///
  /// - Throws: where no driver has the name, where nothing asks for a behaviour, and where behaviours cannot go together.
  public static func resolve(_ spelling: String) throws(UnknownName) -> DriverVersion {
    let base = spelling.prefix { $0 != "+" && $0 != "-" }
    var version = DriverVersion(try release(named: base, in: spelling))
    var rest = spelling[base.endIndex...]
    var switched: Set<Substring> = []
    while let sign = rest.first {
      let name = rest.dropFirst().prefix { $0 != "+" && $0 != "-" }
      guard let behaviour = DriverBehaviour.named(String(name)) else {
        let isUnread = DriverFact.unread(named: String(name)) != nil
        throw UnknownName(name: spelling, reason: isUnread ? .unread(String(name)) : .noBehaviour(String(name)))
      }
      guard switched.insert(name).inserted else { throw UnknownName(name: spelling, reason: .switchedTwice(String(name))) }
      version[keyPath: behaviour.path] = sign == "+"
      rest = rest[name.endIndex...]
    }
    if let conflict = version.conflict { throw UnknownName(name: spelling, reason: .conflict(conflict)) }
    return version
  }

  private static func release(named base: Substring, in spelling: String) throws(UnknownName) -> DriverRelease {
    switch base {
    case "v39": return .v39
    case "reviewed": return .reviewed
    default:
      guard let kernel = KernelVersion(base) else { throw UnknownName(name: spelling, reason: .noDriver) }
      guard kernel >= DriverRelease.first else { throw UnknownName(name: spelling, reason: .tooOld) }
      return .linux(kernel)
    }
  }

  /// The release's name: `6.5`.
  public var name: String { release.name }

  /// What `resolve` takes for this version: `6.1.192+capsAddPages-reclaims`.
  public var spelling: String {
    switched.reduce(name) { $0 + (self[keyPath: $1.path] ? "+" : "-") + $1.name }
  }

  /// For reports: the spelling, and a note where the release is newer than all that is known: `7.3 (newer than 7.2.13, the newest known)`.
  public var label: String {
    release.isBeyondKnown ? "\(spelling) (newer than \(DriverRelease.newest.text), the newest known)" : spelling
  }

  /// Behaviours that were switched: those that differ from the release's.
  public var switched: [DriverBehaviour] { DriverBehaviour.all.filter { $0.value(in: release) != self[keyPath: $0.path] } }
}
