import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// A machine of a history, and what is known of it.
struct World {
  var machine: Machine
  var processes: [ProcessID] = []
  /// Memory that ADD_PAGES copies from, by process: 1,024 pages.
  static let source = UserAddress(0x10_0000)
  static let sourcePages: UInt64 = 1024
  /// Descriptors of enclaves, closed ones among them for a while.
  var enclaves: [Handle] = []
  var devices: [(process: ProcessID, descriptor: FileDescriptor)] = []
  var basesUsed: UInt64 = 0
  /// Pages of the largest enclave so far.
  private(set) var pagesMax: UInt64 = 0

  struct Handle: Hashable {
    let process: ProcessID
    let descriptor: FileDescriptor
    /// Where its enclave is to lie.
    let base: UInt64
  }

  /// - Parameter looksClosely: laws are checked between the steps too, which takes so long that it is done on small machines only.
  init(driver: DriverVersion, random: inout RandomStream, looksClosely: Bool) {
    let sizes: [UInt32] = [20, 24, 32, 32, 48, 48, 64, 64, 96, 96, 160, 256, 700, 1500]
    let size = sizes[Int(random.next(below: UInt64(sizes.count)))]
    let profiles = ProcessorProfile.named
    let profile = random.next(below: 3) == 0 ? profiles[Int(random.next(below: UInt64(profiles.count)))] : .server
    var configuration = MachineConfiguration(pageCount: size, driver: driver, processor: profile, seed: random.next())
    if size >= 64, random.next(below: 4) == 0 {
      configuration.setSections(
        [EPCSection(pageCount: size / 2, node: 0), EPCSection(pageCount: size - size / 2, node: 1)], nodes: 2)
    }
    configuration.runsBackgroundReclaimer = random.next(below: 3) > 0
    configuration.checks = looksClosely && size <= 64 ? .everyStep : .everyOperation
    configuration.keepsWholeTrace = true
    configuration.recordsMax = 4096
    machine = Machine(configuration)
    for _ in 0...random.next(below: 3) { addProcess(&random) }
  }

  mutating func addProcess(_ random: inout RandomStream) {
    let process = machine.makeProcess(node: Int(random.next(below: UInt64(machine.configuration.nodeCount))))
    processes.append(process)
    let restarts = random.next(below: 2) == 0
    machine.withProcess(process) {
      $0.signals.setDisposition(.handler(restarts: restarts), of: SignalNumber(14)!)
      Self.mapSource(&$0)
    }
    if let device = machine.openProvision(for: process) { devices.append((process, device)) }
  }

  static func mapSource(_ process: inout Process) {
    _ = process.memory.map(at: source, length: ByteCount(sourcePages * pageSize), protection: [.read, .write, .execute])
  }

  var aliveProcesses: [ProcessID] { processes.filter { machine.driver.processes[$0.rawValue].isAlive } }

  /// Notes what a call that has ended brought.
  mutating func note(_ task: Testbench.Task) {
    if case .addPages(let add) = task.call, let enclave = machine.driver.enclaveID(of: add.descriptor, in: add.process) {
      pagesMax = max(pagesMax, machine.driver[enclave].slots.count)
    }
    if case .open(let open) = task.call, let descriptor = open.descriptor, task.outcome == .success {
      basesUsed += 1
      enclaves.append(Handle(process: open.process, descriptor: descriptor, base: 0x7000_0000_0000 + basesUsed << 24))
      if enclaves.count > 24 { enclaves.removeFirst(8) }
    }
  }
}
