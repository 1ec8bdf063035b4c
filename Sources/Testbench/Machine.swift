import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

/// An SGX machine with its kernel, as one value: a copy is a fork that goes on alone.
///
/// - Machine+Calls.swift: a call from user space to its end; Scheduling/: several at once, ksgxd, locks that hold them up
/// - MachineState.swift: what counts as state when two moments are compared
/// - Invariant.swift, InvariantChecker.swift: the laws
/// - Sweep.swift: one fault after another, by forks
public struct Machine: Sendable {
  public let configuration: MachineConfiguration
  public internal(set) var processor: Processor
  public internal(set) var driver: Driver
  public internal(set) var environment: Environment
  /// Calls in the middle of their work, and those that have ended and were not asked for yet.
  public internal(set) var tasks: [Task] = []
  /// Calls that were ever begun: the newest one's generation.
  var generations: UInt32 = 0
  /// Why the run cannot go on, once it cannot.
  public internal(set) var finding: Finding?
  /// Who waited for what where nobody could go on; empty otherwise.
  public internal(set) var deadlock: [BlockedTask] = []
  /// Laws that did not hold, in order of discovery; each law is reported once.
  public internal(set) var breaches: [Breach] = []
  /// Every call that has ended, oldest first; nil unless the configuration asks for it.
  public internal(set) var calls: [CallRecord]?
  /// Calls that were kept and given up since (`recordsMax`).
  public internal(set) var callsForgotten: UInt64 = 0
  /// ksgxd while it is awake.
  var reclaimer: TaskID?
  /// Batches that ksgxd did by itself since it was last asked; nil where it was not woken.
  var backgroundBatches: UInt64?
  /// Tasks run, and ksgxd takes its turn among them.
  var isInRun = false
  /// Calls after which laws were checked.
  var lawChecks: UInt64 = 0

  public init(_ configuration: MachineConfiguration) {
    self.configuration = configuration
    processor = Processor(profile: configuration.processor, pageCount: configuration.pageCount, seed: configuration.seed)
    processor.keepsRecords = configuration.keepsMeasurementRecords
    driver = Driver(
      version: configuration.driver, sections: configuration.sections,
      runsBackgroundReclaimer: configuration.runsBackgroundReclaimer)
    calls = configuration.keepsCalls ? [] : nil
    environment = Environment(
      seed: configuration.seed, keepsWholeTrace: configuration.keepsWholeTrace, eventsMax: configuration.recordsMax,
      consultsPlan: configuration.consultsPlan)
  }

  /// The devices' files, and the mount they lie on.
  public var devices: DeviceFileSystem {
    get { driver.kernel.devices }
    set { driver.kernel.devices = newValue }
  }

  /// What the administrator has set for all processes: the lowest address that may be mapped, and how many mappings there may be.
  public var memorySettings: MemorySettings {
    get { driver.kernel.memorySettings }
    set { driver.kernel.memorySettings = newValue }
  }

  /// Adds a process that runs on `node`, and returns its number.
  public mutating func makeProcess(node: Int = 0) -> ProcessID {
    precondition((0..<configuration.nodeCount).contains(node), "node-exists: a process runs on a node of the machine")
    driver.processes.append(Process(node: node))
    return ProcessID(driver.processes.count - 1)
  }

  /// True where the descriptor still leads to that enclave.
  public func isOpen(_ descriptor: FileDescriptor, of process: ProcessID, on enclave: EnclaveID) -> Bool {
    driver.enclaveID(of: descriptor, in: process) == enclave
  }

  /// Loads newer microcode, which EUPDATESVN may then take over.
  public mutating func updateMicrocode() { processor.updateMicrocode() }

  /// Loses the EPC now, between two calls.
  public mutating func powerCycle(_ kind: PowerCycleKind) { processor.powerCycle(kind, in: &environment) }

  /// Plans something to be done to the run; returns the line's index in the plan.
  @discardableResult
  public mutating func inject(_ injection: Injection, at trigger: InjectionTrigger) -> Int {
    precondition(trigger.sites.mask.isSubset(of: injection.sites), "injection-site: an injection is planned where it can strike")
    return environment.plan.add(injection, at: trigger)
  }

  public mutating func cancelInjection(_ index: Int) { environment.plan.cancel(index) }

  /// Takes every planned injection back; what struck stays done.
  public mutating func cancelInjections() { environment.plan.cancelAll() }

  /// Has a process write to its own memory; false where the bytes are not all mapped.
  public mutating func write(_ bytes: [UInt8], at address: UserAddress, in process: ProcessID) -> Bool {
    guard driver.processes[process.rawValue].memory.write(bytes, at: address) else { return false }
    environment.trace.record(.memoryWritten(process: UInt32(process.rawValue)))
    return true
  }

  /// Changes a process from outside, as its own instructions would: memory, signal dispositions.
  public mutating func withProcess<Value>(_ process: ProcessID, _ body: (inout Process) -> Value) -> Value {
    defer {
      driver.abandonUnmapped(by: process)
      if !tasks.contains(where: { $0.outcome == nil }) { driver.releaseAbandoned(&processor, &environment) }
    }
    return body(&driver.processes[process.rawValue])
  }
}

/// What user space sees of a call.
public enum CallOutcome: Hashable, Sendable {
  case success
  case failure(Errno)
  /// A positive number in place of 0 or an errno: a leaf's answer that v39's CREATE let through.
  case leafResult(LeafResult)
  /// A value that the kernel never wrote: it may be anything, and equals nothing.
  case uninitialised
  /// A signal ended the process during the call.
  case killed(SignalNumber)
  /// The run ended inside the call.
  case stopped(Finding)
  /// Below the signal layer only: the kernel asked to be called again.
  case restart

  public var errno: Errno? {
    if case .failure(let errno) = self { return errno }
    return nil
  }
}
