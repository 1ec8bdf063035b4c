/// Exit statuses of `sgxbench`.
public enum ExitStatus: Int32, Sendable {
  case passed = 0
  /// A check failed, a law of the driver was broken, or a limit of the scenario's own was hit.
  case failed = 1
  /// A script is wrong, missing or empty, or nothing was selected.
  case badInput = 2
  /// A law of the bench was broken.
  case benchBroken = 3
  case usage = 64
  /// The report could not be written.
  case output = 74

  /// Which one wins where several hold.
  private var rank: Int {
    switch self {
    case .passed: 0
    case .failed: 1
    case .badInput: 2
    case .benchBroken: 3
    case .output: 4
    case .usage: 5
    }
  }

  func or(_ other: ExitStatus) -> ExitStatus { other.rank > rank ? other : self }
}
