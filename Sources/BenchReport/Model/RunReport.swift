import ScenarioLanguage
import Testbench

/// Everything that a run's reports say, as plain values: each format is made from it, and it is what `json` writes and `merge` reads.
/// Nothing in it comes from a clock, from the machine, or from the order in which files happened to run.
public struct RunReport: Codable, Sendable, Equatable {
  /// What this is, for programs: the name and the version of its shape.
  public var report = "sgxbench run"
  public var version = 1
  public var bench = Bench.version
  /// Which sources the bench was built of. Reports of before have none.
  public var tree: String? = Bench.tree
  /// Labels of the drivers, in the order in which they were named; more than one makes a matrix.
  public var drivers: [String]
  /// One for each repetition.
  public var seeds: [UInt64]
  /// Which part of the run this is, if it is one.
  public var shard: Shard?
  /// Values given to options of scripts.
  public var arguments: [Argument] = []
  /// The `--inject` of the run, as they were written.
  public var injections: [String] = []
  /// Every file on every driver with every seed: files outermost, drivers innermost. Files of which no test was selected are among them.
  public var files: [FileReport] = []
  /// Why the run ended early, if it did.
  public var stopped: String?
  /// Whether every selected test has its result here.
  public var complete = true

  public init(drivers: [String], seeds: [UInt64]) {
    self.drivers = drivers
    self.seeds = seeds
  }

  public struct Argument: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }
}

/// What became of one file on one driver with one seed.
public struct FileReport: Codable, Sendable, Equatable {
  public var name: String
  /// Label of the driver; machines that name their own have another.
  public var driver: String
  public var seed: UInt64
  /// Tests that have ended, in the order of the script.
  public var tests: [TestReport] = []
  /// How many the selection took.
  public var selected = 0
  /// Why the file could not be run, if it could not.
  public var error: FileError?
  /// SHA-256 of the script as it was read, in reports for programs.
  public var sha256: String?
  /// What the script printed outside its tests, a line an element, with nothing that could steer a terminal.
  public var output: [String] = []
  /// For each injection of the run: how often it struck.
  public var struck: [UInt64] = []
  /// Why it was stopped before its end, if it was.
  public var stopped: String?

  public struct FileError: Codable, Sendable, Equatable {
    /// `file:line: what is wrong`.
    public var text: String
    public var traceback: [String]
    /// A limit of the scenario's own was hit; otherwise the script is wrong.
    public var isLimit: Bool
    /// What most often lies behind it, where that is sure enough to say.
    public var hint: String?
    /// True where the bench itself broke down; otherwise it is not there.
    public var isBench: Bool?
    /// True where the system refused what the bench needs; otherwise it is not there.
    public var isSystem: Bool?
  }
}

/// What became of one test.
public struct TestReport: Codable, Sendable, Equatable {
  /// Names of the describes around it and its own, outermost first.
  public var path: [String]
  public var file: String
  public var line: Int
  /// Its place among the tests of its file, from 1.
  public var index: Int
  public var tags: [String]
  public var status: TestStatus
  public var checks: UInt64
  /// Visits of fault sites, over all machines of the test.
  public var visits: UInt64
  public var failures: [Failure]
  /// Why it is pending, was expected to fail, or is not for this driver.
  public var note: String?
  /// The same without the driver's name.
  public var reason: String?
  /// All its machines name their own driver.
  public var isPinned: Bool
  /// What it printed, a line an element.
  public var output: [String]
  /// The whole trace of each machine, where it was asked for.
  public var traces: [[String]]
  /// What each machine did, where it was asked for (`--stories`, or `html` among the formats).
  public var stories: [MachineStory]?
  /// The command that repeats this test alone; only where it failed.
  public var replay: String?

  /// As reports write it in one line.
  public var name: String { path.joined(separator: ", ") }

  public struct Failure: Codable, Sendable, Equatable {
    public var file: String
    /// 0 where no line of a script is to blame.
    public var line: Int
    /// What was wrong, in one line.
    public var message: String
    public var traceback: [String]
    /// What the last machine did before, oldest first.
    public var lastEvents: [String]
    /// What stands on that line of the script.
    public var source: String?
  }
}
