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
  /// The driver's label, for reports.
  public var driverLabel: String { chosenDriver?.label ?? DriverRelease.v6_1_192.name }
  /// Nil where nobody chose: the table of versions takes longer to make than a small script to run, and not every script has a machine.
  private var chosenDriver: DriverVersion?
  /// Done to every machine of every test from its beginning.
  public var injections: [PlannedFault] = []
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
  /// What a script may use up in one test.
  package var limits = Limits()

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
  /// Sets what a script may use up: work, bytes of its values, of its source, and of what it prints.
  public mutating func setLimits(fuel: Int64, memory: Int, source: Int, output: Int) {
    limits.fuel = fuel
    limits.memory = memory
    limits.block = min(limits.block, memory)
    limits.source = source
    limits.outputBytes = output
  }

  /// Bytes that one script may have.
  public var sourceLimit: Int { limits.source }
}
