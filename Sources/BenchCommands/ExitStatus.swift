/// Exit statuses of `sgxbench`.
public enum ExitStatus: Int32, Sendable {
  case passed = 0
  /// A check failed, a law of the driver was broken, or a limit of the scenario's own was hit.
  case failed = 1
  /// A script or an image is wrong, missing or empty, or nothing was selected.
  case badInput = 2
  /// A law of the bench was broken.
  case benchBroken = 3
  /// There were tests, and not one of them ran: each is pending or meant for other drivers.
  case allSkipped = 4
  /// Everything that ran passed, and less ran than was required.
  case incomplete = 5
  case usage = 64
  /// What the program needs of the system is not to be had.
  case setUp = 69
  /// The report could not be written.
  case output = 74
  /// A scenario took longer than it may.
  case timeout = 124
  case hungUp = 129
  case interrupted = 130
  case terminated = 143

  /// Which one wins where several hold.
  private var rank: Int {
    switch self {
    case .passed: 0
    case .allSkipped: 1
    case .incomplete: 2
    case .failed: 3
    case .badInput: 4
    case .timeout: 5
    case .setUp: 6
    case .benchBroken: 7
    case .output: 8
    case .hungUp, .interrupted, .terminated: 9
    case .usage: 10
    }
  }

  func or(_ other: ExitStatus) -> ExitStatus { other.rank > rank ? other : self }

  /// Of a run that a signal ended.
  init(signal: Int32) { self = ExitStatus(rawValue: 128 + signal) ?? .terminated }
}
