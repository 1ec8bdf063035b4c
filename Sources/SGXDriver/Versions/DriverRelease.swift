/// The releases a row of behaviours can name, oldest first; code outside the table asks for behaviours instead.
///
/// `v39` is the series as of its patch 13/24, the one under review. A mainline release stands for every later one up to the next in
/// this list.
public enum DriverRelease: UInt8, CaseIterable, Comparable, Sendable {
  case v39, v5_11, v5_13, v6_0, v6_1, v6_1_192, v6_2, v6_12_107, v6_14, v6_17, v6_19, v7_2_13, reviewed

  /// Spelling at `--driver`.
  public var name: String {
    switch self {
    case .v39: "v39"
    case .v5_11: "5.11"
    case .v5_13: "5.13"
    case .v6_0: "6.0"
    case .v6_1: "6.1"
    case .v6_1_192: "6.1.192"
    case .v6_2: "6.2"
    case .v6_12_107: "6.12.107"
    case .v6_14: "6.14"
    case .v6_17: "6.17"
    case .v6_19: "6.19"
    case .v7_2_13: "7.2.13"
    case .reviewed: "reviewed"
    }
  }

  /// The mainline release it goes back to: its own for a mainline one.
  var mainline: DriverRelease {
    switch self {
    case .v39, .v5_11, .v5_13, .v6_0, .v6_1, .v6_2, .v6_14, .v6_17, .v6_19: self
    case .v6_1_192: .v6_1
    case .v6_12_107: .v6_2
    case .v7_2_13, .reviewed: .v6_19
    }
  }

  /// Major and minor number of a mainline release of Linux; nil for all others.
  var number: (major: UInt32, minor: UInt32)? {
    switch self {
    case .v39, .v6_1_192, .v6_12_107, .v7_2_13, .reviewed: nil
    case .v5_11: (5, 11)
    case .v5_13: (5, 13)
    case .v6_0: (6, 0)
    case .v6_1: (6, 1)
    case .v6_2: (6, 2)
    case .v6_14: (6, 14)
    case .v6_17: (6, 17)
    case .v6_19: (6, 19)
    }
  }

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
