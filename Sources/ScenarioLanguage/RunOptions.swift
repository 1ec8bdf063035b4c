import LuaHost
import SGXDriver
import Simulation

/// How scenarios are run: what the flags of `sgxbench run` say.
public struct RunOptions: Sendable {
  /// Seed of every machine that names none, and of `sgx.random`.
  public var seed: UInt64 = 1
  /// Driver of every machine that names none.
  public var driver: DriverVersion {
    get { chosenDriver ?? .v6_1_192 }
    set { chosenDriver = newValue }
  }
  /// The driver's label, for reports, and the name by which a command line asks for it.
  public var driverLabel: String { chosenDriver?.label ?? DriverRelease.standard.name }
  public var driverName: String { chosenDriver?.spelling ?? DriverRelease.standard.name }
  /// Nil where nobody chose: the table of versions takes longer to make than a small script to run, and not every script has a machine.
  private var chosenDriver: DriverVersion?
  /// Done to every machine of every test from its beginning.
  public var injections: [PlannedFault] = []
  /// Tells what each machine did, for reports that draw it (`TestResult.stories`).
  public var tellsStories = false
  /// Keeps and returns the whole trace of every machine.
  public var keepsTrace = false
  /// Tries this fault at every point of every call, on forks.
  public var sweepFault: Injection?
  /// Images that scenarios may ask for by name: `sgx.image("app")`. They go before files beside the script.
  public var images: [String: ImageSource] = [:]
  /// The largest image file that is read, in bytes; at most 2 GiB.
  public var imageSizeMax: UInt64 = 256 << 20
  /// Collects which answers and warnings each test has seen; the documents are made from it.
  public var collectsEvidence = false
  /// Notes the SHA-256 of each script, so that a report says what it is a report of.
  public var digestsSources = false
  /// Tests that are run; the others are left out without a word.
  public var selection = TestSelection()
  /// A test that makes no check fails.
  public var isStrict = false
  /// The first test that fails is the last of its file.
  public var stopsAtFailure = false
  /// Values of options that scripts declare; a script takes those whose names it knows, the last one of a name.
  public var arguments: [(name: String, value: String)] = []
  /// Bytes that the machines of one test may make the host keep, beside the script's own values.
  public var modelMemory = 4 << 30
  /// What a script may use up in one test.
  package var limits = Limits()
  /// Tests of the script in which the bench broke down when they were tried; they are told so, and not run again.
  package var breakdowns: [Breakdown] = []
  /// What scenarios may say; a test changes a copy.
  package var api = API()

  public init() {}
}

/// A fault and when it strikes, as `--inject` and `machine:inject` say it.
public struct PlannedFault: Sendable {
  public let injection: Injection
  public let trigger: InjectionTrigger

  public init(injection: Injection, trigger: InjectionTrigger) {
    self.injection = injection
    self.trigger = trigger
  }
}

extension RunOptions {
  /// Sets what a script may use up: work, bytes of its values, of one string or table among them, of its source, and of what it prints.
  public mutating func setLimits(fuel: Int64, memory: Int, block: Int = 8 << 20, source: Int, output: Int) {
    limits.fuel = fuel
    limits.memory = memory
    limits.block = min(block, memory)
    limits.source = source
    limits.outputBytes = output
  }

  /// Lets a script have at least so many bytes.
  package mutating func allowSource(_ bytes: Int) { limits.source = max(limits.source, bytes) }

  /// Bytes that one script may have.
  public var sourceLimit: Int { limits.source }
}
