import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// What the bindings of one file share: the objects behind handles, and the test that runs.
final class ScenarioContext {
  let options: RunOptions
  var random: RandomStream
  var machines: HandleTable<MachineBox>
  var processes: HandleTable<ProcessBox>
  var enclaves: HandleTable<EnclaveBox>
  var provisions: HandleTable<ProvisionBox>
  let machineType: HandleType
  let processType: HandleType
  let enclaveType: HandleType
  let provisionType: HandleType
  var images: ImageStore?
  /// Tasks run; none of two runs at once.
  var run: TaskRun?
  /// The task whose own code runs, by number: its calls wait for the scheduler.
  var currentTask: Int?
  /// Entries of the schedule that the next run is to follow.
  var schedule: [ScheduleEntry] = []
  /// What the run that ended last has chosen, while the prelude reads it.
  var choices: [TaskName] = []
  /// The test that runs, and what it expects.
  var test: TestResult?
  var expectedFindings: [String] = []
  var failsOn: [DriverRange] = []
  /// Drivers for which the test is meant; empty: all.
  var onlyOn: [DriverRange] = []
  /// Checks of the running test that failed, and are not all among its failures.
  private var checksFailed: UInt64 = 0
  /// Those of them that are told.
  private var checksTold: UInt64 = 0
  /// What the results of all tests so far keep.
  private var kept = ReportMemory()
  /// Machines of the running test, in order of creation.
  var machinesOfTest: [MachineBox] = []
  /// The first failure of the running test, kept only where stories are told.
  var moment: FailureMoment?
  /// How often each injection of the options struck in tests that are over.
  var struck: [UInt64]
  /// Kinds of tables that came back from calls so far.
  var recordTypes: [(title: String, type: RecordType)] = []
  /// Owns what owns this.
  weak var lua: Interpreter?
  /// What the host keeps for machines of the running test.
  var modelMemory: ModelMemory

  init(
    options: RunOptions, machineType: HandleType, processType: HandleType, enclaveType: HandleType, provisionType: HandleType
  ) {
    self.options = options
    self.machineType = machineType
    self.processType = processType
    self.enclaveType = enclaveType
    self.provisionType = provisionType
    random = RandomStream(seed: options.seed, purpose: .script)
    modelMemory = ModelMemory(limit: options.modelMemory)
    struck = [UInt64](repeating: 0, count: options.injections.count)
    machines = HandleTable(type: machineType)
    processes = HandleTable(type: processType)
    enclaves = HandleTable(type: enclaveType)
    provisions = HandleTable(type: provisionType)
  }

  /// Forgets the objects of the test before; its handles are stale from now on.
  func beginTest(_ result: TestResult) {
    test = result
    expectedFindings = []
    (checksFailed, checksTold) = (0, 0)
    failsOn = []
    onlyOn = []
    machinesOfTest = []
    modelMemory = ModelMemory(limit: options.modelMemory)
    moment = nil
    run = nil
    currentTask = nil
    machines.removeAll()
    processes.removeAll()
    enclaves.removeAll()
    provisions.removeAll()
    images?.beginTest()
    random = RandomStream(seed: options.seed, purpose: .script)
  }

  func fail(_ failure: TestFailure) {
    if options.tellsStories, test?.failures.isEmpty == true { keepMoment(failure) }
    test?.failures.append(kept.add(failure))
  }

  /// The events of the test's machines for its result; nil where results have no room for so many any more.
  func keptTraces() -> [[Event]]? {
    let traces = machinesOfTest.map { $0.machine.environment.trace.events }
    return kept.add(traces: traces, limit: options.modelMemory) ? traces : nil
  }

  /// Failed checks of a test that are told one by one. A check in a loop must not make a report that nobody can read.
  private static let failedChecksMax: UInt64 = 1000

  /// Counts a check that failed; false where it is one too many to be told.
  func mayFailAgain() -> Bool {
    checksFailed += 1
    guard checksFailed <= Self.failedChecksMax, checksFailed == 1 || !kept.isFull else { return false }
    checksTold += 1
    return true
  }

  /// Says how many checks failed that are not told.
  func tellUntoldChecks() {
    guard checksFailed > checksTold, let test else { return }
    fail(
      TestFailure(
        file: test.file, line: test.line, message: "\(checksFailed - checksTold) more checks failed", traceback: "", lastEvents: []))
  }

  /// What the newest machine did last.
  var lastEvents: [Event] { machinesOfTest.last?.machine.environment.trace.suffix(8) ?? [] }
}

/// A machine behind a handle.
final class MachineBox {
  var machine: Machine
  /// Where the next enclave goes that names no base.
  var nextBase: UInt64 = 0x7e00_0000_0000
  /// Chooses whose turn it is where a schedule says nothing. It lies beside the machine, which is the same whoever drives it.
  var chooser: SeedChooser
  /// The script named its driver, so that the run's option does not change it.
  var isPinned = false
  init(_ machine: Machine) {
    self.machine = machine
    chooser = SeedChooser(seed: machine.configuration.seed)
  }

  /// Looks at the machine in place. A plain call on a struct that a class holds copies the whole struct first, and some of these looks
  /// are made for each page a script adds.
  func look<Value>(_ body: (inout Machine) -> Value) -> Value { body(&machine) }
}

/// A process behind a handle.
struct ProcessBox {
  let machine: MachineBox
  let id: ProcessID
}

/// An open descriptor behind a handle, and the enclave it leads to.
final class EnclaveBox {
  let machine: MachineBox
  let process: ProcessID
  let descriptor: FileDescriptor
  let id: EnclaveID
  /// Where it was closed, once it was.
  var closedAt: String?

  init(machine: MachineBox, process: ProcessID, descriptor: FileDescriptor, id: EnclaveID) {
    self.machine = machine
    self.process = process
    self.descriptor = descriptor
    self.id = id
  }
}

extension ScenarioContext {
  func machine(_ call: borrowing Call, _ position: Int = 1) throws(BindingError) -> MachineBox {
    guard let box = machines[try call.handle(position, machineType)] else {
      throw BindingError("this machine belongs to a test that has ended")
    }
    return box
  }

  func process(_ call: borrowing Call, _ position: Int = 1) throws(BindingError) -> ProcessBox {
    guard let box = processes[try call.handle(position, processType)] else {
      throw BindingError("this process belongs to a test that has ended")
    }
    return box
  }

  /// An enclave that is still open.
  func enclave(_ call: borrowing Call, _ position: Int = 1) throws(BindingError) -> EnclaveBox {
    guard let box = enclaves[try call.handle(position, enclaveType)] else {
      throw BindingError("this enclave belongs to a test that has ended")
    }
    if let place = box.closedAt { throw BindingError("this enclave was closed at \(place)") }
    guard box.machine.look({ $0.isOpen(box.descriptor, of: box.process, on: box.id) }) else {
      throw BindingError("this enclave is gone: its process has ended")
    }
    return box
  }
}
