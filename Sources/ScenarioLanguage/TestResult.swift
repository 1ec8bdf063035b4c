import SGXDriver
import Simulation
import Testbench

/// What became of one file.
public struct FileResult: Sendable {
  public let name: String
  public internal(set) var tests: [TestResult] = []
  /// Why the file could not be run at all, if it could not.
  public internal(set) var error: ScenarioError?
  /// What the script printed outside its tests.
  public internal(set) var output: [UInt8] = []
  /// For each injection of the run's options: how often it struck, over all machines of all tests.
  public internal(set) var struck: [UInt64] = []
  /// SHA-256 of the script as it was read, where the run asks for it.
  public internal(set) var sourceDigest: String?
  /// How many of its tests the run's selection takes.
  public internal(set) var selected = 0
  /// Why it was stopped before its end, if it was (`RunStop`); tests that had not ended are not among `tests`.
  public internal(set) var stopped: String?
}

/// What became of one test.
public struct TestResult: Sendable {
  /// Names of the describes around it and its own, outermost first.
  public let path: [String]
  public let file: String
  public let line: Int
  /// Its place among the tests of its file, from 1.
  public let index: Int
  public let tags: [String]
  public internal(set) var status = TestStatus.passed
  /// Checks that were made.
  public internal(set) var checks: UInt64 = 0
  public internal(set) var failures: [TestFailure] = []
  /// Why the test is pending, or was expected to fail.
  public internal(set) var note: String?
  /// Why it was expected to fail, or is meant for other drivers, without the version that `note` names.
  public internal(set) var reason: String?
  /// The whole trace of each machine, where it was asked for.
  public internal(set) var traces: [[Event]] = []
  /// What each machine did, where it was asked for; of tests that failed in full, of others where it is short.
  public internal(set) var stories: [MachineStory] = []
  public internal(set) var output: [UInt8] = []
  /// Points of a sweep, where one was asked for.
  public internal(set) var sweep: [SweepPoint] = []
  /// Visits of any site, over all machines of the test.
  public internal(set) var visits: UInt64 = 0
  /// Every machine of the test names its driver, so `--driver` does not change it.
  public internal(set) var isPinned = false
  /// Injection points and demands that the test claims to meet.
  public internal(set) var claims: [String] = []
  /// Those of its claims that its events bear out.
  public internal(set) var covered: [String] = []
  /// What user space and the kernel's log saw, where the run collects it.
  public internal(set) var observed = Observation()

  init(_ test: DeclaredTest) {
    path = test.path
    file = test.file
    line = test.line
    index = test.index
    tags = test.tags
  }
}

/// How a test ended; the raw values stand in reports for programs.
public enum TestStatus: String, Sendable, Codable, CaseIterable {
  case passed
  /// A check failed, a law of the driver was broken, or a limit was hit.
  case failed
  /// It failed on a driver version on which it says it does.
  case failedAsExpected = "failed-as-expected"
  case pending
  /// It is meant for other driver versions and did not run.
  case otherDriver = "other-driver"
  /// The script itself is wrong.
  case error
  /// A law of the bench was broken: a bug of ours.
  case benchBroken = "bench-broken"

  public var isFailure: Bool {
    switch self {
    case .failed, .error, .benchBroken: true
    case .passed, .failedAsExpected, .pending, .otherDriver: false
    }
  }
}

/// One reason for a test to fail.
public struct TestFailure: Sendable {
  public let file: String
  public let line: Int
  /// What was wrong, in one line, found and expected included.
  public let message: String
  public let traceback: String
  /// What the last machine did before, oldest first.
  public let lastEvents: [Event]
  /// What stands on that line, where it says more than the test's own.
  public internal(set) var sourceLine: String?
}

/// Why a script cannot be run.
public struct ScenarioError: Error, Sendable {
  /// `file:line: what is wrong`.
  public internal(set) var text: String
  public let traceback: String
  /// A limit of the scenario's own was hit, as opposed to a script that is wrong.
  public let isLimit: Bool
  /// What most often lies behind it, where that is sure enough to say.
  public internal(set) var hint: String? = nil
  /// A law of the bench was broken outside of the tests: a bug of ours.
  public internal(set) var isBench = false
}
