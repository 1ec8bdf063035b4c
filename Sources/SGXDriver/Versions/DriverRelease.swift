/// A driver by its name, oldest first: the series under review, a release of Linux, or the driver that meets the review.
public enum DriverRelease: Hashable, Comparable, Sendable {
  /// Version 39 of the series that became the driver (October 2020), as of its patch 13/24, the one under review.
  case v39
  case linux(KernelVersion)
  /// The newest Linux with the changes that the review asked for.
  case reviewed

  /// The first release of Linux with a driver.
  public static let first = KernelVersion(5, 11)
  /// The newest release of which anything is known. A later one is taken for it.
  public static let newest = KernelVersion(7, 2, 13)
  /// Stable releases whose answers were recorded (`Tests/Vectors/kernel-answers.jsonl` and its comparison with the others).
  public static let recorded = [KernelVersion(6, 1, 192), KernelVersion(6, 12, 107), newest]
  /// What runs where nobody chooses: Debian's stable kernel of 2026.
  public static let standard = DriverRelease.linux(KernelVersion(6, 1, 192))

  /// Every release that stands for itself: those at which a behaviour changes in mainline, the recorded ones, and both that have names.
  public static let known: [DriverRelease] = {
    var kernels = Set(recorded + [first])
    for behaviour in DriverBehaviour.all { kernels.formUnion(behaviour.fact.mainlineChanges) }
    return [.v39] + kernels.sorted().map { .linux($0) } + [.reviewed]
  }()

  /// Spelling at `--driver`.
  public var name: String {
    switch self {
    case .v39: "v39"
    case .linux(let kernel): kernel.text
    case .reviewed: "reviewed"
    }
  }

  /// A release newer than all that is known.
  public var isBeyondKnown: Bool { self > .linux(Self.newest) && self != .reviewed }

  /// The release whose rows answer for this one.
  public var answering: DriverRelease { isBeyondKnown ? .linux(Self.newest) : self }
}
